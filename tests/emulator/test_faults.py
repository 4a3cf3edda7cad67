"""Faults: on demand, by header and by option, for the requested operation only."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest
from fal_codegen.emulator import Emulator
from fal_codegen.emulator.faults import INFRASTRUCTURE_ERRORS, Behaviour, describe
from fal_codegen.errors import UsageError

from .conftest import PAINT
from .test_queue import INPUT, submit, wait


def run(http: httpx.Client, faults: str = "") -> httpx.Response:
    return http.post(f"/run/{PAINT}", json=INPUT, headers={"X-Emulate": faults})


def result(http: httpx.Client, faults: str) -> httpx.Response:
    job = submit(http, faults=f"queued=0, running=0, {faults}")
    return http.get(job["response_url"])


# Jobs --------------------------------------------------------------------------------------------


def test_a_model_error_is_a_list_of_problems(http: httpx.Client) -> None:
    for faults, kind in [
        ("model-error", "content_policy_violation"),
        ("model-error=image_too_small", "image_too_small"),
    ]:
        for response in (run(http, faults), result(http, faults)):
            assert response.status_code == 422
            (item,) = response.json()["detail"]
            assert (item["type"], item["loc"], item["input"]) == (kind, ["body"], INPUT)
            assert item["url"] == f"https://docs.fal.ai/errors#{kind}"
            assert response.headers["x-fal-billable-units"] == "0"
            assert response.headers["x-fal-needs-retry"] == "false"


@pytest.mark.parametrize(("kind", "status"), INFRASTRUCTURE_ERRORS.items())
def test_an_infrastructure_error_has_its_type_and_status(
    http: httpx.Client, kind: str, status: int
) -> None:
    job = submit(http, faults=f"queued=0, running=0, infrastructure-error={kind}")
    done = wait(http, job)
    assert done["error_type"] == kind
    response = http.get(job["response_url"])
    assert done["error"] == response.json()["detail"]
    for answer in (response, run(http, f"infrastructure-error={kind}")):
        assert answer.status_code == status
        assert answer.headers["x-fal-error-type"] == kind
        assert answer.headers["x-fal-needs-retry"] == str(status >= 500).lower()
        assert answer.json()["error_type"] == kind


def test_a_newer_server_has_unknown_values_in_result_and_status(http: httpx.Client) -> None:
    assert result(http, "unknown-enum=stormy").json()["mood"] == "stormy"
    body = result(http, "unknown-field=extra").json()
    assert body["extra"] == "emulated"
    assert body["mood"] == "calm"
    job = submit(http, faults="running=0.2, unknown-status; times=1; on=status")
    assert http.get(job["status_url"]).json()["status"] == "EMULATED"
    assert wait(http, job)["status"] == "COMPLETED"
    job = submit(http, faults="unknown-field=extra; on=status")
    assert http.get(job["status_url"]).json()["extra"] == "emulated"


def test_an_expired_result_is_not_found(http: httpx.Client) -> None:
    job = submit(http, faults="expired")
    wait(http, job)
    assert http.get(job["response_url"]).status_code == 404


# Answers -----------------------------------------------------------------------------------------


def test_a_delay_holds_back_the_response(http: httpx.Client) -> None:
    started = time.monotonic()
    run(http, "delay=0.2")
    assert time.monotonic() - started >= 0.2


def test_an_error_of_a_proxy_does_not_name_fal(emulator: Emulator, http: httpx.Client) -> None:
    response = run(http, "proxy-error")
    assert response.status_code == 502
    assert response.headers["content-type"].startswith("text/html")
    assert "nginx" in response.text
    assert "x-fal-request-id" not in response.headers
    assert run(http, "proxy-error=504").status_code == 504


def test_a_rate_limit_rejects_with_a_pause(emulator: Emulator, http: httpx.Client) -> None:
    headers = {"X-Emulate": "rate-limit=3"}
    response = http.post(f"/queue/{PAINT}", json=INPUT, headers=headers)
    assert response.status_code == 429
    assert response.headers["retry-after"] == "3"
    assert len(emulator.queue) == 0


def test_an_exhausted_balance_locks_the_user(emulator: Emulator, http: httpx.Client) -> None:
    said = (
        "User is locked. Reason: Exhausted balance. "
        "Top up your balance at fal.ai/dashboard/billing."
    )
    headers = {"X-Emulate": "balance"}
    response = http.post(f"/queue/{PAINT}", json=INPUT, headers=headers)
    assert (response.status_code, response.json()) == (403, {"detail": said})
    assert response.headers["x-fal-request-id"]
    assert len(emulator.queue) == 0
    response = http.get("/api/v1/models", headers=headers)
    assert response.json()["error"] == {"type": "authorization_error", "message": said}


def test_a_refused_submission_makes_no_job(emulator: Emulator, http: httpx.Client) -> None:
    headers = {"X-Emulate": "refuse"}
    response = http.post(f"/queue/{PAINT}", json=INPUT, headers=headers)
    assert response.status_code == 503
    assert response.json()["error_type"] == "runner_scheduling_failure"
    assert len(emulator.queue) == 0


@pytest.mark.parametrize(("when", "jobs"), [("before", 0), ("after", 1)])
def test_a_dropped_connection_is_no_response(
    emulator: Emulator, http: httpx.Client, when: str, jobs: int, caplog: pytest.LogCaptureFixture
) -> None:
    headers = {"X-Emulate": f"drop={when}"}
    with pytest.raises(httpx.TransportError):
        http.post(f"/queue/{PAINT}", json=INPUT, headers=headers)
    assert len(emulator.queue) == jobs
    (entry,) = emulator.journal.select("submit")
    assert entry.status is None
    assert not caplog.records


def test_a_truncated_body_ends_early(http: httpx.Client, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        run(http, "truncate")
    url = run(http).json()["image"]["url"]
    with (
        pytest.raises(httpx.RemoteProtocolError),
        httpx.stream("GET", url, headers={"X-Emulate": "truncate"}) as response,
    ):
        assert response.status_code == 200
        received = b""
        for chunk in response.iter_raw():
            received += chunk
    assert received == httpx.get(url).content[: len(received)]
    assert not caplog.records


def test_a_slow_body_is_complete_in_the_end(http: httpx.Client) -> None:
    started = time.monotonic()
    response = run(http, "slow=0.2")
    assert time.monotonic() - started >= 0.2
    assert response.json() == run(http).json()


# Parameters --------------------------------------------------------------------------------------


def statuses(http: httpx.Client, n: int, faults: str = "") -> list[int]:
    return [run(http, faults).status_code for _ in range(n)]


def test_a_request_that_is_sent_again_goes_through_in_the_end(http: httpx.Client) -> None:
    assert statuses(http, 4, "rate-limit; times=2") == [429, 429, 200, 200]
    assert statuses(http, 2, "rate-limit; times=1") == [429, 200]


def test_a_fault_that_is_asked_for_again_strikes_again(
    http: httpx.Client, emulator: Emulator
) -> None:
    for _ in range(2):
        emulator.emulate("rate-limit; times=1")
        assert statuses(http, 2) == [429, 200]


def test_faults_of_the_server_hold_for_every_request(
    http: httpx.Client, emulator: Emulator
) -> None:
    emulator.emulate("rate-limit; times=1, logs=1")
    assert statuses(http, 2) == [429, 200]
    emulator.emulate("refuse; on=result")
    job = submit(http, faults="queued=0, running=0")
    assert len(wait(http, job)["logs"]) == 1
    assert http.get(job["response_url"]).status_code == 503
    emulator.reset()
    assert statuses(http, 1) == [200]


def test_a_header_wins_over_what_is_in_force(http: httpx.Client, emulator: Emulator) -> None:
    emulator.emulate("model-error=image_too_small")
    kinds = [
        run(http, faults).json()["detail"][0]["type"]
        for faults in ("", "model-error=file_too_large")
    ]
    assert kinds == ["image_too_small", "file_too_large"]


def test_a_submission_asks_for_faults_of_its_own_job(http: httpx.Client) -> None:
    faulty = "queued=0, running=0, proxy-error; on=status|result; times=2"
    first, second, plain = (submit(http, faults=faults) for faults in (faulty, faulty, ""))
    for job in (first, second):
        codes = [http.get(job[url]).status_code for url in ("status_url", "response_url") * 2]
        assert codes == [502, 502, 200, 200]
    wait(http, plain)


def test_a_rate_strikes_that_part_of_the_requests_and_always_the_same(emulator: Emulator) -> None:
    def struck() -> list[bool]:
        emulator.reset()
        emulator.emulate("refuse; rate=0.25")
        url = f"{emulator.base_url}/api/v1/models"
        with httpx.Client() as http:
            return [http.get(url).status_code == 503 for _ in range(200)]

    first = struck()
    assert 25 < sum(first) < 75
    assert struck() == first


@pytest.mark.parametrize(
    "directives",
    [
        "explode",
        "delay",
        "delay=soon",
        "delay=-1",
        "delay=nan",
        "drop=during",
        "expired=yes",
        "infrastructure-error=unheard_of",
        "proxy-error=200",
        "truncate; on=everything",
        "truncate; times=0",
        "truncate; rate=2",
        "truncate; sometimes",
    ],
)
def test_unknown_directives_are_reported(http: httpx.Client, directives: str) -> None:
    response = run(http, directives)
    assert response.status_code == 400
    with pytest.raises(UsageError):
        Emulator([], faults=directives)


@pytest.mark.parametrize(
    ("directive", "wanted"),
    [
        ("delay=soon", "delay takes a number from 0 to less than 1,000,000"),
        ("logs=1.5", "logs takes a whole number from 0 to less than 1,000,000"),
        ("expired=yes", "expired takes no value"),
        ("drop=during", "drop takes before or after"),
    ],
)
def test_the_message_names_the_value_that_it_takes(directive: str, wanted: str) -> None:
    with pytest.raises(UsageError) as error:
        Emulator([], faults=directive)
    assert str(error.value) == f"cannot emulate {directive!r}: {wanted}"


def test_a_semicolon_between_faults_is_an_error_that_names_the_comma() -> None:
    with pytest.raises(UsageError) as error:
        Emulator([], faults="queued=1; running=1")
    assert str(error.value).startswith("'running=1' is not a parameter of queued\n")
    assert str(error.value).endswith("; a comma separates faults")


def test_a_mistyped_directive_gets_a_suggestion() -> None:
    with pytest.raises(UsageError, match=r"did you mean running\? known: queued"):
        Emulator([], faults="runing=3")


def test_a_mistyped_directive_of_a_header_reaches_the_caller_as_an_error_of_fal(
    http: httpx.Client,
) -> None:
    response = http.post(f"/queue/{PAINT}", json=INPUT, headers={"X-Emulate": "runing=3"})
    assert response.status_code == 400
    assert response.headers["x-fal-error-type"] == "bad_request"  # a client shows its message
    assert "did you mean running?" in response.json()["detail"]


def test_every_directive_is_described() -> None:
    lines = describe().splitlines()
    assert [line[:8] for line in lines if line.startswith(";")] == [
        "; on=NAM",
        "; times=",
        "; rate=N",
    ]
    listed = [line.partition(" ")[0] for line in lines if not line.startswith(";")]
    names: list[Any] = [name.replace("_", "-") for name in vars(Behaviour())]
    assert [name.partition("=")[0].partition("[")[0] for name in listed] == names
    assert "delay=NUMBER" in listed
    assert "model-error[=STRING]" in listed
    assert "truncate" in listed
