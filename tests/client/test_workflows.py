"""The events of a workflow's stream."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fal_endpoints import (
    Endpoint,
    Fal,
    InputModel,
    ModelError,
    OutputModel,
    Request,
    StepCompleted,
    StepFailed,
    StepSubmitted,
    UnknownEvent,
    ValidationError,
    WorkflowOutput,
)

from .conftest import Call
from .scripted import Answer, Asked, scripted
from .undeclared import PORTRAIT, POSTER


@pytest.fixture
def request_(client: Fal) -> Request[dict[str, Any]]:
    return client.endpoint(POSTER)(prompt="a cat")


def test_the_events_name_the_steps(request_: Request[dict[str, Any]], call: Call) -> None:
    events = call(request_.stream, headers={"X-Emulate": "logs=2"})
    kinds = [StepSubmitted, StepCompleted, StepSubmitted, StepCompleted, WorkflowOutput]
    assert [type(event) for event in events] == kinds
    first, done, second, _, result = events
    assert first.node_id == done.node_id != second.node_id
    assert first.app_id == POSTER
    assert first.request_id != second.request_id
    assert done.output["width"] == result.output["width"] == 640


def test_the_result_of_a_workflow_is_that_of_any_endpoint(
    request_: Request[dict[str, Any]], call: Call
) -> None:
    assert call(request_.subscribe)["width"] == 640


def test_a_failed_step_has_the_error_of_its_request(
    request_: Request[dict[str, Any]], call: Call
) -> None:
    fault = {"X-Emulate": "model-error=content_policy_violation"}
    submitted, failed = call(request_.stream, headers=fault)
    assert isinstance(failed, StepFailed)
    assert failed.node_id == submitted.node_id
    assert isinstance(failed.error, ModelError)
    assert failed.error.status_code == 422
    assert failed.error.request_id
    assert [problem.type for problem in failed.error.errors] == ["content_policy_violation"]
    assert "Error while fetching the result" in str(failed.error)


def test_an_invalid_input_raises(client: Fal, call: Call) -> None:
    with pytest.raises(ModelError):
        call(client.endpoint(POSTER)().stream)
    with pytest.raises(ValidationError):
        call(client.endpoint(POSTER)(prompt=object()).stream)


ODD = [
    {"type": "submit", "node_id": 1, "app_id": "a", "request_id": "b"},
    {"type": "submit"},
    {"type": "progress", "node_id": "a"},
    {"type": ["submit"]},
    ["output"],
    None,
]


def test_odd_events_are_kept(call: Call) -> None:
    data = [*map(json.dumps, ODD), "not JSON", "[" * 100_000]
    events = answered(call, POSTER, data)
    assert events[:-1] == [*map(UnknownEvent, ODD), UnknownEvent("not JSON")]
    assert isinstance(events[-1], UnknownEvent)


@pytest.mark.parametrize(
    ("event", "status", "message"),
    [
        ({"error": {"status": 422, "body": {"detail": "too dark"}}}, 422, "too dark"),
        ({"error": {"status": "x", "body": [1]}, "message": "it broke"}, 200, "it broke"),
        ({"error": None, "message": ["it broke"]}, 200, "it broke"),
        ({}, 200, "the step 'a' failed"),
    ],
)
def test_the_error_of_a_step_may_have_any_shape(
    call: Call, event: dict[str, Any], status: int, message: str
) -> None:
    [failed] = answered(call, POSTER, [json.dumps({"type": "error", "node_id": "a", **event})])
    assert (failed.node_id, failed.error.status_code) == ("a", status)
    assert message in str(failed.error)


class Input(InputModel):
    prompt: str


class Output(OutputModel):
    width: int | None = None


class Poster(Endpoint[Input, Output]):
    endpoint_id = POSTER


def test_a_declared_workflow_yields_its_output_and_dictionaries(client: Fal, call: Call) -> None:
    *steps, output = call(Poster(client)(prompt="a cat").stream, headers={"X-Emulate": "logs=1"})
    assert [step["type"] for step in steps] == ["submit", "completion"]
    assert isinstance(output, Output)
    assert output.width == 640


def test_other_endpoints_stream_their_outputs(client: Fal, call: Call) -> None:
    outputs = call(client.endpoint(PORTRAIT)(prompt="a cat").stream)
    assert {output["width"] for output in outputs} == {640}


def answered(call: Call, endpoint_id: str, data: list[str]) -> list[Any]:
    """Return what the stream of a server that sends these events yields."""

    def answer(asked: Asked) -> Answer:
        assert asked.path == f"/run/{endpoint_id}/stream"
        body = "".join(f"data: {text}\n\n" for text in data).encode()
        return Answer(body=body, headers={"Content-Type": "text/event-stream"})

    with scripted(answer) as server, Fal("key", base_url=server.base_url) as client:
        events: list[Any] = call(client.endpoint(endpoint_id)().stream)
    return events
