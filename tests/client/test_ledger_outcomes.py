"""Which outcomes come from the ledger, and which requests are sent again."""

from __future__ import annotations

import errno
import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import (
    ConfigurationError,
    Fal,
    InfrastructureError,
    ModelError,
    NotFoundError,
    SubmissionUncertain,
    UnexpectedResponse,
)

from .collage import Collage
from .conftest import Call
from .ledgers import mapped
from .scripted import Answer, Asked, Scripted, scripted
from .tuned import IMPATIENT, tuned_client


def new_id() -> str:
    """Return a request id as fal makes it now."""
    return str(uuid.UUID(int=int(time.time() * 1000) << 80 | 7 << 76 | 2 << 62))


class Fakes:
    """A server whose jobs end as the test says, and a client of it."""

    def __init__(self) -> None:
        self.result = Answer(body={"image": {"url": "https://x.test/1.png"}, "width": 1})
        self.status = Answer(body={"status": "COMPLETED"})
        self.submission: Answer | None = None
        self.server: Scripted

    def answer(self, asked: Asked) -> Answer:
        if asked.method == "POST":
            answer = Answer(body={"request_id": f"r{self.server.count('POST')}"})
            return self.submission or answer
        return self.status if "/status" in asked.path else self.result


@pytest.fixture
def fakes() -> Iterator[Fakes]:
    fakes = Fakes()
    with scripted(fakes.answer) as fakes.server:
        yield fakes


@pytest.fixture
def fake_collage(fakes: Fakes) -> Iterator[Collage]:
    with tuned_client(IMPATIENT, base_url=fakes.server.base_url) as client:
        yield Collage(client)


def test_finished_requests_come_from_the_ledger(
    fakes: Fakes, fake_collage: Collage, call: Call, ledger: Path
) -> None:
    first = mapped(call, fake_collage, ledger)
    asked = len(fakes.server.asked)
    again = mapped(call, fake_collage, ledger, retry="failed")
    assert len(fakes.server.asked) == asked
    assert again.result() == first.result()
    with Fal("key", base_url="http://127.0.0.1:9") as elsewhere:
        assert mapped(call, Collage(elsewhere), ledger).result() == first.result()


def test_a_result_that_does_not_fit_its_type_is_kept(
    fakes: Fakes, fake_collage: Collage, call: Call, ledger: Path
) -> None:
    fakes.result = Answer(body={"image": "\ud800", "nested": [float("nan")]})
    first = mapped(call, fake_collage, ledger)
    asked = len(fakes.server.asked)
    again = mapped(call, fake_collage, ledger)
    assert len(fakes.server.asked) == asked
    for outcome in (first, again):
        assert isinstance(outcome.error, UnexpectedResponse)
        assert outcome.error.payload["image"] == "\ud800"
        assert outcome.error.request_id == "r1"


def test_retryable_failures_are_tried_again_and_others_are_not(
    fakes: Fakes, fake_collage: Collage, call: Call, ledger: Path
) -> None:
    good = fakes.result
    mistake = {"loc": ["body", "layers"], "msg": "too few", "type": "too_short"}
    fakes.result = Answer(422, {"detail": [mistake]}, {"x-fal-request-id": "r1"})
    first = mapped(call, fake_collage, ledger)
    asked = len(fakes.server.asked)
    again = mapped(call, fake_collage, ledger)
    assert len(fakes.server.asked) == asked
    for outcome in (first, again):
        assert isinstance(outcome.error, ModelError)
        assert [problem.field for problem in outcome.error.errors] == ["layers"]
        assert outcome.error.status_code == 422
        assert outcome.error.request_id == "r1"
    assert str(first.error) == str(again.error)

    failure = {"detail": "gone", "error_type": "runner_disconnected"}
    headers = {"x-fal-error-type": "runner_disconnected", "x-fal-needs-retry": "true"}
    fakes.result = Answer(500, failure, headers)
    assert isinstance(mapped(call, fake_collage, ledger, retry="failed").error, InfrastructureError)
    assert fakes.server.count("POST") == 2
    fakes.result = good
    assert mapped(call, fake_collage, ledger).error is None
    assert fakes.server.count("POST") == 3
    assert mapped(call, fake_collage, ledger, retry="failed").error is None
    assert fakes.server.count("POST") == 3


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500, 503])
def test_an_error_on_the_way_to_a_result_is_not_the_end_of_a_job(
    fakes: Fakes,
    fake_collage: Collage,
    call: Call,
    ledger: Path,
    status: int,
) -> None:
    good = fakes.result
    fakes.result = Answer(status, b"<html>")
    assert mapped(call, fake_collage, ledger).error is not None
    fakes.result = good
    assert mapped(call, fake_collage, ledger).error is None
    assert fakes.server.count("POST") == 1


@pytest.mark.parametrize("retry", ["retryable", "failed"])
@pytest.mark.parametrize("status", [400, 422, 500, 504])
def test_an_error_of_fals_status_address_is_not_the_end_of_a_job(
    fakes: Fakes,
    fake_collage: Collage,
    call: Call,
    ledger: Path,
    status: int,
    retry: str,
) -> None:
    failure = {"detail": "try later", "error_type": "internal_error"}
    fakes.status = Answer(status, failure, {"X-Fal-Error-Type": "internal_error"})
    for _ in range(2):
        assert mapped(call, fake_collage, ledger, retry=retry).error is not None
    fakes.status = Answer(body={"status": "COMPLETED"})
    assert mapped(call, fake_collage, ledger, retry=retry).error is None
    assert fakes.server.count("POST") == 1


