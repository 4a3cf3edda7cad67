"""The arguments of the command line: which commands there are, and what each of them takes.

argparse, because a check with nothing to do must cost little more than starting Python; importing
click alone would cost more than that.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from fal_codegen import __version__
from fal_codegen.paths import DECLARATION

_EPILOG = """\
exit codes:
  0  fine
  1  something differs
  2  wrong usage, or it could not be done
  3  fal changed something that breaks callers (drift, diff)

example:
  fal-codegen init && fal-codegen add fal-ai/flux/dev
"""


def parser() -> argparse.ArgumentParser:
    """Return what reads the command line: every command with its options, and an example."""
    root = argparse.ArgumentParser(
        prog="fal-codegen",
        description="Typed clients for fal endpoints, generated from their OpenAPI documents.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,  # half of --force must not overwrite what was edited
    )
    root.add_argument(
        "--debug", action="store_true", help="show the traceback of whatever goes wrong"
    )
    root.add_argument("--version", action="version", version=f"fal-codegen {__version__}")
    commands = root.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(
        name: str, about: str, example: str, *, in_project: bool = True
    ) -> argparse.ArgumentParser:
        sub = commands.add_parser(
            name,
            help=about,
            description=f"{about[0].upper()}{about[1:]}.",
            epilog=f"example:\n  {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,  # half of --force must not overwrite what was edited
        )
        sub.add_argument(
            "--debug", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS
        )
        if in_project:
            sub.add_argument(
                "--project",
                type=_project,
                metavar="DIR",
                help="the project; if left out, the nearest folder upwards with a declaration",
            )
        return sub

    init = command(
        "init",
        "start a project: declaration, folders, CI workflow",
        "fal-codegen init my-clients",
        in_project=False,
    )
    init.add_argument(
        "folder", nargs="?", type=Path, default=Path(), help="where; here if left out"
    )
    search = command(
        "search",
        "look for endpoints in fal's catalogue",
        "fal-codegen search pika --category image-to-video",
    )
    search.add_argument(
        "words",
        nargs="*",
        metavar="TEXT",
        help="words of their name, description or category; all endpoints if left out",
    )
    search.add_argument(
        "--status", choices=("active", "deprecated"), default="", help="both if left out"
    )
    search.add_argument(
        "--json",
        action="store_true",
        help="print JSON: {endpoints: [{id, title, category, status, tags, description, "
        "declared}]}",
    )
    add = command(
        "add",
        "fetch endpoints' documents, declare the endpoints, and generate",
        "fal-codegen add fal-ai/flux/dev fal-ai/flux/schnell\n"
        "  fal-codegen add --match 'fal-ai/pika/**'",
    )
    add.add_argument(
        "ids",
        nargs="*",
        type=_endpoint,
        metavar="ID",
        help="endpoint id, as on its page on fal.ai, or that page's address",
    )
    add.add_argument(
        "--match",
        dest="pattern",
        default="",
        metavar="PATTERN",
        help="endpoints of the catalogue by their ids: * is any part of a segment, "
        "** any part of an id",
    )
    add.add_argument("--all", action="store_true", help="all endpoints of the catalogue")
    for sub in (search, add):
        sub.add_argument(
            "--category",
            default="",
            help="endpoints of the catalogue of one category, such as image-to-video",
        )
    remove = command(
        "remove",
        "take endpoints out, with their documents and generated files",
        "fal-codegen remove fal-ai/flux/schnell",
    )
    remove.add_argument("ids", nargs="+", metavar="ID", help="a declared endpoint")
    listing = command(
        "list", "show the declared endpoints and how they are called", "fal-codegen list"
    )
    listing.add_argument(
        "--repairs", action="store_true", help="show what was repaired in their documents instead"
    )
    fetch = command(
        "fetch",
        "fetch the documents of declared endpoints, without generating",
        "fal-codegen fetch fal-ai/flux/dev",
    )
    fetch.add_argument("ids", nargs="*", metavar="ID", help="all declared endpoints if left out")
    drift = command(
        "drift",
        "report what fal changed in documents of declared endpoints, and which callers it breaks",
        "fal-codegen drift --fail-on breaking",
    )
    diff = command(
        "diff",
        "report what changed between two documents, folders or git revisions, offline",
        "fal-codegen diff before.json after.json\n  fal-codegen diff --rev v1.0..HEAD",
    )
    diff.add_argument("old", nargs="?", type=Path, metavar="OLD", help="a document, or a folder")
    diff.add_argument("new", nargs="?", type=Path, metavar="NEW", help="the newer one")
    diff.add_argument("--rev", metavar="A..B", help="compare specs/ of two git revisions instead")
    update = command(
        "update",
        "apply what fal changed: fetch, report, vendor, and generate",
        "fal-codegen update",
    )
    for sub in (drift, update):
        sub.add_argument("ids", nargs="*", metavar="ID", help="all declared endpoints if left out")
    for sub in (add, drift, update):
        sub.add_argument(
            "--from",
            dest="source",
            type=Path,
            metavar="FILE_OR_DIR",
            help="read documents from disk instead of fetching them: one file, or the *.json of a "
            "folder; with IDs, only these",
        )
    for sub in (drift, diff, update):
        sub.add_argument(
            "--format",
            choices=("text", "markdown", "json", "github", "junit", "sarif", "html"),
            default="text",
            help="form of the report (default: %(default)s)",
        )
    for sub in (drift, diff):
        sub.add_argument(
            "--fail-on",
            choices=("breaking", "behavioural", "additive", "any"),
            default="any",
            help="the lowest level of change that exits with 1; breaking changes always exit with "
            "3 (default: %(default)s)",
        )
    for sub in (add, fetch, drift, update):
        sub.add_argument(
            "--url", type=_url, help="address of the documents, instead of the declared one"
        )
    for sub in (search, add, fetch, drift, update):
        sub.add_argument(
            "--catalogue",
            type=_url,
            metavar="URL",
            help="address of the catalogue, instead of the declared one",
        )
    generate = command(
        "generate",
        "generate everything that is declared, offline, writing only what changed",
        "fal-codegen generate",
    )
    generate.add_argument(
        "--force", action="store_true", help="overwrite generated files that were edited by hand"
    )
    command(
        "check",
        "report whether the generated files are what specs and templates produce, with a diff",
        "fal-codegen check",
    )
    emulate = command(
        "emulate",
        "serve a local fal for the declared endpoints: no key, no network, no money",
        "fal-codegen emulate --faults 'running=3, logs=5'",
    )
    emulate.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: %(default)s)"
    )
    emulate.add_argument(
        "--port", type=_port, default=8321, help="0 for any that is free (default: %(default)s)"
    )
    emulate.add_argument(
        "--faults",
        default="",
        metavar="TEXT",
        help="what goes wrong or slowly, as in the header X-Emulate; --faults help lists it",
    )
    emulate.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="HOST",
        help="a host name to answer to, besides --host and loopback; may be repeated",
    )
    emulate.add_argument(
        "--allow-origin",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="origin of web pages that may call it, such as http://localhost:3000; may be repeated",
    )
    return root


def _project(text: str) -> Path:
    path = Path(text)
    if not (path / DECLARATION).is_file():
        raise argparse.ArgumentTypeError(
            f"{text} has no {DECLARATION}; to start one: fal-codegen init"
        )
    return path.resolve()


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port: a number from 0 to 65535")
    return int(text)


def _endpoint(text: str) -> str:
    """Return an endpoint id; the address of the endpoint's page is as good as its id."""
    page = text.removeprefix("https://").removeprefix("fal.ai/models/")
    return page.removesuffix("/api").removesuffix("/playground") if page != text else text


def _url(text: str) -> str:
    if not text.startswith(("https://", "http://")):
        raise argparse.ArgumentTypeError(f"{text} does not start with https:// or http://")
    return text
