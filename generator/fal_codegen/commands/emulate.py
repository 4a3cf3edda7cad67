"""`emulate`: serve a local fal for the declared endpoints."""

from __future__ import annotations

import contextlib
import os
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from fal_codegen.commands.common_arguments import add_project, named_path, project_of
from fal_codegen.commands.served_project import read_served
from fal_codegen.commands.user_command import run_user_command
from fal_codegen.commands.watching import Watch, watching
from fal_codegen.console import Console
from fal_codegen.errors import UsageError, explained
from fal_codegen.exit_codes import ExitCode
from fal_codegen.install_command import install_extra
from fal_codegen.paths import DECLARATION
from fal_codegen.project.snapshot import INPUT_FOLDERS
from fal_codegen.text import counted
from fal_codegen.text.escaping import line

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from fal_codegen.emulator import Emulation

EXAMPLE = """\
fal-codegen emulate --faults 'running=3, logs=5'
fal-codegen emulate --watch
fal-codegen emulate -- python try.py
fal-codegen emulate --https-proxy -- node app.mjs
fal-codegen emulate --record recordings -- python try.py
fal-codegen emulate --replay recordings -- python try.py"""

_PORT = 8321
_WATCHED = {"specs": (*INPUT_FOLDERS["specs"], ".lock")}
_REPLAY_DEFAULTS = ("at-once", "fail")


def arguments(parser: ArgumentParser) -> None:
    """Add the arguments of `emulate`."""
    add_project(parser)
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: %(default)s)"
    )
    parser.add_argument(
        "--port",
        type=_port,
        help=f"port to listen on; 0 for a free one (default: {_PORT}, or with COMMAND a free one)",
    )
    parser.add_argument(
        "--faults",
        default="",
        metavar="TEXT",
        help="failures and delays to simulate (syntax: --faults help)",
    )
    recordings = parser.add_mutually_exclusive_group()
    recordings.add_argument(
        "--record",
        type=named_path,
        metavar="DIR",
        help="pass requests on to fal, with the key of FAL_KEY, and record them in DIR",
    )
    recordings.add_argument(
        "--replay", type=named_path, metavar="DIR", help="answer from the recordings in DIR"
    )
    parser.add_argument(
        "--pace",
        choices=("at-once", "recorded"),
        default=_REPLAY_DEFAULTS[0],
        help="with --replay: when to answer (default: %(default)s)",
    )
    parser.add_argument(
        "--otherwise",
        choices=("fail", "emulate"),
        default=_REPLAY_DEFAULTS[1],
        help="with --replay: what to do with a request that is not recorded (default: %(default)s)",
    )
    parser.add_argument(
        "--watch",
        action="store_true",
        help="serve documents again when files in specs/ change, without a restart",
    )
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="HOST",
        help="also accept requests to this host name, besides --host and loopback; repeatable",
    )
    parser.add_argument(
        "--allow-origin",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="also accept requests from web pages of this origin, such as http://localhost:3000; "
        "repeatable",
    )
    parser.add_argument(
        "--https-proxy",
        action="store_true",
        help="also open an HTTPS proxy, through which requests to fal's own addresses reach the "
        "emulator; COMMAND runs with the variables that make programs use the proxy",
    )
    parser.add_argument(
        "user_command",
        nargs="*",
        metavar="-- COMMAND",
        help="run COMMAND against the emulator, with FAL_BASE_URL and FAL_KEY set, and exit with "
        "its exit code (default: serve until interrupted)",
    )


def run(options: Namespace, console: Console) -> int:
    """Serve a local fal until interrupted, or until the user's command ends."""
    try:
        from fal_codegen.emulator import faults
    except ModuleNotFoundError as error:
        raise UsageError(
            f"the emulator needs {error.name}, which is not installed",
            hint=install_extra("emulator"),
        ) from error
    if options.faults == "help":
        console.write(faults.describe())
        return ExitCode.SUCCESS
    _reject_contradictions(options)
    if options.record is not None:
        return _record(options)
    if _only_replays(options):
        return _replay(options)
    return _emulate(options, console)


