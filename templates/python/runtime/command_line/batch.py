"""A batch of rows, with a line of JSON for each outcome."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Literal

from ..endpoint import Endpoint
from ..errors import SubmissionUncertain
from ..outputs import as_json
from ..protocol.outcome import Outcome
from .exit_codes import ExitCode
from .failures import message_of_row
from .results import print_json
from .rows import rows_of
from .session import Session


def run(
    session: Session,
    endpoint: Endpoint[Any, Any],
    path: str,
    *,
    ledger: Path | None,
    concurrency: int,
    retry: Literal["retryable", "failed"],
    max_cost: float | None,
    headers: Mapping[str, str],
) -> ExitCode:
    """Call an endpoint for each row of a file, and print the outcomes as they arrive."""
    count = failed = uncertain = 0
    with rows_of(path, endpoint.types.input) as rows:
        outcomes = endpoint.map(
            rows,
            concurrency=concurrency,
            ledger=ledger,
            retry=retry,
            max_cost=max_cost,
            headers=headers,
        )
        try:
            with closing(outcomes):
                for outcome in outcomes:
                    count += 1
                    failed += outcome.error is not None
                    uncertain += isinstance(outcome.error, SubmissionUncertain)
                    print_json(_shown(session, outcome), indent=None)
        except KeyboardInterrupt:
            session.reporter.line(f"interrupted after {count} rows: {_what_is_left(ledger)}")
            return ExitCode.INTERRUPTED
    session.reporter.line(f"{count - failed} of {count} rows succeeded")
    if uncertain:
        session.reporter.line(_uncertain(session, uncertain, ledger))
        return ExitCode.UNCERTAIN
    return ExitCode.FAILED if failed else ExitCode.SUCCESS


def _shown(session: Session, outcome: Outcome[Any]) -> dict[str, object]:
    shown: dict[str, object] = {"index": outcome.index}
    if outcome.error is None:
        return {
            **shown,
            "request_id": outcome.response.request_id,
            "output": as_json(outcome.output),
        }
    message = message_of_row(outcome.error, session)
    error = {"type": type(outcome.error).__name__, "message": message}
    return {**shown, "request_id": outcome.error.request_id, "error": error}


def _what_is_left(ledger: Path | None) -> str:
    if ledger is None:
        return "the running jobs were cancelled"
    return "the running jobs continue, and the same command fetches their results"


def _uncertain(session: Session, count: int, ledger: Path | None) -> str:
    """Return the next step for requests that fal may or may not have accepted."""
    if ledger is None:
        return f"look for the {count} uncertain on fal's dashboard before you send them again"
    return f"{session.command('settle', ledger)} lists the {count} uncertain, to settle them"
