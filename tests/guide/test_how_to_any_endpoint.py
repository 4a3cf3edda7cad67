"""The page on endpoints by their ids, whose endpoints this repository does not declare."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from documents import document, obj
from fal_codegen.emulator import Emulator

from .examples import ROOT, Page
from .programs import run_python

pytestmark = pytest.mark.guide

PAGE = Page(ROOT / "docs/how-to/any-endpoint.md")

TEXT = {"type": "string"}
INPUT = obj({"prompt": TEXT}, additionalProperties=True)
OUTPUT = obj({"image": obj({"url": TEXT, "content_type": TEXT, "width": {"type": "integer"}})})


@pytest.fixture(scope="module")
def served() -> Iterator[Emulator]:
    ids = ("my-team/portrait", "workflows/my-team/poster")
    with Emulator([document(id_, input=INPUT, output=OUTPUT) for id_ in ids]) as emulator:
        yield emulator


@pytest.fixture
def emulator(served: Emulator) -> Emulator:
    served.reset()
    return served


def run(title: str, folder: Path, emulator: Emulator) -> str:
    (folder / title).write_text(PAGE.file(title).source, "utf-8")
    return run_python(title, folder=folder, emulator=emulator)


def test_an_endpoint_that_is_not_declared(emulator: Emulator, tmp_path: Path) -> None:
    (tmp_path / "first-frame.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    assert run("by_id.py", tmp_path, emulator) == "portrait.png\n"
    assert (tmp_path / "portrait.png").stat().st_size
    [submitted] = emulator.journal.select("submit")
    assert submitted.path == "/queue/my-team/portrait"
    assert submitted.json["prompt"] == "a lighthouse keeper"
    assert submitted.json["photos"][0].startswith("data:image/png;base64,")


def test_a_stored_job(emulator: Emulator, tmp_path: Path) -> None:
    run("store.py", tmp_path, emulator)
    collected = run("collect.py", tmp_path, emulator)
    assert collected.startswith("my-team/portrait {'image': {")
    assert emulator.journal.count("submit") == 1


def test_the_events_of_a_workflow(emulator: Emulator, tmp_path: Path) -> None:
    emulator.emulate("logs=2")
    first, *_, last = run("poster.py", tmp_path, emulator).splitlines()
    assert first == "step-1: submitted to workflows/my-team/poster"
    assert last.startswith("result: {'image': {")
    emulator.emulate("model-error=content_policy_violation")
    failed = run("poster.py", tmp_path, emulator)
    assert "step-1: workflows/my-team/poster, request" in failed
    assert "Content policy violation" in failed
