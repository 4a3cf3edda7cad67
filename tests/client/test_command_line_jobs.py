"""`fal-endpoints status`, `result`, `cancel`, `map`, `upload` and `estimate`, and Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fal_codegen.emulator import Emulator

from .shell import COLLAGE, PIKA, Ended, Shell
from .waiting import until

CLIENT = Path(__file__).parents[2] / "generated/python"
URL = "https://example.test/a.png"
ARGUMENTS = (PIKA, "--image-url", URL, "--prompt", "x")


@pytest.fixture
def shell(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    return Shell(emulator, monkeypatch, capsys)


@contextmanager
def ctrl_c_at(emulator: Emulator, operation: str) -> Iterator[None]:
    """Interrupt this process once the emulator has been asked for an operation."""

    def press() -> None:
        until(lambda: emulator.journal.count(operation) > 0)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=press)
    thread.start()
    yield
    thread.join()


def submitted(shell: Shell) -> str:
    ended = shell("submit", *ARGUMENTS)
    assert ended.code == 0, ended.err
    assert ended.json["endpoint_id"] == PIKA
    request_id: str = ended.json["request_id"]
    return request_id


def test_a_submitted_request_is_read_later(shell: Shell, tmp_path: Path) -> None:
    request_id = submitted(shell)
    ended = shell("result", PIKA, request_id, "-o", tmp_path)
    assert ended.code == 0, ended.err
    assert ended.json["video"]["url"].endswith(".mp4")
    (written,) = tmp_path.iterdir()
    assert f"wrote {written}" in ended.err
    status = shell("status", PIKA, request_id)
    assert status.json["status"] == "COMPLETED"
    assert status.json["error"] is None
    assert "step 2/2" in status.err
    late = shell("cancel", PIKA, request_id)
    assert (late.code, late.json) == (1, {"request_id": request_id, "cancelled": False})


def test_a_queued_request_is_cancelled(shell: Shell, emulator: Emulator) -> None:
    emulator.emulate("queued=60")
    request_id = submitted(shell)
    assert shell("status", PIKA, request_id).json["status"] == "IN_QUEUE"
    assert shell("cancel", PIKA, request_id).json["cancelled"] is True
    assert emulator.queue.unfinished() == []


@pytest.mark.posix
def test_ctrl_c_cancels_the_job_and_says_so(shell: Shell, emulator: Emulator) -> None:
    emulator.emulate("queued=60")
    with ctrl_c_at(emulator, "events"):
        ended = shell("run", *ARGUMENTS)
    assert ended.code == 130
    assert ended.err.splitlines()[-1].endswith("was cancelled")
    assert emulator.queue.unfinished() == []


@pytest.mark.posix
def test_ctrl_c_ends_the_program_without_a_traceback(emulator: Emulator) -> None:
    emulator.emulate("queued=60")
    program = subprocess.Popen(
        [sys.executable, "-m", "fal_endpoints", "run", *ARGUMENTS],
        env={
            **os.environ,
            "PYTHONPATH": str(CLIENT),
            "FAL_KEY": "key",
            "FAL_BASE_URL": emulator.base_url,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    until(lambda: emulator.journal.count("events") > 0)
    program.send_signal(signal.SIGINT)
    out, err = program.communicate(timeout=30)
    assert program.returncode == 130
    assert err.splitlines()[-1].endswith("was cancelled")
    assert "Traceback" not in err
    assert not out
    assert emulator.queue.unfinished() == []


@pytest.mark.posix
def test_ctrl_c_leaves_a_job_that_was_submitted_before(shell: Shell, emulator: Emulator) -> None:
    emulator.emulate("queued=60")
    request_id = submitted(shell)
    with ctrl_c_at(emulator, "events"):
        ended = shell("result", PIKA, request_id)
    assert ended.code == 130
    assert f"`fal-endpoints cancel {PIKA} {request_id}` cancels it" in ended.err
    assert len(emulator.queue.unfinished()) == 1


@pytest.mark.parametrize(
    ("fault", "code", "message"),
    [
        ("model-error=content_policy_violation", 1, "Content policy violation"),
        ("balance; on=submit", 4, "add credits"),
        ("drop=after; on=submit", 5, "look for the request on fal's dashboard"),
    ],
)
def test_how_a_request_ended_is_in_the_exit_code(
    shell: Shell, emulator: Emulator, fault: str, code: int, message: str
) -> None:
    emulator.emulate(fault)
    ended = shell("run", *ARGUMENTS)
    assert ended.code == code, ended.err
    assert message in ended.err
    assert ended.err.splitlines()[0].startswith(("error: ", "request "))
    assert not ended.out


def test_a_server_that_cannot_be_reached(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAL_BASE_URL", "http://127.0.0.1:9")
    ended = shell("status", PIKA, "019f0d2c-6d2f-7b1a-9a44-0c3f2b6f2b7e")
    assert ended.code == 3
    assert ended.err.startswith("error: ")


def test_an_error_while_waiting_says_nothing_about_the_job(
    shell: Shell, emulator: Emulator
) -> None:
    emulator.emulate("queued=60, drop=before; on=events|status")
    ended = shell("run", *ARGUMENTS)
    assert ended.code == 5
    (job,) = emulator.queue.unfinished()
    assert f"the request may still run; `fal-endpoints result {PIKA} {job.request_id}`" in ended.err


def test_a_download_that_fails_does_not_look_like_a_failed_request(
    shell: Shell, emulator: Emulator, tmp_path: Path
) -> None:
    emulator.emulate("proxy-error; on=file")
    ended = shell("run", *ARGUMENTS, "-o", tmp_path / "out.mp4")
    assert ended.code == 1
    assert ended.json["video"]["url"]
    assert "the request succeeded: download the file from its URL" in ended.err


def test_a_path_that_cannot_be_written_is_rejected_before_the_request_is_sent(
    shell: Shell, emulator: Emulator, tmp_path: Path
) -> None:
    for command in (("run", *ARGUMENTS), ("result", PIKA, "019f0d2c-6d2f-7b1a-9a44-0c3f2b6f2b7e")):
        ended = shell(*command, "-o", tmp_path / "none/out.mp4")
        assert ended.code == 2
        assert f"{tmp_path / 'none'} is not a folder that can be written" in ended.err
    assert emulator.journal.count() == 0


def outcomes(ended: Ended) -> list[Any]:
    lines = [json.loads(line) for line in ended.out.splitlines()]
    return sorted(lines, key=lambda outcome: outcome["index"])


def test_each_row_of_a_file_has_an_outcome(
    shell: Shell, emulator: Emulator, tmp_path: Path
) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text(
        f"image_url,prompt,duration,seed\n{URL},waves,5,\n{URL},jumps,long,7\n@a,b,5,\n"
    )
    ended = shell("map", PIKA, rows)
    assert ended.code == 1
    first, second, third = outcomes(ended)
    assert first["output"]["video"]["url"]
    assert second["error"]["type"] == third["error"]["type"] == "ValidationError"
    assert "duration: Input should be a valid integer" in second["error"]["message"]
    assert "1 of 3 rows succeeded" in ended.err
    (job,) = emulator.journal.select("submit")
    assert job.json == {"image_url": URL, "prompt": "waves", "duration": 5}


def test_a_batch_continues_with_its_ledger(
    shell: Shell, emulator: Emulator, tmp_path: Path
) -> None:
    rows, ledger = tmp_path / "rows.jsonl", tmp_path / "batch.jsonl"
    row = {"layers": [{"image_url": URL}]}
    rows.write_text(f"{json.dumps(row)}\n\n{json.dumps({**row, 'aspect': '2:1'})}\n")
    arguments = ("map", COLLAGE, rows, "--ledger", ledger, "--concurrency", "2")
    for _ in range(2):
        ended = shell(*arguments)
        assert ended.code == 0, ended.err
        assert [bool(outcome["output"]) for outcome in outcomes(ended)] == [True, True]
    assert emulator.journal.count("submit") == 2


def test_a_line_that_is_not_json_ends_no_batch(shell: Shell) -> None:
    lines = b'{"image_url": "https://a.test/a.png"\n{"image_url": "https://a.test", "prompt": "x"}'
    ended = shell("map", PIKA, "-", stdin=lines)
    assert ended.code == 1
    bad, good = outcomes(ended)
    assert "should be a mapping of arguments" in bad["error"]["message"]
    assert good["output"]


@pytest.mark.parametrize("bad", [b'{"image_url": "%s", "prompt": "\xff"}', b"\xff\xfe{\0}\0"])
def test_a_line_that_is_not_utf8_ends_no_batch(shell: Shell, tmp_path: Path, bad: bytes) -> None:
    url, rows = URL.encode(), tmp_path / "rows.jsonl"
    good = b'{"image_url": "%s", "prompt": "\xc3\xa9"}' % url
    rows.write_bytes(b"\n".join([good, bad.replace(b"%s", url), good]))
    for ended in (shell("map", PIKA, rows), shell("map", PIKA, "-", stdin=rows.read_bytes())):
        assert ended.code == 1
        first, second, third = outcomes(ended)
        assert first["output"]
        assert third["output"]
        assert second["error"]["type"] == "ValidationError"
        assert "row: is not UTF-8" in second["error"]["message"]


def test_a_cell_that_is_not_utf8_ends_no_batch(shell: Shell, tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    lines = (f"{URL},caf\udce9", f"{URL},waves,5", f"{URL},waves")
    text = "\n".join(["image_url,prompt", *lines])
    rows.write_bytes(text.encode(errors="surrogateescape"))
    ended = shell("map", PIKA, rows)
    assert ended.code == 1
    bad, long, good = outcomes(ended)
    assert "row: is not UTF-8" in bad["error"]["message"]
    assert "(cells without a name): there is no such argument" in long["error"]["message"]
    assert good["output"]


def test_a_cell_may_hold_a_data_url(shell: Shell, emulator: Emulator, tmp_path: Path) -> None:
    rows, url = tmp_path / "rows.csv", f"data:image/png;base64,{'A' * 140_000}"
    rows.write_text(f'image_url,prompt\n"{url}",waves\n')
    ended = shell("map", PIKA, rows)
    assert ended.code == 0, ended.err
    (job,) = emulator.journal.select("submit")
    assert job.json["image_url"] == url


def test_the_message_of_a_row_is_for_a_shell(shell: Shell) -> None:
    rows = [{"image_url": "first.png"}, {"layers": ["a"]}]
    ended = shell("map", PIKA, "-", stdin=json.dumps(rows[0]).encode())
    assert outcomes(ended)[0]["error"]["message"].splitlines() == [
        f"{PIKA}: the input is not valid",
        "  image_url: should be an http(s) or data URL; for a local file, upload it first: "
        "`fal-endpoints upload FILE` prints its URL (got 'first.png')",
        "  prompt: is required",
    ]
    ended = shell("map", COLLAGE, "-", stdin=json.dumps(rows[1]).encode())
    assert "layers[0]: Input should be a JSON object" in outcomes(ended)[0]["error"]["message"]


def test_an_uncertain_row_leads_to_settle(shell: Shell, emulator: Emulator, tmp_path: Path) -> None:
    emulator.emulate("drop=after; on=submit; times=1")
    rows, ledger = tmp_path / "rows.jsonl", tmp_path / "batch.jsonl"
    rows.write_text(json.dumps({"image_url": URL, "prompt": "x"}))
    ended = shell("map", PIKA, rows, "--ledger", ledger)
    assert ended.code == 5
    assert f"`fal-endpoints settle {ledger}` lists the 1 uncertain" in ended.err
    assert "1 uncertain request" in shell("settle", ledger).out


def test_a_batch_keeps_its_budget(shell: Shell, emulator: Emulator) -> None:
    line = json.dumps({"image_url": URL, "prompt": "x"}).encode()
    ended = shell("map", PIKA, "-", "--max-cost", "0", stdin=line)
    assert ended.code == 1
    assert outcomes(ended)[0]["error"]["type"] == "BudgetError"
    assert emulator.journal.count("submit") == 0


@pytest.mark.parametrize(
    ("rows", "message"),
    [("none.csv", "none.csv: No such file"), ("rows.xlsx", "neither .csv nor .jsonl")],
)
def test_rows_that_cannot_be_read(shell: Shell, rows: str, message: str) -> None:
    ended = shell("map", PIKA, rows)
    assert ended.code == 2
    assert message in ended.err


def test_a_file_is_uploaded(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(b"\x89PNG\r\n a picture")
    assert shell("upload", file).out.startswith("http")
    assert shell("upload", "-", stdin=b"content").out.startswith("http")
    missing = shell("upload", tmp_path / "none.png")
    assert missing.code == 2
    assert f"FILE: {tmp_path}/none.png cannot be read: No such file" in missing.err


def test_a_price_is_estimated(shell: Shell) -> None:
    ended = shell("estimate", PIKA)
    assert ended.code == 0, ended.err
    assert ended.json["endpoint_id"] == PIKA
    assert float(ended.json["price"]["amount"]) > 0
    assert ended.json["price"]["unit"]
