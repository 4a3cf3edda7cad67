"""fal.run: call a model and get its answer on the same connection, whole or as a stream."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from fal_codegen.emulator import Emulator

from .conftest import PAINT
from .documents import document

INPUT = {"prompt": "a red fox"}


def test_run_returns_the_output(http: httpx.Client) -> None:
    response = http.post(f"/run/{PAINT}", json=INPUT)
    assert response.status_code == 200
    assert response.json()["mood"] == "calm"
    assert response.headers["x-fal-request-id"]
    assert response.headers["x-fal-billable-units"] == "1"
    assert response.headers["x-fal-served-from"]


def test_a_string_of_the_document_is_answered_as_it_is() -> None:
    text = "fal-emulator:/files/x"  # which once stood for the URL of a file
    output = {"type": "object", "properties": {"note": {"type": "string", "examples": [text]}}}
    with Emulator([document(PAINT, output=output)]) as emulator:
        headers = {"Authorization": "Key any"}
        response = httpx.post(f"{emulator.base_url}/run/{PAINT}", json=INPUT, headers=headers)
    assert response.json() == {"note": text}


def test_the_units_that_a_result_bills_can_be_chosen(http: httpx.Client) -> None:
    for units in ("0.0125", "3", "0"):
        headers = {"X-Emulate": f"billable-units={units}"}
        response = http.post(f"/run/{PAINT}", json=INPUT, headers=headers)
        assert response.headers["x-fal-billable-units"] == units


def test_stream_sends_an_event_for_each_step(http: httpx.Client) -> None:
    headers = {"X-Emulate": "logs=3"}
    with http.stream("POST", f"/run/{PAINT}/stream", json=INPUT, headers=headers) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = [line for line in response.iter_lines() if line]
    events = [json.loads(line.removeprefix("data: ")) for line in lines]
    assert [event["mood"] for event in events] == ["calm"] * 3


def test_a_workflow_streams_the_events_of_its_steps() -> None:
    def events(faults: str) -> list[dict[str, Any]]:
        url = f"{emulator.base_url}/run/workflows/acme/poster/stream"
        headers = {"Authorization": "Key any", "X-Emulate": faults}
        answer = httpx.post(url, json=INPUT, headers=headers)
        return [json.loads(line.removeprefix("data: ")) for line in answer.text.split("\n\n")[:-1]]

    with Emulator([document("workflows/acme/poster")]) as emulator:
        submit, completion, *_, output = events("logs=2")
        failed, error = events("model-error=content_policy_violation")
    assert submit.keys() == {"type", "node_id", "app_id", "request_id"}
    assert completion.keys() == {"type", "node_id", "output"}
    assert submit["node_id"] == completion["node_id"]
    assert output == {"type": "output", "output": completion["output"]}
    assert (submit["type"], completion["type"], failed["type"]) == (
        "submit",
        "completion",
        "submit",
    )
    assert error.keys() == {"type", "node_id", "message", "error"}
    assert error["error"]["status"] == 422
    assert error["error"]["body"]["detail"][0]["type"] == "content_policy_violation"


def test_a_stream_of_a_wrong_input_is_a_422(http: httpx.Client) -> None:
    response = http.post(f"/run/{PAINT}/stream", json={})
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["body", "prompt"]


def test_an_endpoint_whose_id_ends_in_stream_is_run() -> None:
    documents = [document("acme/speak/stream"), document("acme/speak")]
    headers = {"Authorization": "Key any"}
    with Emulator(documents) as emulator:
        for path, accepted, content_type in (
            ("acme/speak/stream", "*/*", "application/json"),
            ("acme/speak/stream", "text/event-stream", "text/event-stream; charset=utf-8"),
            ("acme/speak/stream/stream", "*/*", "text/event-stream; charset=utf-8"),
        ):
            url = f"{emulator.base_url}/run/{path}"
            response = httpx.post(url, json=INPUT, headers={**headers, "Accept": accepted})
            assert response.headers["content-type"] == content_type


@pytest.mark.parametrize("ids", [("acme/speak", "acme/speak/stream"), ("acme/speak/stream",)])
def test_an_endpoint_whose_id_ends_in_stream_is_streamed_to_who_asks_for_events(
    ids: tuple[str, ...],
) -> None:
    headers = {"Authorization": "Key any", "Accept": "text/event-stream"}
    with Emulator([document(endpoint_id) for endpoint_id in ids]) as emulator:
        url = f"{emulator.base_url}/run/acme/speak/stream"
        response = httpx.post(url, json=INPUT, headers=headers)
    assert response.headers["content-type"].startswith("text/event-stream")


def test_an_unknown_endpoint_cannot_be_run(http: httpx.Client) -> None:
    assert http.post("/run/acme/nothing", json=INPUT).status_code == 404
    assert http.post("/run/acme/nothing/stream", json=INPUT).status_code == 404
