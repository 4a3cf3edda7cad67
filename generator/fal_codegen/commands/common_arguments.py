"""Arguments that several commands have.

Only cheap imports here: a run with nothing to do needs this.
"""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path

from fal_codegen.errors import ProjectError
from fal_codegen.paths import DECLARATION, find_project


def add_project(parser: ArgumentParser) -> None:
    """Add `--project`."""
    parser.add_argument(
        "--project",
        type=_project_folder,
        metavar="DIR",
        help="project folder (default: the nearest with specs/endpoints.toml, from here upwards)",
    )


def add_declared_ids(parser: ArgumentParser) -> None:
    """Add the ids of declared endpoints, all of them if none is given."""
    parser.add_argument("ids", nargs="*", metavar="ID", help="a declared endpoint (default: all)")


def add_source_path(parser: ArgumentParser) -> None:
    """Add `--from`."""
    parser.add_argument(
        "--from",
        dest="sources",
        type=not_empty,
        nargs="+",
        action="extend",
        metavar="FILE_OR_DIR",
        help="read documents from these files, or from every *.json file of these folders, instead "
        "of fetching them; with IDs, only the documents of these endpoints",
    )


def add_url(parser: ArgumentParser) -> None:
    """Add `--url`."""
    parser.add_argument(
        "--url",
        type=_url,
        help="address of the documents, instead of fetch.url in endpoints.toml",
    )


def add_catalogue(parser: ArgumentParser) -> None:
    """Add `--catalogue`."""
    parser.add_argument(
        "--catalogue",
        type=_url,
        metavar="URL",
        help="address of the catalogue, instead of fetch.catalogue in endpoints.toml",
    )


def add_category(parser: ArgumentParser) -> None:
    """Add `--category`."""
    parser.add_argument(
        "--category",
        default="",
        help="endpoints of this category of the catalogue, such as image-to-video",
    )


def add_json(parser: ArgumentParser) -> None:
    """Add `--json` (see `json_results`)."""
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def add_current_documents(parser: ArgumentParser) -> None:
    """Add the arguments that `sources.current_documents` reads."""
    add_declared_ids(parser)
    add_source_path(parser)
    add_url(parser)
    add_catalogue(parser)


def project_of(options: Namespace) -> Path:
    """Return the project that a command works on.

    Raises:
        ProjectError: No project is named, or found here.
    """
    named: Path | None = options.project
    return named or find_project(Path.cwd())


def project_if_any(options: Namespace) -> Path | None:
    """Return the project that a command works on; None if there is none."""
    try:
        return project_of(options)
    except ProjectError:
        return None


def not_empty(text: str) -> str:
    """Return the text of an argument that must not be empty. An empty path is the current folder.

    Raises:
        ArgumentTypeError: It is empty, which it is if a variable of the shell is not set.
    """
    if not text.strip():
        raise ArgumentTypeError("the path is empty; is a variable not set?")
    return text


def named_path(text: str) -> Path:
    """Return the path in an argument. Raises ArgumentTypeError if it is empty."""
    return Path(not_empty(text))


def _project_folder(text: str) -> Path:
    folder = named_path(text)
    if not (folder / DECLARATION).is_file():
        raise ArgumentTypeError(f"{text} has no {DECLARATION}; start a project: fal-codegen init")
    return folder.resolve()


def _url(text: str) -> str:
    if not text.startswith(("https://", "http://")):
        raise ArgumentTypeError(f"{text} does not start with https:// or http://")
    return text
