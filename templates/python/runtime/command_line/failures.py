"""How a command ends after an error: the message, the next step and the exit code."""

from __future__ import annotations

import dataclasses
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click

from ..errors import (
    AuthenticationError,
    BalanceError,
    BudgetError,
    ConfigurationError,
    ConnectionFailed,
    FalError,
    NotFoundError,
    RateLimitError,
    SubmissionUncertain,
    UnexpectedResponse,
    ValidationError,
)
from ..problems import Problem, problem_list
from .exit_codes import ExitCode
from .results import print_json
from .session import CommandError, Session


@contextmanager
def named_as_options(flags: Mapping[str, str], path: str) -> Generator[None, None, None]:
    """Report invalid arguments by the options that set them.

    Args:
        flags: The option of each argument.
        path: The command, as it was typed.
    """
    try:
        yield
    except ValidationError as error:
        problems = [_named_as_option(problem, flags) for problem in error.errors]
        about = f"{error.endpoint_id}: " if error.endpoint_id else ""
        heading = f"{about}the input is not valid"
        raise CommandError(
            problem_list(heading, problems), f"`{path} --help` describes the options"
        ) from error


def _named_as_option(problem: Problem, flags: Mapping[str, str]) -> Problem:
    end = next((at for at, letter in enumerate(problem.field) if letter in ".["), None)
    name, rest = problem.field[:end], problem.field[end:] if end is not None else ""
    flag = flags.get(name)
    message = problem.message
    if problem.type == "missing":
        message = "is required"
    elif problem.type == "file_input" and isinstance(problem.input, str):
        at = "@PATH" if flag is None or rest else f"{flag} @PATH"
        message = f"should be an http(s) or data URL; for a local file, pass {at}"
    field = problem.field if flag is None else f"{flag}{rest}"
    if isinstance(problem.input, Path):  # as it was typed, not as Python shows it
        message, has_input = f"{problem.input} {message}", False
    else:
        has_input = problem.has_input
    return dataclasses.replace(problem, field=field, message=message, has_input=has_input)


def report(error: Exception, session: Session) -> ExitCode:
    """Report an error, and return the exit code."""
    reporter = session.reporter
    match error:
        case CommandError():
            reporter.error(error.message)
            if error.hint is not None:
                reporter.hint(error.hint)
            return error.code
        case click.exceptions.NoArgsIsHelpError():
            click.echo(error.format_message(), err=True)
            return ExitCode.INVALID
        case click.UsageError():
            path = error.ctx.command_path if error.ctx else session.program
            reporter.error(error.format_message())
            reporter.hint(f"`{path} --help` describes the command")
            return ExitCode.INVALID
        case click.ClickException():
            reporter.error(error.format_message())
            return ExitCode.INVALID
        case FalError():
            reporter.error(str(error))
            if (step := _next_step(error)) is not None:
                reporter.hint(step)
            if isinstance(error, UnexpectedResponse):
                print_json(error.payload)  # the result was paid for
            return _code_of(error)
        case OSError():
            reporter.error(str(error))
            return ExitCode.INVALID
        case _:
            reporter.error(f"unexpected {type(error).__name__}: {error}")
            reporter.hint("this is a fault of the command line, not yours; please report it")
            return ExitCode.INVALID


def _code_of(error: FalError) -> ExitCode:
    match error:
        case ConfigurationError() | ValidationError() | BudgetError():
            return ExitCode.INVALID
        case SubmissionUncertain():
            return ExitCode.UNCERTAIN
        case ConnectionFailed():
            return ExitCode.UNREACHABLE
        case AuthenticationError() | BalanceError() | NotFoundError() | RateLimitError():
            return ExitCode.REJECTED
        case _:
            return ExitCode.FAILED


def _next_step(error: FalError) -> str | None:
    match error:
        case AuthenticationError():
            return "set FAL_KEY to a key that may do this: https://fal.ai/dashboard/keys"
        case BalanceError():
            return "add credits: https://fal.ai/dashboard/billing"
        case SubmissionUncertain():
            return "look for the request on fal's dashboard before you send it again"
        case _:
            return None
