"""Who leaves a batch or an upload leaves at once, and leaves nothing running that he can cancel."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import Fal

from .collage import Collage
from .scripted import Answer, Asked, Scripted, scripted
from .waiting import until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")

PROMPT = 20.0
"""Seconds within which a program has to end: "a second or two", and what a busy machine adds."""

PROGRAM = """\
import asyncio, sys
from pathlib import Path
from fal_endpoints import Fal

client = Fal("key", base_url=sys.argv[1])
video = client.fal_ai.pika.v2_2.image_to_video
requests = [video(image_url="https://x.test/a.png", prompt=str(number)) for number in range(30)]
{}
"""

MAP = "list(client.map(requests, concurrency=8))"
MAP_WITH_LEDGER = "list(client.map(requests, concurrency=8, ledger=sys.argv[2]))"
UPLOAD = "client.upload(b'x' * 100_000)"
UPLOADS = """\
import dataclasses
from fal_endpoints import FileInput, InputModel, OutputModel, Endpoint
class Input(InputModel):
    urls: list[FileInput]
class Many(Endpoint[Input, OutputModel]):
    endpoint_id = "acme/many"
Many(client).bind(urls=[bytes([number]) * 100_000 for number in range(4)]).submit()
"""
HOLD = """\
outcomes = client.map(requests, concurrency=4)
print("first:", next(outcomes).index, flush=True)
"""


@contextmanager
def program(text: str, *arguments: object) -> Generator[subprocess.Popen[str], None, None]:
    """Run a program."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(text), *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def interrupted(process: subprocess.Popen[str]) -> str:
    """Interrupt a program as Ctrl-C does, check that it ends, and return what it printed."""
    process.send_signal(signal.SIGINT)
    printed, _ = process.communicate(timeout=PROMPT)
    assert "KeyboardInterrupt" in printed.splitlines()[-1]
    return printed


@contextmanager
def silent(is_silent: Callable[[Asked], bool]) -> Generator[Scripted, None, None]:
    """Serve jobs, but do not answer to some requests while the test runs."""
    is_over = threading.Event()

    def answer(asked: Asked) -> Answer:
        if is_silent(asked):
            is_over.wait(60)
        if "/storage/" in asked.path:
            url = f"{server.base_url}/up"
            return Answer(body={"upload_url": url, "file_url": "https://x.test/f"})
        if asked.method == "POST":
            return Answer(body={"request_id": f"r{len(server.asked)}"})
        if asked.method == "PUT":
            return Answer(202, {"status": "CANCELLATION_REQUESTED"})
        return Answer(body={"status": "IN_PROGRESS"})

    with scripted(answer) as server:
        try:
            yield server
        finally:
            is_over.set()


def cancelled(server: Scripted) -> int:
    return sum(asked.path.endswith("/cancel") for asked in server.asked)


def test_ctrl_c_ends_a_batch_and_cancels_its_jobs() -> None:
    with silent(lambda asked: asked.method == "GET") as server:
        with program(MAP, server.base_url) as process:
            until(lambda: server.count("GET") >= 8)
            interrupted(process)
        assert cancelled(server) == 8


def test_ctrl_c_ends_a_batch_with_a_ledger_and_leaves_its_jobs(tmp_path: Path) -> None:
    ledger = tmp_path / "batch.jsonl"
    with silent(lambda asked: asked.method == "GET") as server:
        with program(MAP_WITH_LEDGER, server.base_url, ledger) as process:
            until(lambda: server.count("GET") >= 8)
            interrupted(process)
        assert cancelled(server) == 0
        assert ledger.read_text().count('"accepted"') == 8


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_ctrl_c_does_not_wait_for_a_server_that_is_silent(method: str) -> None:
    """To submissions, of which nobody can know, or to cancellations: a warning names the jobs."""
    with silent(lambda asked: asked.method == method) as server:
        with program(MAP, server.base_url) as process:
            seen = "POST" if method == "POST" else "GET"
            until(lambda: server.count(seen) >= 8)
            printed = interrupted(process)
        assert printed.count("it may still be running") == 8
        if method == "PUT":
            assert "request r1" in printed


@pytest.mark.parametrize("text", [UPLOAD, UPLOADS], ids=["one", "several"])
def test_ctrl_c_ends_an_upload(text: str) -> None:
    with silent(lambda asked: asked.path == "/up") as server:
        with program(text, server.base_url) as process:
            until(lambda: server.count("PUT") >= 1)
            interrupted(process)
        assert not any(asked.path.endswith("acme/many") for asked in server.asked)


