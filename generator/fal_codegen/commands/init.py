"""`init`: the files that a new project starts with."""

from __future__ import annotations

from pathlib import Path

from fal_codegen import __version__
from fal_codegen.commands import Exit
from fal_codegen.console import Console
from fal_codegen.errors import UsageError
from fal_codegen.files import write_atomic
from fal_codegen.project import DECLARATION

_DECLARATION = """\
# The endpoints of this project, and what is generated for them.
# `fal-codegen add ID` and `fal-codegen remove ID` edit this file and keep what else is in it.

[targets.python]
package = "fal_endpoints"
output = "generated/python"
version = "0.1.0"
"""

_WORKFLOWS = ("fal-codegen.yml", "fal-drift.yml")
"""Workflows for GitHub, in the folder beside this module; `INSTALL` is what they install."""


def _files() -> dict[str, str]:
    """Return the text of each file of a new project, by path."""
    folder = Path(__file__).with_name("workflows")
    workflows = {
        f".github/workflows/{name}": (folder / name)
        .read_text("utf-8")
        .replace("INSTALL", f"fal-codegen=={__version__}")
        for name in _WORKFLOWS
    }
    return {str(DECLARATION): _DECLARATION, **workflows}


def init(folder: Path, console: Console) -> Exit:
    """Start a project in a folder; nothing that is there is overwritten.

    Raises:
        UsageError: One of the files to be written is there already.
    """
    files = _files()
    taken = [path for path in files if (folder / path).exists()]
    if taken:
        raise UsageError(
            f"{folder / taken[0]} is there already",
            hint="go on with that project (fal-codegen add ID), or start one in another folder",
        )
    for path, text in files.items():
        write_atomic(folder / path, text)
        console.say(f"wrote {folder / path}")
    where = "" if folder == Path() else f"cd {folder} && "
    console.say(f"next: {where}fal-codegen add fal-ai/flux/dev")
    return Exit.FINE
