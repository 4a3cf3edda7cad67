"""The command line: from the user's arguments to one command, and from its result to an exit code.

argparse reads the arguments because start-up time matters: importing click alone takes longer than
starting Python. A plain `generate` with nothing to do does not even import argparse.
"""

from __future__ import annotations

import contextlib
import gc
import io
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from fal_codegen import __version__, commands
from fal_codegen.console import Console, flush
from fal_codegen.errors import explained
from fal_codegen.exit_codes import INTERRUPTED, ExitCode

if TYPE_CHECKING:
    import argparse

_GARBAGE = 200_000
"""New objects after which Python looks for garbage, of which a command leaves hardly any."""

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
    gc.set_threshold(_GARBAGE)
    # Without a terminal or a file to write to, Python has no streams at all.
    sys.stdout = sys.stdout or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    sys.stderr = sys.stderr or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Files and other programs get UTF-8, whatever the locale is.
        is_read_later = not sys.stdout.isatty() and not os.environ.get("PYTHONIOENCODING")
        # Errors are handled as on standard error from the start.
        sys.stdout.reconfigure(
            encoding="utf-8" if is_read_later else None, errors="backslashreplace"
        )
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

    Raises:
        SystemExit: From argparse, after `--help` and on wrong usage.
    """
    console = Console()
    options: argparse.Namespace | None = None
    try:
        if "_ARGCOMPLETE" in os.environ and "COMP_LINE" in os.environ:
            from fal_codegen.completion import complete

            complete(parser)
        is_unchanged = _is_unchanged(arguments)
        if is_unchanged:
            console.say("up to date")
            code: int = ExitCode.SUCCESS
        else:
            options = _parsed(arguments)
            if is_unchanged is False:
                options.is_outdated = True  # so that `generate` need not look again
            code = commands.load_command(options.command).run(options, console)
        flush()
        return code
    except KeyboardInterrupt:
        print("interrupted; run the command again to finish", file=sys.stderr)
        return INTERRUPTED
    except BaseException as error:  # also SystemExit of code that a command runs
        if isinstance(error, SystemExit) and options is None:
            raise
        if options is not None and options.debug:
            import platform
            import traceback

            traceback.print_exc()
            python = f"Python {platform.python_version()} on {platform.platform()}"
            print(f"fal-codegen {__version__}, {python}", file=sys.stderr)
        with contextlib.suppress(OSError):  # nobody can read it
            console.problem(explained(error))
    return ExitCode.FAILURE


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the parsed arguments.

    Raises:
        SystemExit: The usage is wrong, which is reported, or `--help` was asked for.
    """
    from fal_codegen import usage

    root = parser(arguments)
    usage.check_command(root, arguments)
    options, unknown = root.parse_known_args(arguments)
    if unknown:
        usage.reject_argument(options.command_parser, unknown[0])
    return options


def parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """Return the parser of the command line.

    Args:
        arguments: What it will parse. If it starts with a command, only that one is set up. Only
            commands that occur in it get their arguments, because each command's module has to be
            imported for that.
    """
    import argparse

    root = argparse.ArgumentParser(
        prog="fal-codegen",
        description="Typed clients for fal endpoints, generated from their OpenAPI documents.",
        epilog=_EPILOG,
        formatter_class=_overview_formatter,
        allow_abbrev=False,  # an abbreviation of --force must not overwrite edited files
    )
    root.add_argument(
        "--debug", action="store_true", help="show the traceback of an error, and versions"
    )
    root.add_argument(
        "--version",
        action="version",
        version=f"fal-codegen {__version__}",
        help="print the version",
    )
    # Without `prog`, argparse would format a usage message to get it.
    subparsers = root.add_subparsers(
        prog=root.prog, dest="command", metavar="COMMAND", required=True
    )
    called = [name for name in arguments[:1] if name in commands.SUMMARIES]
    for name in called or commands.SUMMARIES:
        summary = commands.SUMMARIES[name]
        command_parser = subparsers.add_parser(
            name,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        command_parser.set_defaults(command_parser=command_parser)
        command_parser.add_argument(
            "--debug", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS
        )
        if name in arguments:
            command = commands.load_command(name)
            command_parser.epilog = "\n  ".join(["example:", *command.EXAMPLE.splitlines()])
            command.arguments(command_parser)
    return root


def _overview_formatter(prog: str) -> argparse.HelpFormatter:
    """Return a formatter whose first column has room for every command."""
    import argparse

    formatter = argparse.RawDescriptionHelpFormatter(prog)
    # argparse leaves out their indentation.
    formatter._action_max_length = max(map(len, commands.SUMMARIES)) + 4
    return formatter


def _is_unchanged(arguments: Sequence[str]) -> bool | None:
    """Return whether a plain `generate` has nothing to do; None for any other call."""
    match arguments:
        case ["generate"]:
            named = None
        case ["generate", "--project", named]:
            pass
        case _:
            return None
    from pathlib import Path

    from fal_codegen.paths import DECLARATION, find_project
    from fal_codegen.project import last_run

    project = find_project(Path.cwd()) if named is None else Path(named)
    if not (project / DECLARATION).is_file():
        return None
    return last_run.is_unchanged(project.resolve())
