"""queue.fal.run: submit jobs, follow them, fetch results, cancel."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import httpx
import pytest
from fal_codegen.emulator import Emulator

from .conftest import PAINT

INPUT = {"prompt": "a red fox"}


def submit(http: httpx.Client, endpoint: str = PAINT, faults: str = "") -> Any:
    response = http.post(f"/queue/{endpoint}", json=INPUT, headers={"X-Emulate": faults})
    assert response.status_code == 200
    return response.json()


def wait(http: httpx.Client, job: Any) -> Any:
    """Poll until the job is completed, and return the last status."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        response = http.get(job["status_url"], params={"logs": 1})
        if response.json()["status"] == "COMPLETED":
            assert response.status_code == 200
            return response.json()
        assert response.status_code == 202
        time.sleep(0.005)
    raise AssertionError("the job did not complete")


def test_a_job_passes_from_submission_to_result(emulator: Emulator, http: httpx.Client) -> None:
    job = submit(http)
    url = f"{emulator.base_url}/queue/acme/paint/requests/{job['request_id']}"
    assert job == {
        "status": "IN_QUEUE",
        "request_id": job["request_id"],
        "response_url": url,
        "status_url": f"{url}/status",
        "cancel_url": f"{url}/cancel",
        "queue_position": 0,
        "logs": None,
        "metrics": {},
    }
    assert uuid.UUID(job["request_id"]).version == 7
    done = wait(http, job)
    assert [line["message"] for line in done["logs"]] == ["step 1/2", "step 2/2"]
    assert set(done["logs"][0]) == {"message", "level", "source", "timestamp"}
    assert done["metrics"]["inference_time"] == pytest.approx(0.01, abs=0.001)
    assert "error" not in done
    assert "x-fal-request-id" not in http.get(job["status_url"]).headers
    response = http.get(job["response_url"])
    assert response.status_code == 200
    assert response.headers["x-fal-request-id"] == job["request_id"]
    assert response.headers["x-fal-billable-units"] == "1"
    assert response.headers["x-fal-served-from"]
    assert response.json()["mood"] == "calm"


@pytest.mark.parametrize("form", ["acme/paint", PAINT])
@pytest.mark.parametrize("result", ["", "/response"])
def test_both_forms_of_a_request_url_are_served(http: httpx.Client, form: str, result: str) -> None:
    job = submit(http, faults="queued=0, running=0")
    url = f"/queue/{form}/requests/{job['request_id']}"
    assert http.get(f"{url}/status").status_code == 200
    assert http.get(url + result).status_code == 200
    assert http.put(f"{url}/cancel").json() == {"detail": "Request is already completed"}


def test_a_request_is_not_found_under_another_endpoint(http: httpx.Client) -> None:
    job = submit(http, "acme/paint")
    url = f"/queue/{PAINT}/requests/{job['request_id']}"
    assert http.get(f"{url}/status").status_code == 404
    assert http.get(url).status_code == 404


def test_a_namespace_stays_in_request_urls(emulator: Emulator, http: httpx.Client) -> None:
    job = submit(http, "workflows/acme/chain/last")
    prefix = f"{emulator.base_url}/queue/workflows/acme/chain/requests/"
    assert job["status_url"].startswith(prefix)
    wait(http, job)


def test_a_waiting_and_a_running_job_have_their_states(http: httpx.Client) -> None:
    waiting = submit(http, faults="queued=60, ahead=3")
    assert waiting["queue_position"] == 3
    response = http.get(waiting["status_url"])
    assert response.status_code == 202
    assert response.json()["status"] == "IN_QUEUE"
    assert response.json()["queue_position"] == 3
    assert response.json()["logs"] is None
    assert response.json()["metrics"] == {}

    running = submit(http, faults="queued=0, running=60, logs=1")
    response = http.get(running["status_url"], params={"logs": "true"})
    assert response.status_code == 202
    assert response.json()["status"] == "IN_PROGRESS"
    assert [line["message"] for line in response.json()["logs"]] == ["step 1/1"]
    assert response.json()["metrics"] == {}
    assert http.get(running["status_url"], params={"logs": 0}).json()["logs"] is None
    response = http.get(running["response_url"])
    assert response.status_code == 400
    assert response.json() == {"detail": "Request is still in progress"}


