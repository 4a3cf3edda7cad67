"""How-to pages that need more endpoints than this repository has: pipelines, private apps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from documents import document, obj
from fal_codegen.cli import run as fal_codegen
from fal_codegen.emulator import Emulator, load_documents

from .examples import ROOT, Page
from .programs import run_python

pytestmark = pytest.mark.guide

PIPELINES = Page(ROOT / "docs/how-to/pipelines.md")
PRIVATE = Page(ROOT / "docs/how-to/private-apps.md")

PICTURE = obj(
    {"url": {"type": "string"}, "content_type": {"type": "string"}, "width": {"type": "integer"}}
)
DRAWING = document(
    "fal-ai/flux/dev",
    output=obj({"images": {"type": "array", "items": {"$ref": "#/components/schemas/Picture"}}}),
    components={"Picture": PICTURE},
)
"""An endpoint that draws pictures, with the input and output that the page uses."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project with the endpoints of the pages."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "drawing.json").write_text(json.dumps(DRAWING), "utf-8")
    (folder / "portrait.json").write_text(PRIVATE.file("portrait.json").source, "utf-8")
    video = ROOT / "specs/fal-ai/pika/v2.2/image-to-video.json"
    assert fal_codegen(["init", str(folder)]) == 0
    for path in (folder / "drawing.json", folder / "portrait.json", video):
        assert fal_codegen(["add", "--project", str(folder), "--from", str(path)]) == 0
    return folder


@pytest.fixture(scope="module")
def served(project: Path) -> Iterator[Emulator]:
    with Emulator(load_documents([project / "specs"])) as emulator:
        yield emulator


@pytest.fixture
def emulator(served: Emulator) -> Emulator:
    served.reset()
    return served


def run(page: Page, title: str, project: Path, emulator: Emulator, folder: Path) -> str:
    (folder / title).write_text(page.file(title).source, "utf-8")
    client = project / "generated/python"
    return run_python(title, folder=folder, emulator=emulator, client=client)


def inputs(emulator: Emulator, endpoint: str) -> list[Any]:
    return [entry.json for entry in emulator.journal.select("submit", path=endpoint)]


def test_a_pipeline_passes_the_url_of_a_result(
    project: Path, emulator: Emulator, tmp_path: Path
) -> None:
    assert run(PIPELINES, "pipeline.py", project, emulator, tmp_path) == "lighthouse.mp4\n"
    assert (tmp_path / "lighthouse.mp4").stat().st_size
    [video] = inputs(emulator, "image-to-video")
    assert video["image_url"].startswith(f"{emulator.base_url}/files/")
    assert emulator.journal.count("upload") == 0


def test_pipelines_run_at_the_same_time(project: Path, emulator: Emulator, tmp_path: Path) -> None:
    printed = run(PIPELINES, "pipeline_async.py", project, emulator, tmp_path)
    assert printed.count(".mp4\n") == 3
    assert len(inputs(emulator, "flux/dev")) == len(inputs(emulator, "image-to-video")) == 3


def test_a_batch_of_pipelines_can_be_run_again(
    project: Path, emulator: Emulator, tmp_path: Path
) -> None:
    for _ in range(2):
        printed = run(PIPELINES, "pipeline_batch.py", project, emulator, tmp_path)
        assert printed.count(".mp4\n") == 3
    assert emulator.journal.count("submit") == 6


def test_a_private_app(project: Path, emulator: Emulator, tmp_path: Path) -> None:
    assert run(PRIVATE, "portrait.py", project, emulator, tmp_path) == "portrait.png\n"
    assert inputs(emulator, "portrait") == [{"prompt": "a lighthouse keeper", "size": 1024}]
