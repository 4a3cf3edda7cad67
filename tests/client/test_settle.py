"""Uncertain requests of a ledger are settled: with `Ledger`, and with the command `settle`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import ConfigurationError, Ledger, SubmissionUncertain, ValidationError

from .collage import Collage
from .conftest import Call
from .ledgers import Settled, settle


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
    assert wrong.err.endswith(f"python -m fal_endpoints settle {uncertain}\n")
    assert "Traceback" not in wrong.err
    assert settle(uncertain).code == 0

    emulator.emulate("drop=after; on=submit; times=2")
    rows: list[dict[str, Any]] = [{"layers": [], "aspect": "1:1"}] * 2
    call(collage.map, rows, ledger=uncertain)
    assert settle(uncertain).out.endswith("2 uncertain requests\n")
    assert settle(uncertain, "--send-again", "all").out == "no uncertain requests\n"
    assert all(outcome.error is None for outcome in call(collage.map, rows, ledger=uncertain))


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
