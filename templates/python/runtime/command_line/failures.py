"""How a command ends after an error: the message, the next step and the exit code."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Generator, Mapping, Sequence
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
from .rows import is_utf8
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
        raise CommandError(
            _listed(error, problems), f"`{path} --help` describes the options"
        ) from error


def message_of_row(error: FalError, session: Session) -> str:
    """Return the message of the error of a row."""
    if not isinstance(error, ValidationError):
        return str(error)
    advice = f"upload it first: {session.command('upload', 'FILE')} prints its URL"
    return _listed(error, [_in_words_of_a_shell(problem, advice) for problem in error.errors])


def _listed(error: ValidationError, problems: Sequence[Problem]) -> str:
    """Return the message of an error, with its problems in other words."""
    heading, _, _ = str(error).partition("\n")
    return problem_list(heading, problems)


def _named_as_option(problem: Problem, flags: Mapping[str, str]) -> Problem:
    end = next((at for at, letter in enumerate(problem.field) if letter in ".["), None)
    name, rest = problem.field[:end], problem.field[end:] if end is not None else ""
    flag = flags.get(name)
    at = "@PATH" if flag is None or rest else f"{flag} @PATH"
    field = problem.field if flag is None else f"{flag}{rest}"
    return dataclasses.replace(_in_words_of_a_shell(problem, f"pass {at}"), field=field)


def _in_words_of_a_shell(problem: Problem, local_file: str) -> Problem:
    """Return a problem with a message that does not presume Python.

    Args:
        problem: The problem.
        local_file: What to do where a local file was meant.
    """
    message, has_input = problem.message, problem.has_input
    match problem.type, problem.input:
        case "missing", _:
            message = "is required"
        case "mapping_type", str(text) if not is_utf8(text):
            message, has_input = "is not UTF-8", False
        case "file_input", str():
            message = f"should be an http(s) or data URL; for a local file, {local_file}"
        case _, Path() as path:  # as it was typed, not as Python shows it
            message, has_input = f"{path} {message}", False
        case _:
            message = _PYTHON_OBJECT.sub("a JSON object", message)
    return dataclasses.replace(problem, message=message, has_input=has_input)


_PYTHON_OBJECT = re.compile(r"a valid dictionary( or instance of \w+)?")


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