@pytest.mark.parametrize("end", ["", "raise SystemExit('stopped here')", "del outcomes"])
def test_an_iterator_that_is_held_does_not_keep_the_program_alive(
    emulator: Emulator, end: str
) -> None:
    emulator.emulate("running=60, refuse=bad_request; on=submit; times=1")
    with program(HOLD + end, emulator.base_url) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("first:")
        process.communicate(timeout=PROMPT)
    assert emulator.queue.unfinished() == []


def test_closing_a_batch_does_not_wait_for_a_server_that_is_silent(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with silent(lambda asked: "/acme/collage/requests/" in asked.path) as server:
        with Fal("key", base_url=server.base_url) as client:
            collage = Collage(client)
            outcomes = collage.map([{"layers": list[object]()}, {}])
            assert next(outcomes).index == 1
            until(lambda: server.count("GET") == 1)
            start = time.monotonic()
            outcomes.close()
            assert time.monotonic() - start < PROMPT
        assert "it may still be running" in caplog.text


def test_a_given_http_client_that_hangs_does_not_keep_a_batch() -> None:
    with silent(lambda asked: asked.method == "GET") as server, httpx.Client() as http:
        collage = Collage(Fal("key", base_url=server.base_url, http_client=http, timeout=60))
        outcomes = collage.map([{"layers": list[object]()}, {}])
        assert next(outcomes).index == 1
        until(lambda: server.count("GET") == 1)
        start = time.monotonic()
        outcomes.close()
        assert time.monotonic() - start < PROMPT
        assert cancelled(server) == 1


def test_a_blocking_caller_imports_no_event_loop(emulator: Emulator) -> None:
    """Neither an import of the package nor a call costs the import of asyncio."""
    text = "print(video(image_url=b'a', prompt='b').submit().request_id, 'asyncio' in sys.modules)"
    program_ = PROGRAM.format(text).replace("import asyncio, sys", "import sys")
    ran = subprocess.run(
        [sys.executable, "-c", program_, emulator.base_url],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.split()[-1] == "False"


def test_functions_that_run_at_exit_can_call_the_client(emulator: Emulator) -> None:
    """One that was registered before the first call runs after the client's own clean-up."""
    text = """\
import atexit

def at_exit():
    print(video(image_url=b"a", prompt="b").subscribe(client_timeout=60).video.url)
    print(requests[0].subscribe().video.url)

atexit.register(at_exit)
requests[0].subscribe(client_timeout=60)
"""
    with program(text, emulator.base_url) as process:
        printed, _ = process.communicate(timeout=PROMPT)
    assert [".mp4" in url for url in printed.splitlines()] == [True, True]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_process_can_drop_an_iterator_that_its_parent_uses(emulator: Emulator) -> None:
    text = (
        HOLD
        + """\
import os
import warnings
warnings.simplefilter("ignore")  # about forks in processes with threads
if (child := os.fork()) == 0:
    outcomes.close()
    print("closed", flush=True)
    os._exit(0)
os.waitpid(child, 0)
print("others:", len(list(outcomes)))
"""
    )
    with program(text, emulator.base_url) as process:
        printed, _ = process.communicate(timeout=60)
    _, *later = printed.splitlines()
    assert later == ["closed", "others: 29"]


def test_a_batch_takes_no_thread_for_each_job(collage: Collage, emulator: Emulator) -> None:
    emulator.emulate("running=60, refuse=bad_request; on=submit; times=1")
    outcomes = collage.map(({"layers": list[object]()} for _ in range(20)), concurrency=20)
    before = {thread.name for thread in threading.enumerate()}
    next(outcomes)
    until(lambda: len(emulator.queue) == 19)
    started = {thread.name for thread in threading.enumerate()} - before
    assert sum(name.startswith("fal_endpoints") for name in started) == 1
    outcomes.close()
    assert emulator.queue.unfinished() == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_process_forked_off_meanwhile_does_not_keep_the_ledger(
    emulator: Emulator, tmp_path: Path
) -> None:
    text = """\
import os
outcomes = client.map(requests[:4], concurrency=1, ledger=sys.argv[2])
next(outcomes)
waits, ends = os.pipe()
if (child := os.fork()) == 0:
    os.close(ends)
    os.read(waits, 1)
    os._exit(0)
list(outcomes)
again = client.map(requests[:4], ledger=sys.argv[2])
print("again:", [outcome.error for outcome in again])
os.close(ends)
os.waitpid(child, 0)
"""
    with program(text, emulator.base_url, tmp_path / "batch.jsonl") as process:
        printed, _ = process.communicate(timeout=60)
    assert printed.splitlines()[-1] == "again: [None, None, None, None]"
