"""The command line: what the user typed, to one of the commands, to an exit code."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from fal_codegen.arguments import parser
from fal_codegen.console import Console, flush
from fal_codegen.errors import CodegenError, ProjectError, UsageError
from fal_codegen.paths import find_project
from fal_codegen.project import last_run
from fal_codegen.project.snapshot import input_digests

if TYPE_CHECKING:
    from fal_codegen.commands.drift import Telling


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and exit with its code (see `commands.Exit`)."""
    # Without a terminal or a file to write to, Python has no streams at all.
    sys.stdout = sys.stdout or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    sys.stderr = sys.stderr or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # as standard error is from the start
    try:
        code = run(sys.argv[1:] if arguments is None else arguments)
    except SystemExit as done:  # of argparse, for --help and for wrong usage
        code = int(done.code or 0)
    try:
        flush()
    except OSError:  # `run` has reported it, if anybody can be told
        code = code or 2
    os._exit(code)  # to take apart all that was imported takes as long as generating a client


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code.

    Whatever goes wrong ends here, as one line and exit code 2, or 130 for Ctrl-C: no other code
    may be taken for a command's result.
    """
    console = Console()
    is_debugging = False
    try:
        options = parser().parse_args(arguments)
        is_debugging = options.debug
        code = int(_dispatch(options, console))
        flush()
        return code
    except KeyboardInterrupt:
        print("interrupted; run the command again to finish", file=sys.stderr)
        return 130
    except Exception as error:
        if is_debugging:
            import traceback

            traceback.print_exc()
        with contextlib.suppress(OSError):  # nobody can be told
            console.problem(_explained(error))
    return 2


def _explained(error: Exception) -> CodegenError:
    """Return an error as the user is to see it."""
    if isinstance(error, CodegenError):
        return error
    if isinstance(error, OSError):
        where = f" {error.filename}" if error.filename else ""
        return CodegenError(f"could not go on:{where} {error.strerror or error}")
    first_line = (str(error).splitlines() or [""])[0][:300]
    said = f": {first_line}" if first_line else ""
    return CodegenError(
        f"could not go on, which was not foreseen: {type(error).__name__}{said}",
        hint="to see where, put --debug before the command; please report it",
    )


def _dispatch(options: argparse.Namespace, console: Console) -> int:
    if options.command == "init":
        from fal_codegen.commands.init import init

        return init(options.folder, console)
    if options.command == "search":
        return _search(options, console)
    if options.command == "diff":
        return _diff(options, console)
    project = options.project or find_project(Path.cwd())
    if options.command == "generate" and last_run.is_unchanged(project, input_digests(project)):
        console.say("up to date")  # known before anything that takes long is imported
        return 0
    if options.command in ("generate", "check"):
        from fal_codegen.commands import generate

        if options.command == "check":
            return generate.check(project, console)
        return generate.generate(project, console, force=options.force)
    if options.command in ("drift", "update"):
        return _drift(project, options, console)
    if options.command == "emulate":
        from fal_codegen.commands.emulate import emulate

        return emulate(
            project,
            host=options.host,
            port=options.port,
            faults=options.faults,
            allow_hosts=options.allow_host,
            allow_origins=options.allow_origin,
        )
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


def _project_if_any(options: argparse.Namespace) -> Path | None:
    try:
        found: Path = options.project or find_project(Path.cwd())
    except ProjectError:
        return None
    return found


def _telling(options: argparse.Namespace) -> Telling:
    from fal_codegen.commands.drift import THRESHOLDS, Telling

    threshold = getattr(options, "fail_on", "any")
    return Telling(options.format, THRESHOLDS[threshold])


def _drift(project: Path, options: argparse.Namespace, console: Console) -> int:
    from fal_codegen.commands import drift

    _refuse_two_sources(options)
    run_it = drift.drift if options.command == "drift" else drift.update
    sources = drift.Sources(options.url, options.catalogue, options.source)
    return run_it(project, options.ids, console, _telling(options), sources)


def _diff(options: argparse.Namespace, console: Console) -> int:
    from fal_codegen.commands import drift

    if options.rev is not None:
        if options.old is not None:
            raise UsageError("--rev compares vendored documents, so it takes no OLD and NEW")
        project = options.project or find_project(Path.cwd())
        return drift.diff_revisions(project, options.rev, console, _telling(options))
    if options.new is None:
        raise UsageError("nothing to compare", hint="name two documents or folders, or use --rev")
    project = _project_if_any(options)
    return drift.diff(project, options.old, options.new, console, _telling(options))


def _search(options: argparse.Namespace, console: Console) -> int:
    from fal_codegen.commands.search import search
    from fal_codegen.fetch.selection import Selection

    return search(
        _project_if_any(options),  # one can look for endpoints before there is a project for them
        Selection(" ".join(options.words), options.category, options.status),
        console,
        as_json=options.json,
        catalogue=options.catalogue,
    )


def _refuse_two_sources(options: argparse.Namespace) -> None:
    if (options.url or options.catalogue) and options.source is not None:
        raise UsageError(
            "--url and --catalogue are where to fetch from, and --from is instead of fetching"
        )


def _add(project: Path, options: argparse.Namespace, console: Console) -> int:
    from fal_codegen.commands.endpoints import add
    from fal_codegen.fetch.selection import Selection

    selects = bool(options.all or options.category or options.pattern)
    if not options.ids and options.source is None and not selects:
        raise UsageError(
            "nothing to add",
            hint="name endpoint ids, documents with --from, "
            "or choose with --category, --match or --all",
        )
    _refuse_two_sources(options)
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
