"""What earlier runs made is used again, and never shows: the files are those of a first run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from projects import BLENDER, FAST, MODULE, OUTPUT, Cli, edit, problem, published

MEMORY = ".fal-codegen/memory.json"


def no_memory(project: Path) -> None:
    (project / MEMORY).unlink()


def junk(project: Path) -> None:
    (project / MEMORY).write_bytes(b"\xff{")


def of_another_form(project: Path) -> None:
    (project / MEMORY).write_text('{"outlines": {"a": {"repairs": 1}}, "files": []}', "utf-8")


def of_no_use(project: Path) -> None:
    memory = json.loads((project / MEMORY).read_text("utf-8"))
    for entry in memory["files"].values():
        entry[1] = "0" * 64
    (project / MEMORY).write_text(json.dumps(memory), "utf-8")


def as_it_is(project: Path) -> None:
    pass


@pytest.mark.parametrize("damage", [as_it_is, no_memory, junk, of_another_form, of_no_use])
def test_a_changed_document_comes_to_what_a_first_run_makes_of_it(
    filled: Path, cli: Cli, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    edit(filled / f"specs/{FAST}.json", "Blends two things.", "Cuts things.")
    damage(filled)
    ran = cli("generate", "--project", filled)
    assert f"wrote {MODULE}" in ran.out
    assert "Cuts things." in (filled / MODULE).read_text("utf-8")

    fresh = tmp_path / "fresh"
    shutil.copytree(filled, fresh, ignore=shutil.ignore_patterns(".fal-codegen*", "generated"))
    assert cli("generate", "--project", fresh).code == 0
    assert published(fresh) == published(filled)


def test_a_file_edited_by_hand_is_not_taken_for_what_was_generated(filled: Path, cli: Cli) -> None:
    edit(filled / MODULE)
    edit(filled / f"specs/{BLENDER}.json", "Blends two things.", "Cuts things.")
    problem(cli("generate", "--project", filled), MODULE)
    assert cli("generate", "--project", filled, "--force").code == 0
    assert "# by hand" not in (filled / MODULE).read_text("utf-8")


def test_a_changed_template_is_seen_everywhere(filled: Path, cli: Cli) -> None:
    own = filled / "templates/python/header.jinja"
    own.parent.mkdir(parents=True)
    own.write_text("# Ours, from {{ source }}.\n", "utf-8")
    assert cli("generate", "--project", filled).code == 0
    for path in (filled / OUTPUT).rglob("*.py"):
        assert path.read_text("utf-8").startswith("# Ours, from ")
