"""Uncertain requests of a ledger are settled: with `Ledger`, and with the command `settle`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import (
    ConfigurationError,
    Fal,
    Ledger,
    SubmissionUncertain,
    UnexpectedResponse,
    ValidationError,
)

from .collage import Collage
from .conftest import Call
from .given import client_of
from .ledgers import Settled, settle


@pytest.fixture
def uncertain(collage: Collage, call: Call, emulator: Emulator, ledger: Path) -> Path:
    """Return a ledger with an uncertain request, the other of whose two is finished."""
    emulator.emulate("drop=after; on=submit; times=1")
    rows: list[dict[str, Any]] = [{"layers": [], "aspect": "7:1"}, {"layers": [], "aspect": "8:1"}]
    call(collage.map, rows[:1], ledger=ledger)
    call(collage.map, rows[1:], ledger=ledger)
    return ledger


@pytest.mark.parametrize("name", ["missing.jsonl", "a" * 300, "a\nb\x1b[2J"])
def test_a_path_without_a_file_is_an_error_on_one_line(tmp_path: Path, name: str) -> None:
    settled = settle(tmp_path / name)
    assert settled.code == 2
    assert settled.err.startswith(f"error: the ledger {tmp_path}")
    assert "cannot be opened (" in settled.err
    assert settled.err.removesuffix("\n").isprintable()
    assert not list(tmp_path.iterdir())


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


def test_the_command_lists_and_settles(
    uncertain: Path, collage: Collage, call: Call, emulator: Emulator
) -> None:
    listed = settle(uncertain)
    line, count = listed.out.splitlines()
    assert count == "1 uncertain request"
    assert Collage.endpoint_id in line
    assert "7:1" in line
    assert "--accepted ID REQUEST_ID" in listed.err
    id, *_ = line.split()
    assert settle(uncertain, "--accepted", id, "r-1").out == "no uncertain requests\n"
    wrong = settle(uncertain, "--send-again", id)
    assert wrong.code == 2
    assert wrong.err.startswith("error: ")
    assert f"{id!r} is not the id of an uncertain request" in wrong.err
    assert wrong.err.endswith(f": fal-endpoints settle {uncertain}\n")
    assert "Traceback" not in wrong.err
    assert settle(uncertain).code == 0

    emulator.emulate("drop=after; on=submit; times=2")
    rows: list[dict[str, Any]] = [{"layers": [], "aspect": "1:1"}] * 2
    call(collage.map, rows, ledger=uncertain)
    assert settle(uncertain).out.endswith("2 uncertain requests\n")
    assert settle(uncertain, "--send-again", "all").out == "no uncertain requests\n"
    assert all(outcome.error is None for outcome in call(collage.map, rows, ledger=uncertain))


def test_a_path_is_listed_as_it_was_typed(
    collage: Collage, emulator: Emulator, tmp_path: Path
) -> None:
    emulator.emulate("drop=after; on=submit; times=1")
    picture, ledger = tmp_path / "a.png", tmp_path / "batch.jsonl"
    picture.write_bytes(b"x")
    list(collage.map([{"layers": [], "mask_urls": [picture]}], ledger=ledger))
    listed = settle(ledger).out
    assert "a.png" in listed
    assert "Path(" not in listed


def test_the_command_is_the_same_in_a_process_of_its_own(uncertain: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "fal_endpoints", "settle", uncertain],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert Settled(ran.returncode, ran.stdout, ran.stderr) == settle(uncertain)


def test_the_command_makes_and_changes_no_other_file(tmp_path: Path) -> None:
    missing, other = tmp_path / "missing.jsonl", tmp_path / "rows.csv"
    other.write_text("a,b\n")
    for path in (missing, other):
        ran = settle(path)
        assert ran.code == 2
        assert len(ran.err.splitlines()) == 1
    assert not missing.exists()
    assert other.read_text() == "a,b\n"


def test_control_characters_of_a_ledger_stay_on_their_line(uncertain: Path) -> None:
    lines = uncertain.read_text().splitlines()
    sending = json.loads(lines[1])
    sending["endpoint"] = "a\x1b[2Jb\nc"
    uncertain.write_text("\n".join([lines[0], json.dumps(sending)]) + "\n")
    listed = settle(uncertain).out
    assert "\x1b" not in listed
    assert len(listed.splitlines()) == 2


# What fal lists ----------------------------------------------------------------------------------


@pytest.fixture
def unanswered(collage: Collage, emulator: Emulator, ledger: Path) -> Path:
    """Return a ledger with three uncertain requests; fal accepted the first two, which are equal.

    A finished request has the same arguments as these.
    """
    emulator.emulate("queued=0, running=0")
    row: dict[str, Any] = {"layers": [], "aspect": "7:1"}
    batch = [row, row, row, {"layers": [], "aspect": "8:1"}]
    emulator.emulate("drop=after; on=submit; times=2")
    list(collage.map(batch[:2], ledger=ledger))
    list(collage.map(batch[:3], ledger=ledger))  # its third request is finished
    emulator.emulate("drop=before; on=submit; times=1")
    list(collage.map(batch, ledger=ledger))
    return ledger


def test_requests_that_fal_lists_are_accepted_once_each(
    unanswered: Path, client: Fal, collage: Collage, call: Call, emulator: Emulator
) -> None:
    first, second, _ = (job.request_id for job in emulator.queue)
    with Ledger(unanswered) as opened:
        before = opened.uncertain()
        accepted = call(opened.accept_listed, client)
        assert set(accepted.values()) == {first, second}
        assert [request.id for request in before if request.id not in accepted] == [
            request.id for request in opened.uncertain()
        ]
        assert "8:1" in opened.uncertain()[0].arguments
        assert call(opened.accept_listed, client) == {}  # absence proves nothing
    row: dict[str, Any] = {"layers": [], "aspect": "7:1"}
    outcomes = call(collage.map, [row] * 3, ledger=unanswered)
    assert all(outcome.error is None for outcome in outcomes)
    assert emulator.journal.count("submit") == 4


def test_older_requests_and_those_without_inputs_are_no_evidence(
    unanswered: Path, client: Fal, collage: Collage, emulator: Emulator
) -> None:
    lines = unanswered.read_text().splitlines()
    later = [line.replace('"at": "2', '"at": "3') for line in lines]
    unanswered.write_text("\n".join(later) + "\n")
    with Ledger(unanswered) as opened:
        assert opened.accept_listed(client) == {}
    odd = [line.replace('"at": "2', '"at": "x2') for line in lines]
    unanswered.write_text("\n".join(odd) + "\n")
    with Ledger(unanswered) as opened:
        assert opened.accept_listed(client) == {}
        assert len(opened.uncertain()) == 3


def test_a_private_request_and_one_with_a_file_stay_uncertain(
    collage: Collage, client: Fal, emulator: Emulator, ledger: Path
) -> None:
    emulator.emulate("queued=0, running=0, drop=after; on=submit")
    list(collage.map([{"layers": []}], ledger=ledger, store_io=False))
    list(collage.map([{"layers": [{"image_url": b"x"}]}], ledger=ledger))
    with Ledger(ledger) as opened:
        assert opened.accept_listed(client) == {}
        assert len(opened.uncertain()) == 2


def test_every_page_is_read(unanswered: Path, client: Fal, emulator: Emulator) -> None:
    collage = Collage(client)
    for _ in range(100):
        collage(layers=[], extra={"other": True}).submit()
    with Ledger(unanswered) as opened:
        assert len(opened.accept_listed(client)) == 2
    assert emulator.journal.count("requests") == 2


def test_fal_is_asked_for_the_batch_of_its_own_server(unanswered: Path) -> None:
    wrong = pytest.raises(ConfigurationError, match="made with the server localhost, and this")
    with Fal("key", base_url="https://x.test") as other, Ledger(unanswered) as opened, wrong:
        opened.accept_listed(other)


@pytest.mark.parametrize(
    "body", [{}, {"items": {}}, {"items": [], "next_cursor": "same"}, [], "page"]
)
def test_an_answer_without_requests_is_unexpected(unanswered: Path, body: Any) -> None:
    lines = unanswered.read_text()
    unanswered.write_text(lines.replace('"server": "localhost"', '"server": "queue.fal.run"'))
    server = client_of(lambda request: httpx.Response(200, json=body))
    with Ledger(unanswered) as opened, pytest.raises(UnexpectedResponse):
        opened.accept_listed(server)


def test_the_command_asks_fal_only_when_it_is_told_to(
    unanswered: Path, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAL_KEY", "key")
    monkeypatch.setenv("FAL_BASE_URL", emulator.base_url)
    assert settle(unanswered).out.endswith("3 uncertain requests\n")
    assert emulator.journal.count("requests") == 0
    asked = settle(unanswered, "--ask-fal")
    assert asked.out.count("accepted: fal lists it as ") == 2
    assert asked.out.endswith("1 uncertain request\n")
    assert "fal may not list requests that still run" in asked.err
    monkeypatch.setenv("FAL_BASE_URL", "https://elsewhere.test")
    failed = settle(unanswered, "--ask-fal")
    assert failed.code == 2
    assert len(failed.err.splitlines()) == 1
