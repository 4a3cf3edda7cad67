"""Names in the project that most tests copy, and helpers that edit and inspect a project."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from conftest import Ran
from fal_codegen.exit_codes import ExitCode
from folders import tree

Cli = Callable[..., Ran]

BLENDER, FAST = "acme/blender", "acme/blender/fast"
DECLARATION, LOCK = "specs/endpoints.toml", "specs/endpoints.lock"
OUTPUT = "generated/python"
MODULE = f"{OUTPUT}/fal_endpoints/acme/blender/fast.py"
DOCUMENTATION = f"{OUTPUT}/fal_endpoints/_documentation.jsonl"
MANIFEST = f"{OUTPUT}/.fal-codegen.json"


def published(project: Path) -> dict[str, bytes]:
    """Return every file of a project except those in the tool's private folder."""
    return {
        path: data for path, data in tree(project).items() if not path.startswith(".fal-codegen/")
    }


def edit(path: Path, old: str = "", new: str = "\n# by hand\n") -> None:
    """Replace text in a file; by default, add a line at its end."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new) if old else text + new, "utf-8")


def problem(ran: Ran, *parts: str) -> None:
    """Assert that a command failed, with one error message that has these parts."""
    assert ran.code == ExitCode.FAILURE
    assert ran.err.startswith(("error: ", "usage: "))
    assert "Traceback" not in ran.err
    for part in parts:
        assert part in ran.err
