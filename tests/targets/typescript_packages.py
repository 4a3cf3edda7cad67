"""Packages of the target `typescript`, generated for tests."""

from __future__ import annotations

from pathlib import Path

from fal_codegen.cli import run

TARGET = '[targets.typescript]\npackage = "fal-endpoints"\noutput = "package"\n'


def start(folder: Path, declaration: str, *sources: Path) -> Path:
    """Start a project with a declaration, and add all documents of some folders."""
    (folder / "specs").mkdir(parents=True)
    (folder / "specs" / "endpoints.toml").write_text(declaration, "utf-8")
    for source in sources:
        assert run(["add", "--project", str(folder), "--from", str(source)]) == 0
    return folder
