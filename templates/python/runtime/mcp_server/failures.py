"""What an agent is told about a call that failed: what happened, where, and the next step."""

from __future__ import annotations

import dataclasses

from ..errors import (
    AuthenticationError,
    BalanceError,
    BudgetError,
    ClientTimeoutError,
    ConnectionFailed,
    FalError,
    InfrastructureError,
    ModelError,
    RateLimitError,
    SubmissionUncertain,
    ValidationError,
)
from ..problems import Problem, problem_list
from .folder import LOCAL_FILE


def describe(error: FalError) -> str:
    """Return the message of an error, with the next step if there is one."""
    step = _next_step(error)
    return _message(error) if step is None else f"{_message(error)}\nNext step: {step}"


def _message(error: FalError) -> str:
    if isinstance(error, (ValidationError, ModelError)) and error.errors:
        heading, _, _ = str(error).partition("\n")
        problems = [_for_json(problem) for problem in error.errors]
        return problem_list(heading, problems, are_reported=isinstance(error, ModelError))
    return str(error)


def _for_json(problem: Problem) -> Problem:
    """Return a problem in the terms of the tool's input schema."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in problem.loc)
    message = problem.message
    if problem.type == "file_input":
        message = f'should be an http(s) or data URL, or {{"{LOCAL_FILE}": "…"}} for a file'
    return dataclasses.replace(problem, field="".join(steps).lstrip("."), message=message)


def _next_step(error: FalError) -> str | None:
    match error:
        case ValidationError():
            return "correct the arguments; nothing was sent"
        case ModelError() if error.errors:
            return "correct the arguments, and call the tool again"
        case BudgetError():
            return "tell the user that --max-cost does not allow the call; nothing was sent"
        case SubmissionUncertain():
            return (
                "do not call the tool again, because that may run and bill the same job twice; ask "
                "the user to look for the request on fal's dashboard"
            )
        case AuthenticationError():
            return "ask the user to start the server with a valid FAL_KEY"
        case BalanceError():
            return "ask the user to add credits at https://fal.ai/dashboard/billing"
        case ConnectionFailed() | ClientTimeoutError() if error.request_id:
            return "the job may still run: do not submit it again before the user has looked"
        case RateLimitError():
            return "wait, and call the tool again"
        case InfrastructureError() if error.retryable:
            return "call the tool again"
        case _:
            return None
