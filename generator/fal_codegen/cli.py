"""The command line: what the user typed, to one of the commands, to an exit code.

argparse, because a check with nothing to do must cost little more than starting Python; importing
click alone would cost more than that.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from fal_codegen import __version__, state
from fal_codegen.console import Console
from fal_codegen.errors import CodegenError, ProjectError, UsageError
from fal_codegen.project import DECLARATION, find_project

_EPILOG = """\
exit codes:
  0  fine
  1  something differs
  2  wrong usage, or it could not be done

example:
  fal-codegen init && fal-codegen add fal-ai/flux/dev
"""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and exit with its code (see `commands.Exit`)."""
    # Without a terminal or a file to write to, Python has no streams at all.
    sys.stdout = sys.stdout or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    sys.stderr = sys.stderr or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # as standard error is from the start
    code = run(sys.argv[1:] if arguments is None else arguments)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # to take apart all that was imported takes as long as generating a client


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    console = Console()
    try:
        code = int(_dispatch(_parser().parse_args(arguments), console))
        sys.stdout.flush()
        return code
    except CodegenError as error:
        console.problem(error)
    except BrokenPipeError:
        # Whoever read our output went away; say nothing more, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        console.problem(CodegenError(f"could not go on:{where} {error.strerror or error}"))
    except KeyboardInterrupt:
        print("interrupted; run the command again to finish", file=sys.stderr)
        return 130
    return 2


def _dispatch(options: argparse.Namespace, console: Console) -> int:
    if options.command == "init":
        from fal_codegen.commands.init import init

        return init(options.folder, console)
    if options.command == "search":
        return _search(options, console)
    project = options.project or find_project(Path.cwd())
    is_offline = options.command in ("check", "generate")
    if is_offline and state.is_unchanged(project, state.input_hashes(project)):
        console.say("up to date")  # known before anything that takes long is imported
        return 0
    if options.command in ("generate", "check"):
        from fal_codegen.commands import generate

        if options.command == "check":
            return generate.check(project, console)
        return generate.generate(project, console, force=options.force)
    if options.command == "emulate":
        from fal_codegen.commands.emulate import emulate

        return emulate(project, host=options.host, port=options.port, faults=options.faults)
    from fal_codegen.commands import endpoints

    if options.command == "list":
        if options.repairs:
            return endpoints.list_repairs(project, console)
        return endpoints.list_endpoints(project, console)
    if options.command == "remove":
        return endpoints.remove(project, options.ids, console)
    if options.command == "fetch":
        return endpoints.fetch(
            project, options.ids, console, url=options.url, catalogue=options.catalogue
        )
    return _add(project, options, console)


def _search(options: argparse.Namespace, console: Console) -> int:
    from fal_codegen.commands.search import search
    from fal_codegen.selection import Selection

    try:
        project = options.project or find_project(Path.cwd())
    except ProjectError:
        project = None  # one can look for endpoints before there is a project for them
    return search(
        project,
        Selection(" ".join(options.words), options.category, options.status),
        console,
        as_json=options.json,
        catalogue=options.catalogue,
    )


def _add(project: Path, options: argparse.Namespace, console: Console) -> int:
    from fal_codegen.commands.endpoints import add
    from fal_codegen.selection import Selection

    selects = bool(options.all or options.category or options.pattern)
    if not options.ids and options.source is None and not selects:
        raise UsageError(
            "nothing to add",
            hint="name endpoint ids, documents with --from, "
            "or choose with --category, --match or --all",
        )
    if (options.url or options.catalogue) and options.source is not None:
        raise UsageError(
            "--url and --catalogue are where to fetch from, and --from is instead of fetching"
        )
    if selects and (options.ids or options.source is not None):
        raise UsageError("--category, --match and --all are instead of naming endpoints")
    if options.all and (options.category or options.pattern):
        raise UsageError("--all leaves nothing to choose with --category or --match")
    return add(
        project,
        options.ids,
        console,
        source=options.source,
        selection=Selection(category=options.category, pattern=options.pattern)
        if selects
        else None,
        url=options.url,
        catalogue=options.catalogue,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="fal-codegen",
        description="Typed clients for fal endpoints, generated from their OpenAPI documents.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"fal-codegen {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(
        name: str, about: str, example: str, *, in_project: bool = True
    ) -> argparse.ArgumentParser:
        sub = commands.add_parser(
            name,
            help=about,
            description=f"{about[0].upper()}{about[1:]}.",
            epilog=f"example:\n  {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
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
        "--from",
        dest="source",
        type=Path,
        metavar="FILE_OR_DIR",
        help="take documents from disk: one file, or every *.json in a folder (or just the IDs)",
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
    for sub in (add, fetch):
        sub.add_argument(
            "--url", type=_url, help="address of the documents, instead of the declared one"
        )
    for sub in (search, add, fetch):
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
        "say whether the generated files are what specs and templates produce now",
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
        help="what goes wrong, or slowly, as in the header X-Emulate; --faults help lists it",
    )
    return parser


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