def test_a_cancelled_job_ends_as_cancelled(http: httpx.Client) -> None:
    for faults in ("queued=60", "queued=0, running=60"):
        job = submit(http, faults=faults)
        response = http.put(job["cancel_url"])
        assert response.status_code == 202
        assert response.json() == {"status": "CANCELLATION_REQUESTED"}
        status = wait(http, job)
        assert status["error_type"] == "client_cancelled"
        assert http.get(job["response_url"]).status_code == 499
        response = http.put(job["cancel_url"])
        assert response.status_code == 400
        assert response.json() == {"detail": "Request is already completed"}
    response = http.put("/queue/acme/paint/requests/unknown/cancel")
    assert response.status_code == 404
    assert response.json() == {"status": "NOT_FOUND"}


def test_a_request_that_is_not_known_is_not_found_with_or_without_a_key(
    emulator: Emulator, http: httpx.Client
) -> None:
    url = f"{emulator.base_url}/queue/acme/paint/requests/unknown"
    for path in ("", "/response", "/status", "/status/stream"):
        for answer in (http.get(url + path), httpx.get(url + path)):
            assert (answer.status_code, answer.json()) == (404, {"status": "NOT_FOUND"})
    job = submit(http, faults="expired, queued=0, running=0")
    assert http.get(job["response_url"]).json() == {"status": "NOT_FOUND"}


def test_a_job_that_cannot_be_cancelled_runs_on(http: httpx.Client) -> None:
    job = submit(http, faults="queued=0, running=1, uncancellable")
    assert http.put(job["cancel_url"]).json() == {"status": "CANCELLATION_REQUESTED"}
    assert "error" not in wait(http, job)
    assert http.get(job["response_url"]).status_code == 200


def test_a_wrong_input_is_accepted_and_shows_in_the_result(http: httpx.Client) -> None:
    response = http.post(f"/queue/{PAINT}", json={"steps": 0})
    assert response.status_code == 200
    # As recorded: only the result shows that the model failed.
    assert wait(http, response.json()).keys() & {"error", "error_type"} == set()
    response = http.get(response.json()["response_url"])
    assert response.status_code == 422
    assert response.headers["x-fal-needs-retry"] == "false"
    assert response.headers["x-fal-billable-units"] == "0"
    assert {item["type"] for item in response.json()["detail"]} == {"missing", "greater_than_equal"}


def test_a_job_that_would_start_too_late_fails(http: httpx.Client) -> None:
    for header in ("X-Fal-Request-Start-Timeout", "X-Fal-Request-Timeout"):
        headers = {header: "0.01", "X-Emulate": "queued=60"}
        job = http.post(f"/queue/{PAINT}", json=INPUT, headers=headers).json()
        assert wait(http, job)["error_type"] == "startup_timeout"
        response = http.get(job["response_url"])
        assert response.status_code == 504
        assert response.headers["x-fal-request-timeout-type"] == "user"
        response = http.post(f"/queue/{PAINT}", json=INPUT, headers={header: "soon"})
        assert response.status_code == 400


def test_the_key_is_required_and_can_be_wrong(emulator: Emulator) -> None:
    with httpx.Client(base_url=emulator.base_url) as http:
        assert http.post(f"/queue/{PAINT}", json=INPUT).status_code == 401
        assert len(emulator.queue) == 0
        job = http.post(f"/queue/{PAINT}", json=INPUT, headers={"Authorization": "Key any"}).json()
        of_an_app = "Cannot access application 'acme/paint'. "
        of_an_app += "Authentication is required to access this application."
        for method, path, said in [
            ("GET", job["response_url"], of_an_app),
            ("GET", job["status_url"], of_an_app),
            ("GET", f"{job['status_url']}/stream", of_an_app),
            ("PUT", job["cancel_url"], of_an_app),
            ("POST", f"/run/{PAINT}", of_an_app),
            ("POST", f"/run/{PAINT}/stream", of_an_app),
            ("POST", "/rest/storage/upload/initiate", "Authentication is required"),
            ("POST", "/rest/tokens/", "Authentication is required"),
        ]:
            response = http.request(method, path, json=None if method == "GET" else {})
            assert response.status_code == 401, path
            assert response.json() == {"detail": said}
    assert len(emulator.queue) == 1


