"""The target `typescript`: hostile text of documents stays text, in every position."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from documents import write
from fal_codegen.document.read import read
from fal_codegen.installation import packaged_templates
from fal_codegen.pipeline import build
from fal_codegen.project.declaration import Overrides, parse
from fal_codegen.project.inputs import Inputs
from test_hostile import PIECES, with_name, with_text

from .npm import App, installed, node
from .typescript_packages import TARGET, start

OURS = [
    *PIECES, "__proto__", "constructor", "*/ export const x = 1; /*", "@ts-ignore", "@deprecated",
    "a\n@deprecated b", "a\n * @param b", "`@x`", "`a\n@x`", "` @x", "{@link x}", "</script>",
    "<!--", "// @ts-nocheck", "/* @ts-expect-error */", "@jsx h", "\\u002a/", "*\\/", "**/",
    "\u2029", "\ufeff", "/// <reference path='x' />", "a " * 80 + "@deprecated " * 20,
]  # fmt: skip

BLANK = ["", " ", "\n\t"]


def texts() -> list[str]:
    """Return hostile texts: each piece, all of them, and some in an order of chance."""
    chance = random.Random(0)
    mixed = ["".join(chance.sample(OURS, 6)) for _ in range(60)]
    return [*BLANK, *OURS, "".join(OURS), " ".join(OURS), *mixed]


def generate(content: dict[str, Any]) -> dict[str, str]:
    """Generate a package from one document, and return what the document's text can reach."""
    data = json.dumps(content).encode()
    endpoints = {read(data).endpoint_id: Overrides()}
    declaration = replace(parse(TARGET), endpoints=endpoints)
    templates = {"typescript": [packaged_templates() / "typescript"]}
    made = build(Inputs(declaration, dict.fromkeys(endpoints, data), {}, templates))
    assert not made.errors
    (files,) = made.trees.values()
    return {path: text for path, text in files.items() if path.startswith("endpoints/")}


def skeletons(contents: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the skeletons of what documents come to, by the documents' names and by path."""
    made = {name: generate(content) for name, content in contents.items()}
    sources = {
        f"{number}/{path}": text
        for number, files in enumerate(made.values())
        for path, text in files.items()
    }
    found = json.loads(node("skeletons.cjs", given=sources))
    return {
        name: {path: found[f"{number}/{path}"] for path in files}
        for number, (name, files) in enumerate(made.items())
    }


@pytest.mark.node
def test_text_of_a_document_only_ever_appears_as_text() -> None:
    installed()
    found = skeletons({text: with_text(text) for text in ("n", *texts())})
    assert len(found["n"]) == 4
    for text in texts():
        # A neutral text with as much in it, so that both have the same optional parts.
        assert found[text] == found["n" if text.strip() else ""], text


@pytest.mark.node
def test_names_of_a_document_become_names_of_properties() -> None:
    installed()
    names = ["plain", *texts()]
    found = skeletons({name: with_name(name) for name in names})
    for name in names:
        assert found[name] == found["plain"], name
        assert all(skeleton[1] == 0 for skeleton in found[name].values())


@pytest.mark.node
def test_hostile_text_can_be_imported_and_is_what_it_was(app: App, tmp_path: Path) -> None:
    text = " ".join(OURS)
    contents = write(tmp_path / "documents", with_text(text))
    project = start(tmp_path / "project", TARGET, contents)
    app.install(project / "package")
    wire = text.replace("\ud800", "?").replace("\udfff", "?")  # no UTF-8 can carry these
    module = "fal-endpoints/zod/acme/blender"
    values = [{"sized": 1, "choice": f"x{wire}"}, {"sized": 1, "choice": f"x{wire} "}]
    assert app.accepts([(module, "Input", value) for value in values]) == [True, False]
