"""The paths that CONTRIBUTING.md describes lead through files and names that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = [
    ROOT / folder
    for folder in (
        ".",
        "generator/fal_codegen",
        "templates/python/runtime",
        "templates/python/runtime/protocol",
        "templates/python/runtime/transport",
    )
]
EXAMPLE = "my_target"  # a target that a reader adds
TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
WHERE_TO_LOOK = TEXT.partition("### Where to look")[2].partition("\n## ")[0]
FILES = sorted(
    {file for file in re.findall(r"`([\w/]+\.py)`", WHERE_TO_LOOK) if EXAMPLE not in file}
)
NAMES = [
    (name, file)
    for name, file in re.findall(r"`(\w+)` (?:in|of) `([\w/]+\.py)`", WHERE_TO_LOOK)
    if file in FILES
]


def named(file: str) -> list[Path]:
    return [folder / file for folder in FOLDERS if (folder / file).is_file()]


@pytest.mark.parametrize("file", FILES)
def test_a_named_file_exists(file: str) -> None:
    assert named(file)


@pytest.mark.parametrize(("name", "file"), NAMES)
def test_a_name_is_in_the_file_that_is_named_with_it(name: str, file: str) -> None:
    assert any(re.search(rf"\b{name}\b", path.read_text("utf-8")) for path in named(file))


def test_the_four_paths_are_described() -> None:
    assert len(re.findall(r"^\*\*.*\?\*\*", WHERE_TO_LOOK, re.M)) == 4
