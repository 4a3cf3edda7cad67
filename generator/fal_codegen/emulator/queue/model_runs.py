"""The model of an endpoint: it checks an input and answers with a sample result."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

from fal_codegen.emulator.endpoints.results import answer_to, files_of, with_own_files
from fal_codegen.emulator.endpoints.served_endpoint import ServedEndpoint
from fal_codegen.emulator.endpoints.validation import Detail, detail, model_error
from fal_codegen.emulator.faults import Behaviour
from fal_codegen.emulator.json_bodies import NotJson, parse
from fal_codegen.emulator.queue.jobs import JobOutcome, Schedule, infrastructure_error
from fal_codegen.emulator.storage.lifecycles import PUBLIC, Lifecycles, lifecycle_of

__all__ = ["run_model", "run_model_on", "schedule_job", "with_lifecycle"]


def run_model(endpoint: ServedEndpoint, body: bytes, behaviour: Behaviour) -> JobOutcome:
    """Return the outcome of an input in JSON: a result, a 422 with its problems, or a fault."""
    if behaviour.infrastructure_error:
        return infrastructure_error(behaviour.infrastructure_error)
    if not body:
        return _rejection([detail("missing", "Field required", given=None)])
    try:
        payload = parse(body)
    except NotJson as error:
        where = (error.position,)
        message = "JSON decode error"
        return _rejection([detail("json_invalid", message, where, given={}, error=error.reason)])
    return run_model_on(endpoint, payload, behaviour)


def run_model_on(endpoint: ServedEndpoint, payload: Any, behaviour: Behaviour) -> JobOutcome:
    """Return the outcome of an input that was decoded."""
    if behaviour.infrastructure_error:
        return infrastructure_error(behaviour.infrastructure_error)
    if problems := endpoint.problems(payload):
        return _rejection(problems)
    if behaviour.model_error:
        message = behaviour.model_error.replace("_", " ").capitalize()
        return _rejection([model_error(behaviour.model_error, message, given=payload)])
    result: Any = endpoint.plain_output
    if behaviour.unknown_enum:
        result = endpoint.newer_output(behaviour.unknown_enum)
    result = answer_to(endpoint, payload, result)
    if behaviour.unknown_field and isinstance(result, dict):
        result = {**result, behaviour.unknown_field: "emulated"}
    return JobOutcome(200, result, {"x-fal-billable-units": f"{behaviour.billable_units:g}"})


def with_lifecycle(
    outcome: JobOutcome,
    lifecycles: Lifecycles,
    header: str | None,
    delay: float,
    *,
    is_job: bool = False,
) -> JobOutcome:
    """Return an outcome whose files are stored as the caller asks.

    Equal inputs share their files, unless the caller restricts them, or can delete them: those of
    a job.

    Args:
        outcome: The outcome of an input.
        lifecycles: Keeps how long files are stored and who may download them.
        header: `X-Fal-Object-Lifecycle-Preference`.
        delay: The seconds until the files exist.
        is_job: Whether it is the outcome of a job in the queue.

    Raises:
        HTTPException: The header is invalid.
    """
    lifecycle = lifecycle_of(header)
    if outcome.status >= 400 or (lifecycle == PUBLIC and not is_job):
        return outcome
    outcome = replace(outcome, body=with_own_files(outcome.body, secrets.token_hex(8)))
    for name in files_of(outcome.body):
        lifecycles.restrict(name, lifecycle, delay)
    return outcome


def schedule_job(
    behaviour: Behaviour, outcome: JobOutcome, start_timeout: float | None
) -> tuple[Schedule, JobOutcome]:
    """Schedule a job that ends in `outcome`; it fails if it waits longer than `start_timeout`."""
    schedule = Schedule(
        queued=behaviour.queued,
        running=behaviour.running,
        ahead=behaviour.ahead,
        log_lines=behaviour.logs,
        loses_result=behaviour.expired,
        cancellable=not behaviour.uncancellable,
    )
    if start_timeout is None or schedule.queued <= start_timeout:
        return schedule, outcome
    late = infrastructure_error("startup_timeout")
    headers = {**late.headers, "X-Fal-Request-Timeout-Type": "user"}
    return replace(schedule, queued=start_timeout, running=0.0), replace(late, headers=headers)


def _rejection(problems: list[Detail]) -> JobOutcome:
    headers = {"x-fal-billable-units": "0", "x-fal-needs-retry": "false"}
    return JobOutcome(422, {"detail": problems}, headers)