def _emulate(options: Namespace, console: Console) -> int:
    """Serve the declared endpoints of a project."""
    from fal_codegen.emulator import Emulator

    project = project_of(options)
    # Before the files are read, to notice every later change.
    watch = Watch(project, _WATCHED) if options.watch else None
    served = read_served(project)
    if served.errors:
        raise next(iter(served.errors.values()))
    if not served.documents:
        console.aside.say(f"{DECLARATION} declares no endpoint yet; next: fal-codegen add ID")
    replay = None
    if options.replay is not None:
        from fal_codegen.emulator.recording.cassette import replaying

        replay = replaying(options.replay, pace=options.pace)
    emulator = Emulator(
        served.documents.values(),
        host=options.host,
        port=_port_of(options),
        faults=options.faults,
        listing=served.listing,
        prices=served.prices,
        package=served.package,
        allow_hosts=options.allow_host,
        allow_origins=options.allow_origin,
        replay=replay,
    )
    with contextlib.ExitStack() as running:
        if watch is not None:
            reload = partial(_reload, project, emulator.emulation, console)
            running.enter_context(watching(watch, reload))
        if not options.user_command:
            emulator.serve(https_proxy=options.https_proxy)
            return ExitCode.SUCCESS
        running.enter_context(emulator)
        variables: Mapping[str, str] = {}
        if options.https_proxy:
            variables = running.enter_context(emulator.https_proxy()).environment
        return _run_user_command(options, emulator.base_url, variables)


def _reload(project: Path, emulation: Emulation, console: Console) -> None:
    """Serve the documents of a project as they are now; those that cannot be used stay as before.

    Requests that are being answered keep the documents that they began with.
    """
    try:
        served = read_served(project)
        emulation.catalogue, rejected = emulation.catalogue.updated(
            served.documents, served.listing, served.prices, served.errors
        )
    except Exception as error:  # the declaration, or the lock
        console.problem(explained(error))
        return
    problems = (*served.errors.values(), *rejected)
    for problem in problems:
        console.problem(problem)
    endpoints = counted(len(emulation.catalogue.endpoints), "endpoint")
    kept = sum(problem.endpoint in emulation.catalogue.endpoints for problem in problems)
    as_before = f" ({kept} as before)" if kept else ""
    console.aside.say(f"specs/ has changed; serving {endpoints}{as_before}")


def _only_replays(options: Namespace) -> bool:
    """Return whether recordings answer every request."""
    return options.replay is not None and options.otherwise == "fail"


def _reject_contradictions(options: Namespace) -> None:
    """Reject options that have no effect with the others.

    Raises:
        UsageError: One has none.
    """
    is_emulated = options.record is None and not _only_replays(options)
    if options.record is not None and options.faults:
        raise UsageError("--faults has no effect on fal, which --record calls")
    if options.watch and not is_emulated:
        raise UsageError("--watch has no effect on recordings, which need no document")
    if options.replay is None and (options.pace, options.otherwise) != _REPLAY_DEFAULTS:
        raise UsageError("--pace and --otherwise need recordings", hint="add --replay DIR")
    if options.https_proxy and not is_emulated:
        raise UsageError(
            "--https-proxy needs the emulator, which --record and --replay do not start",
            hint="with --replay, add --otherwise emulate",
        )


def _record(options: Namespace) -> int:
    """Serve fal itself, and record it."""
    from fal_codegen.emulator.recording.cassette import recorder

    key, upstream = os.environ.get("FAL_KEY"), os.environ.get("FAL_BASE_URL")
    app = recorder(options.record, key=key, upstream=upstream)
    title = f"is {upstream or 'fal'}, recorded in {options.record}; requests may cost money"
    return _serve(options, app, title, app.aclose)


def _replay(options: Namespace) -> int:
    """Serve recordings alone."""
    from fal_codegen.emulator.recording.cassette import replayer

    app = replayer(options.replay, pace=options.pace)
    return _serve(options, app, f"replays the recordings in {options.replay}")


def _serve(
    options: Namespace,
    app: ASGIApp,
    title: str,
    closing: Callable[[], Awaitable[None]] | None = None,
) -> int:
    from fal_codegen.emulator.network.access import Access, with_access
    from fal_codegen.emulator.network.server import LocalServer

    access = Access.of(options.host, options.allow_host, options.allow_origin)
    server = LocalServer(
        with_access(app, access), host=options.host, port=_port_of(options), closing=closing
    )
    if not options.user_command:
        server.run(
            lambda base_url: (
                line(f"{base_url} {title}")
                + f'\n\n  Fal(base_url="{base_url}"), or FAL_BASE_URL={base_url} and FAL_KEY=any\n'
            )
        )
        return ExitCode.SUCCESS
    base_url = server.start()
    try:
        return _run_user_command(options, base_url, {})
    finally:
        server.stop()


def _run_user_command(options: Namespace, base_url: str, variables: Mapping[str, str]) -> int:
    from fal_codegen.emulator.network.hosts import HOST_VARIABLES

    inherited = {name: value for name, value in os.environ.items() if name not in HOST_VARIABLES}
    environment = {**inherited, "FAL_BASE_URL": base_url, "FAL_KEY": "any", **variables}
    return run_user_command(options.user_command, environment)


def _port_of(options: Namespace) -> int:
    if options.port is not None:
        return int(options.port)
    return 0 if options.user_command else _PORT


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise ArgumentTypeError(f"{text} is not a port: a number from 0 to 65535")
    return int(text)
