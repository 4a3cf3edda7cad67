"""The ledger of `map`: what it knows requests by, what it keeps, and how it is settled."""

from __future__ import annotations

import errno
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import (
    ConfigurationError,
    Fal,
    InfrastructureError,
    Ledger,
    ModelError,
    NotFoundError,
    Outcome,
    SubmissionUncertain,
    UnexpectedResponse,
    ValidationError,
)

from .collage import Collage, Output
from .conftest import Call
from .scripted import Answer, Asked, Scripted, scripted

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "batch.jsonl"


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
    with Fal("key", base_url=fakes.server.base_url) as client:
        yield Collage(client)


def mapped(call: Call, endpoint: Collage, ledger: Path, **options: Any) -> Outcome[Output]:
    """Map one row, and return its outcome."""
    (outcome,) = call(endpoint.map, [{"layers": []}], ledger=ledger, **options)
    return outcome


def test_file_objects_are_known_by_what_they_hold(
    collage: Collage, call: Call, emulator: Emulator, ledger: Path
) -> None:
    def rows(*contents: bytes) -> list[dict[str, Any]]:
        return [{"layers": [], "mask_urls": [io.BytesIO(PNG + name)]} for name in contents]

    first = call(collage.map, rows(b"cat", b"dog"), ledger=ledger)
    again = call(collage.map, rows(b"cat", b"dog"), ledger=ledger)
    others = call(collage.map, rows(b"yak", b"dog"), ledger=ledger)
    assert all(outcome.error is None for outcome in [*first, *again, *others])
    assert emulator.journal.count("submit") == 3


def test_a_path_is_known_by_what_the_file_holds(
    collage: Collage, call: Call, emulator: Emulator, ledger: Path, tmp_path: Path
) -> None:
    path, copy = tmp_path / "frame.png", tmp_path / "copy.png"
    for content in (b"one", b"two"):
        path.write_bytes(PNG + content)
        copy.write_bytes(PNG + content)
        for file in (path, copy, PNG + content):
            call(collage.map, [{"layers": [], "mask_urls": [file]}], ledger=ledger)
    assert emulator.journal.count("submit") == 2


def test_a_file_object_counts_from_its_position(
    collage: Collage, call: Call, emulator: Emulator, ledger: Path
) -> None:
    file = io.BytesIO(b"skipped" + PNG)
    for position in (0, 7, 0, 7):
        file.seek(position)
        call(collage.map, [{"layers": [], "mask_urls": [file]}], ledger=ledger)
    assert emulator.journal.count("submit") == 2


def test_a_place_in_the_arguments_is_part_of_a_request(
    collage: Collage, call: Call, emulator: Emulator, ledger: Path
) -> None:
    """Free-form fields may hold whatever a file could be written as."""
    rows: list[dict[str, Any]] = [
        {"layers": [], "mask_urls": [PNG]},
        {"layers": [{"image_url": PNG}]},
        {"layers": [], "mask_urls": [PNG, PNG]},
        {"layers": [], "extra": {"mask_urls": [None]}},
        {"layers": [], "extra": {"1": 1}},
        {"layers": [], "extra": {"1": 1.0}},
        {"layers": [], "extra": {"1": True}},
        {"layers": [], "extra": {"1": "1"}},
    ]
    for _ in range(2):
        assert len(call(collage.map, rows, ledger=ledger)) == len(rows)
    assert emulator.journal.count("submit") == len(rows)


def test_a_file_that_cannot_be_read_twice_is_refused(
    collage: Collage, call: Call, emulator: Emulator, ledger: Path
) -> None:
    reader, writer = os.pipe()
    os.write(writer, PNG)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        (outcome,) = call(collage.map, [{"layers": [], "mask_urls": [pipe]}], ledger=ledger)
    assert isinstance(outcome.error, ValidationError)
    assert "a ledger needs a path or bytes" in str(outcome.error)
    assert emulator.journal.count("submit") == 0


