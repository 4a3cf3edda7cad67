"""What stands behind the queue: a model that checks its input, and gives an example result."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fal_codegen.emulator.documents import Endpoint
from fal_codegen.emulator.faults import Behaviour
from fal_codegen.emulator.jobs import Outcome, Plan, infrastructure_error
from fal_codegen.emulator.json_bodies import NotJson, parse
from fal_codegen.emulator.results import answer_to
from fal_codegen.emulator.validation import Detail, detail, model_error

__all__ = ["plan_job", "run_model"]


def run_model(endpoint: Endpoint, body: bytes, behaviour: Behaviour) -> Outcome:
    """Answer an input: with a result, with a 422 that says what is wrong, or as faults demand."""
    if behaviour.infrastructure_error:
        return infrastructure_error(behaviour.infrastructure_error)
    if not body:
        return _refusal([detail("missing", "Field required", given=None)])
    try:
        payload = parse(body)
    except NotJson as error:
        where = (error.position,)
        message = "JSON decode error"
        return _refusal([detail("json_invalid", message, where, given={}, error=error.reason)])
    if problems := endpoint.problems(payload):
        return _refusal(problems)
    if behaviour.model_error:
        message = behaviour.model_error.replace("_", " ").capitalize()
        return _refusal([model_error(behaviour.model_error, message, given=payload)])
    result: Any = endpoint.plain_output
    if behaviour.unknown_enum:
        result = endpoint.newer_output(behaviour.unknown_enum)
    result = answer_to(endpoint, payload, result)
    if behaviour.unknown_field and isinstance(result, dict):
        result = {**result, behaviour.unknown_field: "emulated"}
    return Outcome(200, result, {"x-fal-billable-units": "1"})


def plan_job(
    behaviour: Behaviour, outcome: Outcome, start_timeout: float | None
) -> tuple[Plan, Outcome]:
    """Plan a job that ends in `outcome`, unless it would wait more than `start_timeout` seconds."""
    plan = Plan(
        queued=behaviour.queued,
        running=behaviour.running,
        ahead=behaviour.ahead,
        log_lines=behaviour.logs,
        expires=behaviour.expired,
        cancellable=not behaviour.uncancellable,
    )
    if start_timeout is None or plan.queued <= start_timeout:
        return plan, outcome
    late = infrastructure_error("startup_timeout")
    headers = {**late.headers, "X-Fal-Request-Timeout-Type": "user"}
    return replace(plan, queued=start_timeout, running=0.0), replace(late, headers=headers)


def _refusal(problems: list[Detail]) -> Outcome:
    headers = {"x-fal-billable-units": "0", "x-fal-needs-retry": "false"}
    return Outcome(422, {"detail": problems}, headers)
