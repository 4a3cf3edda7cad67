"""Wrong usage: which command or option a mistyped one may mean."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import NoReturn

from fal_codegen.commands import SUMMARIES
from fal_codegen.exit_codes import ExitCode
from fal_codegen.suggestions import did_you_mean


def check_command(root: ArgumentParser, arguments: Sequence[str]) -> None:
    """Check that the arguments start with a command, after options that come before it.

    Args:
        root: The parser of the command line.
        arguments: The user's arguments.

    Raises:
        SystemExit: They do not. The error is printed; without any argument, the overview is.
    """
    if not arguments:
        root.print_help(sys.stderr)
        raise SystemExit(ExitCode.FAILURE)
    before_command = root._option_string_actions
    first = next((word for word in arguments if word not in before_command), None)
    if first is None or first in SUMMARIES:
        return
    if first.startswith("-"):
        root.error(
            f"{first!r} is not an option of {root.prog} itself\n"
            f"  write an option of a command after the command: {root.prog} list --project DIR"
        )
    hint = did_you_mean(first, SUMMARIES, f"list the commands: {root.prog} --help")
    root.error(f"there is no command {first!r}\n  {hint}")


def reject_argument(command: ArgumentParser, argument: str) -> NoReturn:
    """Report an argument that a command does not have.

    Args:
        command: The parser of the command.
        argument: The unknown argument.

    Raises:
        SystemExit: Always.
    """
    options = [option for option in command._option_string_actions if option.startswith("--")]
    hint = did_you_mean(argument, options, f"list the arguments: {command.prog} --help")
    command.error(f"there is no argument {argument!r}\n  {hint}")
