"""Pages of genuine documents: their examples are valid, and their programs run."""

from __future__ import annotations

import json
import random
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from fal_codegen.cli import run
from fal_codegen.document.read import read
from fal_codegen.emulator import Emulator
from fal_codegen.emulator.endpoints.served_endpoint import ServedEndpoint
from fal_codegen.installation import packaged_templates
from fal_codegen.pipeline import build
from fal_codegen.project.declaration import Overrides, parse
from fal_codegen.project.inputs import Inputs

from .pages import (
    DECLARATION,
    RUN_PYTHON,
    Site,
    examples,
    execute,
    fenced,
    sent_is_what_the_pages_show,
    written,
)


@pytest.fixture(scope="module")
def genuine_by_id(genuine: tuple[Path, ...]) -> dict[str, bytes]:
    return {read(data).endpoint_id: data for data in (path.read_bytes() for path in genuine)}


@pytest.mark.corpus
def test_every_genuine_document_has_a_page_whose_examples_are_valid(
    genuine_by_id: dict[str, bytes],
) -> None:
    endpoints = {endpoint_id: Overrides() for endpoint_id in sorted(genuine_by_id)}
    declaration = replace(parse('[targets.docs]\noutput = "out"'), endpoints=endpoints)
    templates = {"docs": [packaged_templates() / "docs"]}
    made = build(Inputs(declaration, genuine_by_id, {}, templates))
    (files,) = made.trees.values()
    pages = [path for path in files if path.startswith("pages/endpoints/") and path.endswith(".md")]
    assert len(pages) == len(genuine_by_id) - len(made.errors)
    refused = {error.endpoint for error in made.errors}
    for endpoint_id, data in genuine_by_id.items():
        if endpoint_id in refused:
            continue
        page = files[f"pages/endpoints/{endpoint_id}.md"]
        for source in fenced(page, "python"):
            compile(source, endpoint_id, "exec")
        endpoint = ServedEndpoint(json.loads(data))
        inputs, results = examples(page)
        assert [endpoint.problems(given) for given in inputs] == [[]] * len(inputs), endpoint_id
        assert all(map(endpoint.is_valid_output, results)), endpoint_id


@pytest.mark.corpus
def test_programs_of_genuine_documents_run(genuine_by_id: dict[str, bytes], tmp_path: Path) -> None:
    sample = random.Random(1).sample(sorted(genuine_by_id), 30)
    for number, endpoint_id in enumerate(sample):
        (tmp_path / f"{number}.json").write_bytes(genuine_by_id[endpoint_id])
    project = tmp_path / "project"
    assert run(["init", str(project)]) == 0
    with (project / "specs/endpoints.toml").open("a", encoding="utf-8") as declaration:
        declaration.write(DECLARATION)
    assert run(["add", "--project", str(project), "--from", str(tmp_path)]) == 0
    documents = [json.loads(genuine_by_id[endpoint_id]) for endpoint_id in sample]
    site = Site(documents, project / "generated/docs/pages", project / "generated/python")
    (tmp_path / "run.py").write_text(RUN_PYTHON, "utf-8")
    with Emulator(documents) as emulator:
        paths = written(site.programs("python"), tmp_path, "py", emulator)
        execute([sys.executable, "run.py", emulator.base_url, *paths], emulator, site, tmp_path)
        sent_is_what_the_pages_show(site, emulator, each=3)
