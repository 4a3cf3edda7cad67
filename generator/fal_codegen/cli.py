"""The command line: from the user's arguments to one command, and from its result to an exit code.

argparse reads the arguments because start-up time matters: a `generate` with nothing to do must
cost little more than starting Python, and importing click alone would cost more than that.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from fal_codegen import __version__, commands
from fal_codegen.console import Console, flush
from fal_codegen.errors import CodegenError
from fal_codegen.exit_codes import INTERRUPTED, ExitCode

_EPILOG = f"""\
exit codes:
  {ExitCode.SUCCESS:d}  success
  {ExitCode.DIFFERENCE:d}  a difference was found (check, drift, diff)
  {ExitCode.FAILURE:d}  wrong usage, or a failure
  {ExitCode.BREAKING:d}  fal changed something that breaks callers (drift, diff)

example:
  fal-codegen init && fal-codegen add fal-ai/flux/dev
"""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and exit with its exit code.

    Args:
        arguments: The arguments; those of the process if left out.
    """
    # Without a terminal or a file to write to, Python has no streams at all.
    sys.stdout = sys.stdout or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    sys.stderr = sys.stderr or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # as standard error is from the start
    try:
        code = run(sys.argv[1:] if arguments is None else arguments)
    except SystemExit as done:  # argparse exits after --help, and on wrong usage
        code = int(done.code or ExitCode.SUCCESS)
    try:
        flush()
    except OSError:  # `run` has reported it, if anybody can read it
        code = code or ExitCode.FAILURE
    os._exit(code)  # taking down all imported modules takes as long as generating a client


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code.

    Every error ends here, as one line and `ExitCode.FAILURE`, or `INTERRUPTED` for Ctrl-C, so that
    no error looks like the result of a command.
    """
    console = Console()
    is_debugging = False
    try:
        options = parser(arguments).parse_args(arguments)
        is_debugging = options.debug
        code = commands.load(options.command).run(options, console)
        flush()
        return code
    except KeyboardInterrupt:
        print("interrupted; run the command again to finish", file=sys.stderr)
        return INTERRUPTED
    except Exception as error:
        if is_debugging:
            import traceback

            traceback.print_exc()
        with contextlib.suppress(OSError):  # nobody can read it
            console.problem(_explained(error))
    return ExitCode.FAILURE


def parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """Return the parser of the command line.

    Args:
        arguments: What it will parse. Only commands that occur in it get their arguments, because
            each command's module has to be imported for that.
    """
    root = argparse.ArgumentParser(
        prog="fal-codegen",
        description="Typed clients for fal endpoints, generated from their OpenAPI documents.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,  # half of --force must not overwrite edited files
    )
    root.add_argument("--debug", action="store_true", help="show the traceback of an error")
    root.add_argument("--version", action="version", version=f"fal-codegen {__version__}")
    subparsers = root.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, summary in commands.SUMMARIES.items():
        command_parser = subparsers.add_parser(
            name,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        command_parser.add_argument(
            "--debug", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS
        )
        if name in arguments:
            command = commands.load(name)
            command_parser.epilog = "\n  ".join(["example:", *command.EXAMPLE.splitlines()])
            command.arguments(command_parser)
    return root


def _explained(error: Exception) -> CodegenError:
    """Return an error in the form that users are shown."""
    if isinstance(error, CodegenError):
        return error
    if isinstance(error, OSError):
        path = f" {error.filename}" if error.filename else ""
        return CodegenError(f"could not continue:{path} {error.strerror or error}")
    first_line = (str(error).splitlines() or [""])[0][:300]
    detail = f": {first_line}" if first_line else ""
    return CodegenError(
        f"unexpected error: {type(error).__name__}{detail}",
        hint="put --debug before the command to see where it happened, and please report it",
    )
