"""`remove`: every file of an endpoint is removed, and no edit is lost."""

from __future__ import annotations

from pathlib import Path

from projects import (
    DECLARATION,
    FAST,
    LOCK,
    MANIFEST,
    MODULE,
    OUTPUT,
    Cli,
    edit,
    problem,
    published,
)


def test_all_that_belongs_to_an_endpoint_goes(filled: Path, cli: Cli) -> None:
    ran = cli("remove", FAST, "--project", filled)
    assert ran.code == 0
    assert f"removed {MODULE}" in ran.out
    left = published(filled)
    assert not [path for path in left if "fast" in path]
    for path in (DECLARATION, LOCK, MANIFEST):
        assert b"fast" not in left[path]
    assert not (filled / "specs/acme/blender").exists()
    assert not (filled / OUTPUT / "fal_endpoints/acme/blender").exists()
    assert cli("check", "--project", filled).code == 0


def test_a_document_changed_by_hand_is_kept(filled: Path, cli: Cli) -> None:
    edit(filled / "specs/acme/blender/fast.json", "Blends", "Cuts")
    ran = cli("remove", FAST, "--project", filled)
    assert ran.code == 0
    assert "kept specs/acme/blender/fast.json: it was edited by hand" in ran.out
    assert (filled / "specs/acme/blender/fast.json").is_file()
    assert not (filled / MODULE).exists()


def test_one_that_is_not_declared_keeps_all_in_place(filled: Path, cli: Cli) -> None:
    before = published(filled)
    problem(cli("remove", FAST, "acme/other", "--project", filled), "acme/other: ")
    assert published(filled) == before
