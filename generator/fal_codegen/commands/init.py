"""`init`: write the files that a new project starts with."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path

from fal_codegen.commands import add
from fal_codegen.commands.common_arguments import add_source_path, named_path
from fal_codegen.console import Console
from fal_codegen.errors import ProjectError, UsageError
from fal_codegen.exit_codes import ExitCode
from fal_codegen.install_command import UNKNOWN, install_command
from fal_codegen.paths import DECLARATION, SCHEMAS, find_project
from fal_codegen.project.atomic_files import write_atomic
from fal_codegen.project.editor_schemas import directive, schema_text

EXAMPLE = """\
fal-codegen init my-clients
fal-codegen init my-clients --add fal-ai/flux/dev"""

_DECLARATION = f"""\
{directive(DECLARATION)}
# The endpoints of this project, and what is generated for them.
# `fal-codegen add ID` and `fal-codegen remove ID` edit this file and keep everything else in it.

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
.venv/
node_modules/
__pycache__/
""",
}
"""Settings of git. A union merge keeps what both branches add, and `generate` repairs the rest."""

_WORKFLOWS = {"fal-codegen.yml": "", "fal-drift.yml": "drift"}
"""GitHub workflows in the folder `workflows`, with the extra that each needs. `INSTALL` in them
stands for the command that installs this tool."""

_PUBLISHING = {"fal-publish.yml": ""}
"""The workflow that `--publish` adds."""


def arguments(parser: ArgumentParser) -> None:
    """Add the arguments of `init`."""
    parser.add_argument(
        "folder",
        nargs="?",
        type=named_path,
        default=Path(),
        help="project folder (default: the current folder)",
    )
    parser.add_argument(
        "--publish",
        action="store_true",
        help="add a workflow that publishes the generated packages to PyPI and npm when you push a "
        "tag; in an existing project, write only that",
    )
    parser.add_argument(
        "--add",
        dest="ids",
        nargs="+",
        action="extend",
        default=[],
        metavar="ID",
        help="also add these endpoints, as fal-codegen add does",
    )
    add_source_path(parser)


def run(options: Namespace, console: Console) -> ExitCode:
    """Start a project in a folder, and add endpoints to it. Existing files are not overwritten.

    Raises:
        UsageError: A file to be written exists.
        CodegenError: An endpoint could not be added. The project exists.
    """
    folder: Path = options.folder
    is_new = not options.publish or not (folder / DECLARATION).exists()
    files = {
        **(_new_project() if is_new else {}),
        **(_workflows(_PUBLISHING) if options.publish else {}),
    }
    existing = [path for path in files if (folder / path).exists()]
    if existing:
        raise UsageError(
            f"{folder / existing[0]} already exists",
            hint="continue with that project (fal-codegen add ID), or choose another folder"
            if is_new
            else "move it away to get the workflow of this version of fal-codegen",
        )
    for path, text in files.items():
        write_atomic(folder / path, text)
        console.say(f"wrote {folder / path}")
    for path, text in _GIT_FILES.items() if is_new else ():
        _add_lines(folder / path, text.splitlines(), console)
    if install_command() == UNKNOWN:
        workflows = folder / ".github/workflows"
        console.say(f"{workflows}/*.yml fail until you set the command that installs fal-codegen")
    if root := _enclosing_repository(folder):
        console.say(
            f"GitHub ignores {folder / '.github'}, because the repository starts at {root}: "
            "move it there, and set the working directory of its workflows to your project"
        )
    if is_new and (outer := _enclosing_project(folder)):
        console.say(f"{folder} is inside another project, {outer}")
    if options.publish:
        console.say("before the first release: follow the comment at the top of fal-publish.yml")
    if options.ids or options.sources:
        return _add(options, console)
    if is_new:
        prefix = "" if folder == Path() else f"cd {folder} && "
        console.say(f"next: {prefix}fal-codegen add fal-ai/flux/dev")
    return ExitCode.SUCCESS


def _add(options: Namespace, console: Console) -> ExitCode:
    """Run `add` in the new project."""
    parser = ArgumentParser()
    add.arguments(parser)
    given = Namespace(project=options.folder.resolve(), sources=options.sources)
    # After `--`, nothing is mistaken for an option.
    return add.run(parser.parse_args(["--", *options.ids], given), console)


def _new_project() -> dict[str, str]:
    """Return the text of each file that only a new project gets, by path."""
    schemas = {str(path): schema_text(file) for file, path in SCHEMAS.items()}
    return {str(DECLARATION): _DECLARATION, **schemas, **_workflows(_WORKFLOWS)}


def _workflows(extras: Mapping[str, str]) -> dict[str, str]:
    """Return the text of workflows by path, from the extra that each needs by its name."""
    folder = Path(__file__).with_name("workflows")
    return {
        f".github/workflows/{name}": (folder / name)
        .read_text("utf-8")
        .replace("INSTALL", install_command(extra))
        for name, extra in extras.items()
    }


def _enclosing_repository(folder: Path) -> Path | None:
    """Return the root of the repository that a folder is inside of, unless it is the root."""
    here, *above = (folder.resolve(), *folder.resolve().parents)
    if (here / ".git").exists():
        return None
    return next((path for path in above if (path / ".git").exists()), None)


def _enclosing_project(folder: Path) -> Path | None:
    """Return the project that a folder is inside of; None if there is none."""
    try:
        return find_project(folder.resolve().parent)
    except ProjectError:
        return None


def _add_lines(path: Path, lines: Sequence[str], console: Console) -> None:
    """Add the lines that a file of the user's lacks, and change nothing else in it."""
    content = path.read_bytes() if path.is_file() else b""
    existing = {line.strip() for line in content.decode(errors="replace").splitlines()}
    missing = [line for line in lines if line not in existing]
    if not missing:
        return
    newline = "\r\n" if b"\r\n" in content else "\n"
    start = newline if content and not content.endswith(b"\n") else ""
    with path.open("ab") as file:
        file.write((start + "".join(line + newline for line in missing)).encode())
    console.say(f"{'added to' if content else 'wrote'} {path}")
