"""A batch with a ledger goes on after a restart: no job is lost or submitted twice."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import (
    APIError,
    ConfigurationError,
    Fal,
    Ledger,
    ModelError,
    Request,
    SubmissionUncertain,
)

from .batches import requests
from .collage import Collage
from .conftest import Call
from .waiting import until


def ids(ledger: Path) -> set[str]:
    """Return the ids that a ledger holds."""
    entries = [json.loads(line) for line in ledger.read_text().splitlines()]
    return {entry["request_id"] for entry in entries if entry.get("request_id")}


def test_a_batch_goes_on_after_a_restart(
    client: Fal, collage: Collage, call: Call, emulator: Emulator, tmp_path: Path
) -> None:
    ledger = tmp_path / "batch.jsonl"
    first = client.map(requests(collage, 10), concurrency=2, ledger=ledger)
    assert len(list(itertools.islice(first, 4))) == 4
    first.close()
    submitted = emulator.journal.count("submit")
    assert 4 <= submitted < 10
    assert len(ids(ledger)) == submitted
    outcomes = call(client.map, requests(collage, 10), concurrency=2, ledger=ledger)
    assert len(outcomes) == 10
    assert emulator.journal.count("submit") == 10


def test_equal_requests_are_told_apart(
    client: Fal, collage: Collage, call: Call, emulator: Emulator, tmp_path: Path
) -> None:
    ledger = tmp_path / "batch.jsonl"
    same = [collage(layers=[{"image_url": b"GIF89a"}]) for _ in range(3)]
    call(client.map, same[:2], ledger=ledger)
    call(client.map, same, ledger=ledger)
    assert emulator.journal.count("submit") == 3
    assert len(ids(ledger)) == 3


def test_a_submission_without_an_answer_is_not_repeated_after_a_restart(
    client: Fal, collage: Collage, call: Call, emulator: Emulator, tmp_path: Path
) -> None:
    ledger = tmp_path / "batch.jsonl"
    emulator.emulate("drop=after; on=submit; times=1")
    for _ in range(2):
        (outcome,) = call(client.map, requests(collage, 1), ledger=ledger)
        assert isinstance(outcome.error, SubmissionUncertain)
        assert outcome.error.endpoint_id == Collage.endpoint_id
    assert emulator.journal.count("submit") == 1
    ledger.unlink()
    (outcome,) = call(client.map, requests(collage, 1), ledger=ledger)
    assert isinstance(outcome.error, ModelError)


ONE_OF_A_BATCH = """\
import sys
from fal_endpoints import Fal
client = Fal("key", base_url=sys.argv[1])
request = client.fal_ai.pika.v2_2.image_to_video(image_url="https://x.test/a.png", prompt="a cat")
print(*client.map([request], ledger=sys.argv[2]))
"""


@pytest.fixture
def killed_while(
    emulator: Emulator, tmp_path: Path, client: Fal
) -> Iterator[tuple[Request[object], Path]]:
    """Kill a process between its submission and the answer; give its request and its ledger."""
    ledger = tmp_path / "batch.jsonl"
    emulator.emulate("slow=60; on=submit; times=1")  # accepted, but the answer drips in
    command = [sys.executable, "-c", ONE_OF_A_BATCH, emulator.base_url, str(ledger)]
    paths = {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, env={**os.environ, **paths}) as process:
        until(lambda: emulator.journal.count("submit", status=200) == 1)
        process.send_signal(signal.SIGKILL)
    request = client.fal_ai.pika.v2_2.image_to_video(
        image_url="https://x.test/a.png", prompt="a cat"
    )
    yield request, ledger


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_process_that_is_killed_while_it_submits_leads_to_no_second_job(
    killed_while: tuple[Request[object], Path], client: Fal, call: Call, emulator: Emulator
) -> None:
    request, ledger = killed_while
    for _ in range(2):
        (outcome,) = call(client.map, [request], ledger=ledger)
        assert isinstance(outcome.error, SubmissionUncertain)
    assert emulator.journal.count("submit") == 1
    with Ledger(ledger) as opened:
        (uncertain,) = opened.uncertain()
        opened.send_again(uncertain.id)
    (outcome,) = call(client.map, [request], ledger=ledger)
    assert outcome.error is None
    assert emulator.journal.count("submit") == 2


@pytest.mark.parametrize("cut_line", [1, 2, 3])
def test_a_line_that_was_cut_off_is_no_obstacle(
    client: Fal, collage: Collage, call: Call, emulator: Emulator, tmp_path: Path, cut_line: int
) -> None:
    """Without "sending" nothing was sent; without "accepted", its id is not known."""
    ledger, request = tmp_path / "batch.jsonl", collage(layers=[])
    call(client.map, [request], ledger=ledger)
    lines = ledger.read_bytes().splitlines(keepends=True)
    for length in (1, 10, len(lines[cut_line]) - 2):
        ledger.write_bytes(b"".join(lines[:cut_line]) + lines[cut_line][:length])
        before = emulator.journal.count("submit")
        for _ in range(2):
            (outcome,) = call(client.map, [request], ledger=ledger)
            assert isinstance(outcome.error, SubmissionUncertain) == (cut_line == 2)
        assert emulator.journal.count("submit") - before == (cut_line == 1)


def test_a_ledger_is_used_by_one_batch_at_a_time(
    client: Fal, collage: Collage, call: Call, emulator: Emulator, tmp_path: Path
) -> None:
    ledger = tmp_path / "batch.jsonl"
    first = client.map(requests(collage, 5), concurrency=1, ledger=ledger)
    next(first)
    with pytest.raises(ConfigurationError, match=r"another batch is using .*batch\.jsonl"):
        call(client.map, requests(collage, 5), ledger=ledger)
    first.close()
    assert len(call(client.map, requests(collage, 5), ledger=ledger)) == 5
    assert emulator.journal.count("submit") == 5


@pytest.mark.parametrize("fault", ["refuse=bad_request", "rate-limit=3600"])
def test_what_was_refused_is_submitted_again_after_a_restart(
    client: Fal, collage: Collage, call: Call, emulator: Emulator, tmp_path: Path, fault: str
) -> None:
    ledger, request = tmp_path / "batch.jsonl", collage(layers=[])
    emulator.emulate(f"{fault}; on=submit; times=1")
    (outcome,) = call(client.map, [request], ledger=ledger)
    assert isinstance(outcome.error, APIError)
    (outcome,) = call(client.map, [request], ledger=ledger)
    assert outcome.error is None
