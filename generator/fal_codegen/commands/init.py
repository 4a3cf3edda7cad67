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

_WORKFLOW = f"""\
# Fails when generated/ is not what specs/ produces.
name: fal-codegen
on: [push, pull_request]
permissions:
  contents: read
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          persist-credentials: false
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: pip install fal-codegen=={__version__}
      - run: fal-codegen check
"""

_FILES = {
    str(DECLARATION): _DECLARATION,
    ".github/workflows/fal-codegen.yml": _WORKFLOW,
}


def init(folder: Path, console: Console) -> Exit:
    """Start a project in a folder; nothing that is there is overwritten.

    Raises:
        UsageError: One of the files to be written is there already.
    """
    taken = [path for path in _FILES if (folder / path).exists()]
    if taken:
        raise UsageError(
            f"{folder / taken[0]} is there already",
            hint="go on with that project (fal-codegen add ID), or start one in another folder",
        )
    for path, text in _FILES.items():
        write_atomic(folder / path, text)
        console.say(f"wrote {folder / path}")
    where = "" if folder == Path() else f"cd {folder} && "
    console.say(f"next: {where}fal-codegen add fal-ai/flux/dev")
    return Exit.FINE
