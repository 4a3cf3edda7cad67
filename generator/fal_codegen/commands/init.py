"""`init`: the files that a new project starts with."""

from __future__ import annotations

from pathlib import Path

from fal_codegen.commands import Exit
from fal_codegen.commands.origin import UNKNOWN, install_command
from fal_codegen.console import Console
from fal_codegen.errors import UsageError
from fal_codegen.paths import DECLARATION
from fal_codegen.project.atomic_files import write_atomic

_DECLARATION = """\
# The endpoints of this project, and what is generated for them.
# `fal-codegen add ID` and `fal-codegen remove ID` edit this file and keep what else is in it.

[targets.python]
package = "fal_endpoints"
output = "generated/python"
version = "0.1.0"
"""

_GIT_FILES = {
    ".gitattributes": """\
specs/** text=auto eol=lf
specs/endpoints.toml merge=union
specs/endpoints.lock merge=union
specs/history.jsonl merge=union
generated/** text=auto eol=lf linguist-generated=true
generated/**/.fal-codegen.json merge=union
""",
    ".gitignore": """\
.fal-codegen/
.fal-codegen-*.tmp
__pycache__/
""",
}
"""What git is to know of a project. Union merges keep what two branches add; what they make of the
rest, `generate` puts right."""

_WORKFLOWS = {"fal-codegen.yml": "", "fal-drift.yml": "drift"}
"""Workflows for GitHub, in the folder beside this module, with the extra that each needs; `INSTALL`
is the command that installs this tool."""


def _files() -> dict[str, str]:
    """Return the text of each file of a new project, by path."""
    folder = Path(__file__).with_name("workflows")
    workflows = {
        f".github/workflows/{name}": (folder / name)
        .read_text("utf-8")
        .replace("INSTALL", install_command(extra))
        for name, extra in _WORKFLOWS.items()
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
    for path, text in _GIT_FILES.items():
        _add_lines(folder / path, text.splitlines(), console)
    if install_command() == UNKNOWN:
        workflows = folder / ".github/workflows"
        console.say(f"edit {workflows}/*.yml: say there where to install fal-codegen from")
    if top := _repository_above(folder):
        console.say(
            f"GitHub ignores {folder / '.github'}, because the repository starts at {top}: "
            "move it there, and let its workflows work in your project's folder"
        )
    where = "" if folder == Path() else f"cd {folder} && "
    console.say(f"next: {where}fal-codegen add fal-ai/flux/dev")
    return Exit.FINE


def _repository_above(folder: Path) -> Path | None:
    """Return the top of the repository that a folder is inside of, unless it is the top itself."""
    here, *above = (folder.resolve(), *folder.resolve().parents)
    if (here / ".git").exists():
        return None
    return next((path for path in above if (path / ".git").exists()), None)


def _add_lines(path: Path, lines: list[str], console: Console) -> None:
    """Add the lines that a file of the user's does not have yet, and change nothing else in it."""
    there = path.read_bytes() if path.is_file() else b""
    known = {line.strip() for line in there.decode(errors="replace").splitlines()}
    missing = [line for line in lines if line not in known]
    if not missing:
        return
    newline = "\r\n" if b"\r\n" in there else "\n"
    start = newline if there and not there.endswith(b"\n") else ""
    with path.open("ab") as file:
        file.write((start + "".join(line + newline for line in missing)).encode())
    console.say(f"{'added to' if there else 'wrote'} {path}")