def test_one_key_can_be_demanded() -> None:
    with Emulator([], key="id:secret") as emulator:
        url = f"{emulator.base_url}/queue/acme/paint/requests/x"
        statuses = [
            httpx.get(url, headers={"Authorization": f"Key {key}"}).status_code
            for key in ("other", "id:secret")
        ]
        said = [
            httpx.get(url, headers={"Authorization": f"Key {key}"}).json()["detail"]
            for key in ("other:secret", "other")
        ]
    assert statuses == [401, 404]
    assert said == [
        "invalid key credentials",
        "Invalid Key Authorization header format. Expected '<key_id>:<key_secret>'.",
    ]


def test_a_queue_that_is_longer_than_the_caller_accepts(
    emulator: Emulator, http: httpx.Client
) -> None:
    def statuses(faults: str, *lengths: object) -> list[int]:
        headers = {"X-Emulate": faults}
        url = f"/queue/{PAINT}?fal_max_queue_length="
        return [http.post(f"{url}{n}", json=INPUT, headers=headers).status_code for n in lengths]

    assert statuses("ahead=3, queued=0", 2, 3) == [429, 200]
    submit(http, "acme/paint", faults="queued=60")
    assert statuses("", 0, 1) == [429, 200]
    assert statuses("", -1, "x", "", "9" * 5000) == [400] * 4
    assert len(emulator.queue) == 3


def test_an_unknown_endpoint_or_path_is_not_found(http: httpx.Client) -> None:
    response = http.post("/queue/acme/nothing", json=INPUT)
    assert response.status_code == 404
    assert response.json() == {"detail": "Application 'nothing' not found"}
    for way in ("queue", "run"):
        response = http.post(f"/{way}/acme/paint/v9/final", json=INPUT)
        assert response.status_code == 404
        assert response.json() == {"detail": "Path /v9/final not found"}
        assert response.headers["x-fal-billable-units"] == "0"
    response = http.get("/nowhere")
    assert response.status_code == 404
    assert response.json() == {"detail": "Not Found"}
    assert http.delete(f"/queue/{PAINT}").status_code == 405


def test_the_status_stream_tells_every_change_once(http: httpx.Client) -> None:
    faults = "queued=1, ahead=1, running=0.2, logs=2, heartbeat=0.02; on=events"
    job = submit(http, faults=faults)
    with http.stream("GET", f"{job['status_url']}/stream", params={"logs": 1}) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = [line for line in response.iter_lines() if line]
    events = [json.loads(line.removeprefix("data: ")) for line in lines if line[0] != ":"]
    assert ": ping" in lines
    states = [event["status"] for event in events]
    assert states[0] == "IN_QUEUE"
    assert states[-1] == "COMPLETED"
    assert states == sorted(states, key=["IN_QUEUE", "IN_PROGRESS", "COMPLETED"].index)
    told = [line["message"] for event in events for line in event.get("logs") or ()]
    assert told == ["step 1/2", "step 2/2"]


def test_the_status_stream_ends_when_the_job_is_cancelled(http: httpx.Client) -> None:
    job = submit(http, faults="queued=60")
    with http.stream("GET", f"{job['status_url']}/stream") as response:
        lines = response.iter_lines()
        assert "IN_QUEUE" in next(lines)
        httpx.put(job["cancel_url"], headers=http.headers)
        assert "client_cancelled" in "".join(lines)