def test_a_file_that_changes_after_it_was_counted_is_not_sent(
    call: Call, ledger: Path, tmp_path: Path
) -> None:
    path = tmp_path / "frame.png"
    path.write_bytes(os.urandom(100_000))

    def answer(asked: Asked) -> Answer:  # to the initiation of the upload
        path.write_bytes(os.urandom(100_001))
        return Answer(body={"upload_url": f"{server.base_url}/up", "file_url": "https://x.test/f"})

    with scripted(answer) as server, Fal("key", base_url=server.base_url) as client:
        row = {"layers": list[Any](), "mask_urls": [path]}
        (outcome,) = call(Collage(client).map, [row], ledger=ledger)
    assert "mask_urls[0]: cannot be read: it changed while it was read" in str(outcome.error)
    assert not any("/requests/" in asked.path for asked in server.asked)
    assert not any(asked.path.endswith(Collage.endpoint_id) for asked in server.asked)


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
    monkeypatch: pytest.MonkeyPatch,
    status: int,
) -> None:
    monkeypatch.setattr("fal_endpoints._runtime.protocol.retry._FIRST_PAUSE", 0.001)
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
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    retry: str,
) -> None:
    monkeypatch.setattr("fal_endpoints._runtime.protocol.retry._FIRST_PAUSE", 0.001)
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


REFUSED = {
    "csv": b"name,prompt\na,b\n",
    "json": b"{}",
    "earlier": b'{"request": "ab"}\n{"request": "ab", "request_id": "r1"}\n',
    "other-version": b'{"format": "fal_endpoints ledger", "version": 999}\n',
    "version-ten": b'{"format": "fal_endpoints ledger", "version": 10}\n',
    "blank": b"\n",
    "byte": b"\0",
    "damaged": b'{"format": "fal_endpoints ledger", "version": 1}\n{"event": "unknown"}\n',
    "endless": b'{"format": "fal_endpoints ledger", "version": 1}\n'
    b'{"event": "refused", "request": "a", "nth": 1e999}\n',
}


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED)
def test_another_file_is_refused_and_left_as_it_is(
    collage: Collage, call: Call, emulator: Emulator, ledger: Path, content: bytes
) -> None:
    ledger.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"batch\.jsonl cannot be used as a ledger"):
        mapped(call, collage, ledger)
    with pytest.raises(ConfigurationError, match=r"batch\.jsonl cannot be used as a ledger"):
        Ledger(ledger)
    assert ledger.read_bytes() == content
    assert emulator.journal.count("submit") == 0


def test_the_outcomes_of_another_server_are_not_this_ones(
    collage: Collage, call: Call, emulator: Emulator, ledger: Path
) -> None:
    mapped(call, collage, ledger)
    other = Collage(Fal("key", base_url="https://fal.example"))
    with pytest.raises(ConfigurationError, match="has the outcomes of 'localhost', not of"):
        mapped(call, other, ledger)
    same = Collage(Fal("key", base_url="http://127.0.0.1:9"))  # an emulator that is started again
    assert mapped(call, same, ledger).error is None
    assert emulator.journal.count("submit") == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes that have a name")
def test_only_a_regular_file_is_a_ledger(collage: Collage, call: Call, tmp_path: Path) -> None:
    genuine = tmp_path / "genuine.jsonl"
    mapped(call, collage, genuine)
    before = genuine.read_bytes()
    (tmp_path / "link").symlink_to(genuine)
    (tmp_path / "dangling").symlink_to(tmp_path / "nothing")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "dangling", "pipe", ".", "missing/batch.jsonl", "a\0b"):
        with pytest.raises(ConfigurationError, match="cannot be opened"):
            mapped(call, collage, tmp_path / name)
    with pytest.raises(ConfigurationError, match="cannot be opened"):
        mapped(call, collage, Path("/dev/null"))
    assert genuine.read_bytes() == before
    assert not (tmp_path / "nothing").exists()