def test_an_expired_result_is_submitted_again_only_if_that_is_asked_for(
    fakes: Fakes, fake_collage: Collage, call: Call, ledger: Path
) -> None:
    good = fakes.result
    fakes.result = Answer(404, {"status": "NOT_FOUND"})
    for _ in range(2):
        assert isinstance(mapped(call, fake_collage, ledger).error, NotFoundError)
    assert fakes.server.count("POST") == 1
    fakes.submission = Answer(422, {"detail": "no"})
    assert isinstance(mapped(call, fake_collage, ledger, retry="failed").error, ModelError)
    fakes.submission, fakes.result = None, good
    assert mapped(call, fake_collage, ledger).error is None


@pytest.mark.parametrize("tells_time", [True, False])
def test_a_recent_job_that_fal_does_not_know_may_be_that_of_another_account(
    fakes: Fakes,
    fake_collage: Collage,
    call: Call,
    ledger: Path,
    monkeypatch: pytest.MonkeyPatch,
    tells_time: bool,
) -> None:
    fakes.submission = Answer(body={"request_id": new_id() if tells_time else "r1"})
    fakes.status = Answer(404, b"<html>")
    assert mapped(call, fake_collage, ledger).error is not None
    fakes.status = Answer(404, {"status": "NOT_FOUND"})
    for retry in ("retryable", "failed", "failed"):
        outcome = mapped(call, fake_collage, ledger, retry=retry)
        assert isinstance(outcome.error, NotFoundError)
        assert "account that submitted it" in str(outcome.error)
        assert "the next run submits it again" not in str(outcome.error)
    assert fakes.server.count("POST") == 1

    now = time.time()
    monkeypatch.setattr("fal_endpoints._runtime.protocol.request_id.time.time", lambda: now + 3600)
    outcome = mapped(call, fake_collage, ledger)
    assert 'with retry="failed", the next run submits it again' in str(outcome.error)
    assert fakes.server.count("POST") == 1
    mapped(call, fake_collage, ledger, retry="failed")
    assert fakes.server.count("POST") == 2


def test_a_lost_result_names_the_next_step(
    collage: Collage, call: Call, emulator: Emulator, ledger: Path
) -> None:
    emulator.emulate("expired")
    lost = "fal does not know the request, or has lost its result"
    with pytest.raises(NotFoundError, match=lost):
        call(collage(layers=[]).subscribe)
    for _ in range(2):
        error = mapped(call, collage, ledger).error
        assert lost in str(error)
        assert 'with retry="failed", the next run submits it again' in str(error)


def test_a_proxys_404_does_not_replace_a_job(
    fakes: Fakes, fake_collage: Collage, call: Call, ledger: Path
) -> None:
    """It says nothing about the job, even where the batch is to send again what failed."""
    status, result = fakes.status, fakes.result
    for where in ("status", "result"):
        setattr(fakes, where, Answer(404, b"<html>gateway"))
        outcome = mapped(call, fake_collage, ledger, retry="failed")
        assert isinstance(outcome.error, NotFoundError)
        fakes.status, fakes.result = status, result
    fakes.result = Answer(404, {"detail": "no such file"}, {"X-Fal-Request-Id": "r1"})
    assert isinstance(mapped(call, fake_collage, ledger, retry="failed").error, NotFoundError)
    assert fakes.server.count("POST") == 2
    fakes.result = result
    assert mapped(call, fake_collage, ledger, retry="failed").error is None
    assert fakes.server.count("POST") == 2


def test_the_outcomes_of_another_server_are_not_this_ones(
    collage: Collage, call: Call, emulator: Emulator, ledger: Path
) -> None:
    mapped(call, collage, ledger)
    other = Collage(Fal("key", base_url="https://fal.example"))
    servers = "made with the server localhost, and this client calls fal.example: use another"
    with pytest.raises(ConfigurationError, match=servers):
        mapped(call, other, ledger)
    same = Collage(Fal("key", base_url="http://127.0.0.1:9"))  # an emulator that is started again
    assert mapped(call, same, ledger).error is None
    assert emulator.journal.count("submit") == 1


def test_nothing_is_sent_that_the_ledger_cannot_record(
    collage: Collage,
    call: Call,
    emulator: Emulator,
    ledger: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mapped(call, collage, ledger)
    before = ledger.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        row: dict[str, Any] = {"layers": [], "aspect": "2:1"}
        (outcome,) = call(collage.map, [row], ledger=ledger)
    assert isinstance(outcome.error, ConfigurationError)
    assert "cannot be written (No space left on device)" in str(outcome.error)
    assert ledger.read_bytes() == before
    assert len(emulator.queue) == 1


def test_a_result_is_not_lost_with_the_ledger(
    fakes: Fakes, fake_collage: Collage, call: Call, ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = os.fsync

    def full_once_submitted(descriptor: int) -> None:
        if fakes.server.count("POST"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        genuine(descriptor)

    monkeypatch.setattr(os, "fsync", full_once_submitted)
    assert mapped(call, fake_collage, ledger).error is None
    monkeypatch.undo()
    assert isinstance(mapped(call, fake_collage, ledger).error, SubmissionUncertain)
