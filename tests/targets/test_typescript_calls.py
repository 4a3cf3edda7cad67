"""The target `typescript`: what its calls send, and how they end, against the emulator."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from fal_codegen.emulator import Emulator

from .npm import HERE, App, node

pytestmark = pytest.mark.node

ROOT = Path(__file__).parents[2]
PIKA = "fal-ai/pika/v2.2/image-to-video"


@dataclass(frozen=True)
class Ended:
    """How the calls of `calls.mjs` ended, and what the emulator got, by the names of the calls."""

    calls: dict[str, dict[str, Any]]
    posts: Counter[str]
    cancelled: Counter[str]
    fetches_of_keys: int

    def value(self, name: str) -> Any:
        assert "value" in self.calls[name], self.calls[name]
        return self.calls[name]["value"]

    def error(self, name: str) -> dict[str, Any]:
        assert "error" in self.calls[name], self.calls[name]
        return dict(self.calls[name]["error"])


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    app = App.start(tmp_path_factory.mktemp("calls"))
    app.install(ROOT / "generated" / "typescript")
    shutil.copy(HERE / "calls.mjs", app.folder)
    content = json.loads((ROOT / "specs" / f"{PIKA}.json").read_text("utf-8"))
    with Emulator([content]) as emulator:
        calls = json.loads(node("calls.mjs", emulator.base_url, folder=app.folder))
        entries = list(emulator.journal)
    posts: Counter[str] = Counter()
    for entry in entries:
        if entry.operation in ("submit", "run", "stream"):
            posts[entry.headers.get("x-call") or entry.json["prompt"]] += 1
    cancelled = Counter(entry.path for entry in entries if entry.operation == "cancel")
    fetches = sum(entry.operation == "jwks" for entry in entries)
    return Ended(calls, posts, cancelled, fetches)


@pytest.mark.parametrize(
    "name",
    [
        "lost", "dropped", "truncated", "gateway", "subscribe lost", "by id lost", "queue lost",
        "run lost", "stream lost", "stream dropped", "redirected",
    ],
)  # fmt: skip
def test_a_submission_without_a_proof_is_uncertain_and_sent_once(ended: Ended, name: str) -> None:
    error = ended.error(name)
    assert error["type"] == "SubmissionUncertain"
    assert error["message"].startswith(f"{PIKA}: ")
    assert "not sent again" in error["message"]
    assert ended.posts[name] == (0 if name == "redirected" else 1)


def test_a_stream_is_opened_once_and_fails_as_other_calls_do(ended: Ended) -> None:
    assert ended.error("stream lost")["isKnown"]
    assert ended.posts["stream lost"] == 1
    refused = ended.error("stream refused")
    assert (refused["type"], refused["status"]) == ("ApiError", 503)
    assert refused["message"].startswith(f"{PIKA}: HTTP 503")
    assert ended.posts["stream refused"] == 1
    invalid = ended.error("stream invalid")
    assert (invalid["type"], invalid["status"]) == ("ValidationError", 422)
    assert "image_url: " in invalid["message"]
    assert ended.value("stream busy")["video"]
    assert ended.posts["stream busy"] == 2


def test_a_stream_is_iterated_listened_to_and_awaited(ended: Ended) -> None:
    seen = ended.value("stream results")
    assert (seen["requestId"], seen["iterated"], seen["last"]) == ("r1", [{}, [1]], [1])
    assert seen["heard"] == [["data", {}], ["data", [1]], ["done", [1]]]
    url, headers = ended.value("stream with a token")
    query = urlencode({"a": "b", "fal_jwt_token": f"token of {PIKA}/stream"})
    assert url == f"https://fal.run/{PIKA}/stream?{query}"
    assert headers == ["accept", "content-type"]


def test_a_stream_that_breaks_is_an_error_and_one_that_is_left_has_its_results(
    ended: Ended,
) -> None:
    broken = ended.error("stream broken")
    assert (broken["type"], broken["requestId"]) == ("ConnectionFailed", "r1")
    message = "the stream was interrupted (TypeError: terminated) after 1"
    assert broken["message"] == f"{PIKA}, request r1: {message}"
    assert ended.error("stream empty")["type"] == "UnexpectedResponse"
    assert ended.value("stream ended") == [1, 1]
    assert ended.error("stream aborted")["message"] == "enough"


def test_a_rejected_submission_is_sent_once(ended: Ended) -> None:
    error = ended.error("refused")
    assert (error["type"], error["status"]) == ("ApiError", 503)
    assert "runner_scheduling_failure" in error["message"]
    assert ended.posts["refused"] == 1


def test_a_submission_is_sent_again_if_it_was_certainly_not_accepted(ended: Ended) -> None:
    assert ended.value("busy")["data"]["video"]
    assert ended.posts["busy"] == 2
    assert ended.value("unreached")["data"]["video"]
    assert ended.posts["unreached"] == 1
    failed = ended.error("unreachable")
    assert (failed["type"], failed["isKnown"]) == ("ConnectionFailed", True)
    assert "5 times" in failed["message"]
    hint = r"; is `fal-codegen emulate` running at http://127\.0\.0\.1:\d+\?$"
    assert re.search(hint, failed["message"])


def test_ids_cannot_lead_to_other_urls(ended: Ended) -> None:
    for name in ("no id", "no request id"):
        assert ended.error(name)["type"] == "TypeError"


def test_results_have_the_request_id_and_the_billable_units(ended: Ended) -> None:
    assert ended.value("costly")["billableUnits"] == 3
    assert ended.value("run result")["billableUnits"] == 1
    for name in ("costly", "run result", "another client"):
        assert ended.value(name)["requestId"]
        assert ended.value(name)["data"]["video"]["url"]


def test_odd_answers_end_in_an_error_with_the_request_id(ended: Ended) -> None:
    messages = {
        "odd detail": 'HTTP 403: {"toString":1}',
        "odd place": 'HTTP 422: {"toString":1}.0: odd',
        "odd failure": '{"message":"a\\nb"}',
        "failure in lines": "[31mred and more",
    }
    for name, message in messages.items():
        error = ended.error(name)
        assert (error["isKnown"], error["requestId"]) == (True, "r1")
        assert error["message"] == f"{PIKA}, request r1: {message}"


def test_an_error_that_repeats_the_key_does_not_show_it(ended: Ended) -> None:
    error = ended.error("key repeated")
    assert "Key … is wrong: …" in error["message"]
    assert "secret" not in json.dumps(error)


def test_odd_parts_of_an_answer_are_left_out(ended: Ended) -> None:
    assert ended.value("odd logs") == [[]]
    queue = "https://queue.fal.run/fal-ai/pika"
    assert ended.value("odd addresses")[-1] == f"{queue}/requests/r1"


def test_times_that_are_too_long_for_a_timer_do_not_end_at_once(ended: Ended) -> None:
    assert ended.value("not late")["data"]["video"]
    assert ended.value("patient") == 1


def test_a_time_that_leaves_none_is_rejected_before_anything_is_sent(ended: Ended) -> None:
    messages = {
        "no time": "timeout should be more than 0 milliseconds (got 0)",
        "no time to start": "startTimeout should be more than 1 second (got 1)",
        "no time between": "pollInterval should be more than 0 milliseconds (got NaN)",
        "no time for the result": "pollInterval should be more than 0 milliseconds (got -1)",
    }
    for name, message in messages.items():
        error = ended.error(name)
        assert (error["type"], error["message"]) == ("RangeError", message)
        assert ended.posts[name] == 0


def test_a_result_that_is_not_found_may_have_expired(ended: Ended) -> None:
    expired = "or its result has expired: a result can be fetched for 1 hour"
    assert expired in ended.error("no such request")["message"]
    assert expired not in ended.error("no such young request")["message"]
    assert ended.error("no such young request")["status"] == 404


def test_an_error_of_a_model_has_its_type(ended: Ended) -> None:
    assert ended.error("model error")["message"].endswith(" [content_policy_violation]")
    assert not ended.error("invalid")["message"].endswith("]")


def test_errors_of_a_job_name_the_endpoint_and_the_request(ended: Ended) -> None:
    kinds = {
        "model error": ("ValidationError", 422),
        "infrastructure error": ("ApiError", 500),
        "invalid": ("ValidationError", 422),
        "no such request": ("ApiError", 404),
    }
    for name, (kind, status) in kinds.items():
        error = ended.error(name)
        assert (error["type"], error["status"]) == (kind, status)
        assert error["message"].startswith(f"{PIKA}, request {error['requestId']}: HTTP {status}")
    assert "image_url: " in ended.error("invalid")["message"]


def test_questions_about_a_job_are_asked_again(ended: Ended) -> None:
    for name in ("status lost", "result lost", "streamed no further"):
        assert ended.value(name)
        assert ended.posts[name] == 1


def test_states_are_streamed_with_all_logs_so_far(ended: Ended) -> None:
    states = ended.value("streamed")
    assert states[-1]["status"] == "COMPLETED"
    assert len(states[-1]["logs"]) == 2


def test_a_handle_of_a_request_id_has_its_states_and_its_result(ended: Ended) -> None:
    seen = ended.value("handle")
    assert seen["states"][-1]["status"] == seen["status"]["status"] == "COMPLETED"
    assert len(seen["states"][-1]["logs"]) == 2
    assert seen["result"]["requestId"] == seen["is"]
    assert seen["result"]["data"]["video"]["url"]


def test_a_handle_cancels_its_request(ended: Ended) -> None:
    assert ended.value("cancelled") == [True, "COMPLETED", False]


def test_a_handle_that_stops_waiting_leaves_the_job_running(ended: Ended) -> None:
    seen = ended.value("wait aborted")
    assert seen["reason"] == "enough"
    assert seen["status"] in ("IN_QUEUE", "IN_PROGRESS")


LEFT = {
    "aborted": "enough",
    "aborted while submitting": "enough",
    "late": f"{PIKA}: no result within 1000 ms; the job is cancelled",
    "callback fails": "not mine",
}


def test_the_job_of_a_caller_who_leaves_is_cancelled(ended: Ended) -> None:
    for name, message in LEFT.items():
        assert ended.error(name)["message"] == message
        assert ended.posts[name] == 1
    of_the_handle = 2
    assert sorted(ended.cancelled.values()) == [*(1 for _ in LEFT), of_the_handle]


def test_an_aborted_call_sends_nothing(ended: Ended) -> None:
    assert ended.error("aborted before")["message"] == "enough"
    assert ended.posts["aborted before"] == 0


def test_webhooks_are_verified_while_fal_is_down_without_a_fetch_each(ended: Ended) -> None:
    assert ended.value("outage") == [1, 1, 1, 1, 2]


def test_a_webhook_is_typed_if_fal_signed_it(ended: Ended) -> None:
    seen = ended.value("webhook")
    assert seen["accepted"]["status"] == "OK"
    assert seen["accepted"]["requestId"]
    assert seen["accepted"]["output"]["video"]["url"]
    assert all(text.startswith("WebhookError: the webhook") for text in seen["rejected"])
    reasons = ("signature is not fal's", "seconds ago", "lack x-fal-webhook-signature", "signature")
    for text, reason in zip(seen["rejected"], reasons, strict=True):
        assert reason in text
    assert 1 <= ended.fetches_of_keys <= 2  # however many signatures are wrong