@pytest.mark.parametrize("length", [0, 1, 30, 47])
def test_an_empty_or_cut_off_ledger_is_not_a_new_one(
    collage: Collage, call: Call, emulator: Emulator, ledger: Path, length: int
) -> None:
    mapped(call, collage, ledger)
    ledger.write_bytes(ledger.read_bytes()[:length])
    with pytest.raises(ConfigurationError, match="empty or truncated; restore it from a copy"):
        mapped(call, collage, ledger)
    assert settle(ledger).returncode == 2
    assert ledger.stat().st_size == length
    assert emulator.journal.count("submit") == 1


@pytest.mark.parametrize("has_links", [True, False])
def test_a_new_ledger_appears_alone(
    collage: Collage, call: Call, ledger: Path, monkeypatch: pytest.MonkeyPatch, has_links: bool
) -> None:
    def no_links(*args: object, **options: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    if not has_links:
        monkeypatch.setattr(os, "link", no_links)
    assert mapped(call, collage, ledger).error is None
    assert list(ledger.parent.iterdir()) == [ledger]


@pytest.mark.parametrize("lines", [1, 2, 3, 4])
def test_a_complete_last_line_counts_without_its_end(
    collage: Collage, call: Call, emulator: Emulator, ledger: Path, lines: int
) -> None:
    """An editor or a copy may leave out the last line feed."""
    mapped(call, collage, ledger)
    before = ledger.read_bytes().splitlines(keepends=True)
    ledger.write_bytes(b"".join(before[:lines]).removesuffix(b"\n"))
    uncertain = "1 uncertain request\n" if lines == 2 else "no uncertain requests\n"
    assert settle(ledger).stdout.endswith(uncertain)
    ledger.write_bytes(ledger.read_bytes().removesuffix(b"\n"))
    error = mapped(call, collage, ledger).error
    assert isinstance(error, SubmissionUncertain) if lines == 2 else error is None
    assert emulator.journal.count("submit") == (2 if lines == 1 else 1)
    assert ledger.read_bytes().startswith(b"".join(before[:lines]))


DAMAGES: list[tuple[str, dict[str, Any]]] = [
    *(("sending", {"nth": value}) for value in (-1, "0", False, 1.5, 0.0, None, [])),
    *(("sending", {"request": value}) for value in (5, None, "", "ab", "g" * 64)),
    *(("sending", {name: 5}) for name in ("event", "endpoint", "arguments", "at")),
    *(("accepted", {"request_id": value}) for value in (5, None, "", "..")),
    *(("succeeded", {"request_id": value}) for value in (5, "..")),
    *(("succeeded", {"event": "failed", "error": value}) for value in (None, {}, "boom")),
]


@pytest.mark.parametrize(("event", "damage"), DAMAGES)
def test_a_line_with_an_invalid_field_is_damaged(
    collage: Collage,
    call: Call,
    emulator: Emulator,
    ledger: Path,
    event: str,
    damage: dict[str, Any],
) -> None:
    mapped(call, collage, ledger)
    header, *lines = map(json.loads, ledger.read_text().splitlines())
    damaged = [{**line, **damage} if line["event"] == event else line for line in lines]
    content = "".join(f"{json.dumps(line)}\n" for line in [header, *damaged])
    ledger.write_text(content)
    number = 2 + [line["event"] for line in lines].index(event)
    with pytest.raises(ConfigurationError, match=f"its line {number} is damaged"):
        mapped(call, collage, ledger)
    assert settle(ledger).returncode == 2
    assert ledger.read_text() == content
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


@pytest.fixture
def uncertain(collage: Collage, call: Call, emulator: Emulator, ledger: Path) -> Path:
    """Return a ledger with an uncertain request, the other of whose two is finished."""
    emulator.emulate("drop=after; on=submit; times=1")
    rows: list[dict[str, Any]] = [{"layers": [], "aspect": "7:1"}, {"layers": [], "aspect": "8:1"}]
    call(collage.map, rows[:1], ledger=ledger)
    call(collage.map, rows[1:], ledger=ledger)
    return ledger


def test_an_uncertain_request_is_listed_and_sent_again(
    uncertain: Path, collage: Collage, call: Call, emulator: Emulator
) -> None:
    rows: list[dict[str, Any]] = [{"layers": [], "aspect": "7:1"}, {"layers": [], "aspect": "8:1"}]
    outcomes = sorted(call(collage.map, rows, ledger=uncertain), key=lambda one: one.index)
    assert isinstance(outcomes[0].error, SubmissionUncertain)
    assert f"python -m fal_endpoints settle {uncertain}" in str(outcomes[0].error)
    with Ledger(uncertain) as opened:
        (request,) = opened.uncertain()
        assert request.endpoint_id == Collage.endpoint_id
        assert request.arguments == "{'aspect-ratio': '7:1', 'layers': []}"
        assert request.sent_at.startswith("20")
        with pytest.raises(ValidationError):
            opened.send_again("no-such-id")
        with pytest.raises(ConfigurationError, match="another batch is using"):
            call(collage.map, rows, ledger=uncertain)
        opened.send_again(request.id)
        assert opened.uncertain() == []
    submitted = emulator.journal.count("submit")
    assert all(outcome.error is None for outcome in call(collage.map, rows, ledger=uncertain))
    assert emulator.journal.count("submit") == submitted + 1


def test_an_uncertain_request_is_settled_with_the_id_that_fal_gave_it(
    uncertain: Path, collage: Collage, call: Call, emulator: Emulator
) -> None:
    accepted, _ = (job.request_id for job in emulator.queue)
    with Ledger(uncertain) as opened:
        (request,) = opened.uncertain()
        for wrong in ("", " ", "..", "a\n"):
            with pytest.raises(ValidationError):
                opened.accept(request.id, wrong)
        opened.accept(request.id, accepted)
    (outcome,) = call(collage.map, [{"layers": [], "aspect": "7:1"}], ledger=uncertain)
    assert outcome.error is None
    assert emulator.journal.count("submit") == 2


def settle(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "fal_endpoints", "settle", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_lists_and_settles(
    uncertain: Path, collage: Collage, call: Call, emulator: Emulator
) -> None:
    listed = settle(uncertain)
    line, count = listed.stdout.splitlines()
    assert count == "1 uncertain request"
    assert Collage.endpoint_id in line
    assert "7:1" in line
    assert "--accepted ID REQUEST_ID" in listed.stderr
    id, *_ = line.split()
    assert settle(uncertain, "--accepted", id, "r-1").stdout == "no uncertain requests\n"
    wrong = settle(uncertain, "--send-again", id)
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("error: ")
    assert f"{id!r} is not the id of an uncertain request" in wrong.stderr
    assert wrong.stderr.endswith(f"python -m fal_endpoints settle {uncertain}\n")
    assert "Traceback" not in wrong.stderr
    assert settle(uncertain).returncode == 0

    emulator.emulate("drop=after; on=submit; times=2")
    rows: list[dict[str, Any]] = [{"layers": [], "aspect": "1:1"}] * 2
    call(collage.map, rows, ledger=uncertain)
    assert settle(uncertain).stdout.endswith("2 uncertain requests\n")
    assert settle(uncertain, "--send-again", "all").stdout == "no uncertain requests\n"
    assert all(outcome.error is None for outcome in call(collage.map, rows, ledger=uncertain))


def test_the_command_makes_and_changes_no_other_file(tmp_path: Path) -> None:
    missing, other = tmp_path / "missing.jsonl", tmp_path / "rows.csv"
    other.write_text("a,b\n")
    for path in (missing, other):
        ran = settle(path)
        assert ran.returncode == 2
        assert len(ran.stderr.splitlines()) == 1
    assert not missing.exists()
    assert other.read_text() == "a,b\n"


def test_control_characters_of_a_ledger_stay_on_their_line(uncertain: Path) -> None:
    lines = uncertain.read_text().splitlines()
    sending = json.loads(lines[1])
    sending["endpoint"] = "a\x1b[2Jb\nc"
    uncertain.write_text("\n".join([lines[0], json.dumps(sending)]) + "\n")
    listed = settle(uncertain).stdout
    assert "\x1b" not in listed
    assert len(listed.splitlines()) == 2
