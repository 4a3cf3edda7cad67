"""`emulate`: serve a local fal for the declared endpoints."""

from __future__ import annotations

import os
from argparse import ArgumentParser, ArgumentTypeError, Namespace

from fal_codegen.commands.common_arguments import add_project, project_of
from fal_codegen.commands.user_command import run_user_command
from fal_codegen.console import Console
from fal_codegen.document.metadata import as_listed
from fal_codegen.errors import UsageError
from fal_codegen.exit_codes import ExitCode
from fal_codegen.install_command import install_extra
from fal_codegen.paths import DECLARATION
from fal_codegen.pipeline import corrected
from fal_codegen.project import declaration as declare
from fal_codegen.project.inputs import gather
from fal_codegen.targets.python import PythonTarget

EXAMPLE = """\
fal-codegen emulate --faults 'running=3, logs=5'
fal-codegen emulate -- python try.py"""

_PORT = 8321

_HOSTS = ("FAL_RUN_HOST", "FAL_QUEUE_RUN_HOST")
"""Variables of single services, which take precedence over `FAL_BASE_URL`."""


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
        "user_command",
        nargs="*",
        metavar="-- COMMAND",
        help="run COMMAND against the emulator, with FAL_BASE_URL and FAL_KEY set, and exit with "
        "its exit code (default: serve until interrupted)",
    )


def run(options: Namespace, console: Console) -> int:
    """Serve a local fal until interrupted, or until the user's command ends."""
    try:
        from fal_codegen.emulator import Emulator, faults, serve
    except ModuleNotFoundError as error:
        raise UsageError(
            f"the emulator needs {error.name}, which is not installed",
            hint=install_extra("emulator"),
        ) from error
    if options.faults == "help":
        console.write(faults.describe())
        return ExitCode.SUCCESS
    project = project_of(options)
    inputs = gather(project, declare.load(project))
    ids = inputs.declaration.endpoints
    targets = (declared.target for declared in inputs.declaration.targets)
    packages = (target.package for target in targets if isinstance(target, PythonTarget))
    documents = [dict(corrected(inputs, endpoint_id).content) for endpoint_id in ids]
    listing = {id_: as_listed(metadata) for id_, metadata in inputs.metadata.items()}
    if not ids:
        console.aside.say(f"{DECLARATION} declares no endpoint yet; next: fal-codegen add ID")
    if options.user_command:
        with Emulator(
            documents,
            host=options.host,
            port=options.port or 0,
            faults=options.faults,
            listing=listing,
            prices=inputs.prices,
            package=next(packages, "fal_endpoints"),
            allow_hosts=options.allow_host,
            allow_origins=options.allow_origin,
        ) as emulator:
            return run_user_command(options.user_command, _environment(emulator.base_url))
    serve(
        documents,
        host=options.host,
        port=_PORT if options.port is None else options.port,
        faults=options.faults,
        listing=listing,
        prices=inputs.prices,
        package=next(packages, "fal_endpoints"),
        allow_hosts=options.allow_host,
        allow_origins=options.allow_origin,
    )
    return ExitCode.SUCCESS


def _environment(base_url: str) -> dict[str, str]:
    """Return the environment of a command whose calls go to the emulator."""
    inherited = {name: value for name, value in os.environ.items() if name not in _HOSTS}
    return {**inherited, "FAL_BASE_URL": base_url, "FAL_KEY": "any"}


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise ArgumentTypeError(f"{text} is not a port: a number from 0 to 65535")
    return int(text)
