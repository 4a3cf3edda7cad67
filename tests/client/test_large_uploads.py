"""Files in parts: ten at a time, continued after an interruption."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import APIError, ConnectionFailed, Fal, Progress

from .collage import Collage
from .conftest import Call
from .scripted import Answer, Asked, scripted
from .tuned import IMPATIENT, tuned_client
from .uploaded import sent, served

PART, COUNT, AT_ONCE = 1200, 30, 10
SIZE = PART * COUNT - 1
TUNING = IMPATIENT._replace(largest_upload=PART, upload_part=PART)


class Stopped(Exception):
    """Raised by a callback."""


def stop_at(count: int) -> Callable[[Progress], None]:
    """Return a callback that raises once so many parts have been sent."""

    def on_progress(progress: Progress) -> None:
        if progress.transferred >= count * PART:
            raise Stopped

    return on_progress


@pytest.fixture
def client(emulator: Emulator) -> Iterator[Fal]:
    with tuned_client(TUNING, base_url=emulator.base_url) as client:
        yield client


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(os.urandom(SIZE))
    return path


def puts(emulator: Emulator) -> int:
    return emulator.journal.count("upload", method="PUT", status=200)


def initiations(emulator: Emulator) -> int:
    return emulator.journal.count("upload", path="/initiate-multipart")


def test_ten_parts_are_sent_at_a_time(call: Call) -> None:
    together = threading.Barrier(AT_ONCE)
    active, most = 0, 0
    lock = threading.Lock()

    def answer(asked: Asked) -> Answer:
        nonlocal active, most
        if asked.method != "PUT":
            return Answer(body={"upload_url": f"{base}/up", "file_url": f"{base}/file"})
        with lock:
            active += 1
            most = max(most, active)
        together.wait(30)  # until nine others are being sent
        with lock:
            active -= 1
        together.wait(30)
        return Answer(headers={"ETag": '"a"'})

    with scripted(answer) as server:
        base = server.base_url
        with tuned_client(TUNING, base_url=base) as client:
            assert call(client.upload, os.urandom(SIZE), "video/mp4") == f"{base}/file"
        assert server.count("PUT") == COUNT
    assert most == AT_ONCE


def test_an_upload_continues_where_it_was_interrupted(
    client: Fal, call: Call, emulator: Emulator, film: Path
) -> None:
    with pytest.raises(Stopped):
        call(client.upload, film, on_progress=stop_at(20))
    seen: list[Progress] = []
    url = call(client.upload, film, on_progress=seen.append)
    assert served(url) == (film.read_bytes(), "video/mp4")
    assert initiations(emulator) == 1
    asked = emulator.journal.count("upload", method="PUT")
    assert COUNT <= asked <= COUNT + AT_ONCE  # parts that were not answered yet are sent again
    assert seen[-1] == Progress("film.mp4", SIZE, SIZE)
    call(client.upload, film)  # a completed upload is not continued
    assert initiations(emulator) == 2


@pytest.mark.parametrize("failure", ["drop=before", "proxy-error=503", "refuse=internal_error"])
def test_an_upload_continues_after_the_storage_failed(
    client: Fal, call: Call, emulator: Emulator, film: Path, failure: str
) -> None:
    def fail(progress: Progress) -> None:
        if progress.transferred >= 20 * PART and not failing:
            failing.append(True)
            emulator.emulate(f"{failure}; on=upload; times=60")

    failing: list[bool] = []
    with pytest.raises((APIError, ConnectionFailed)):
        call(client.upload, film, on_progress=fail)
    for _ in range(12):  # each upload uses up five of the failures, or more
        with suppress(APIError, ConnectionFailed):
            url = call(client.upload, film)
            break
    assert served(url)[0] == film.read_bytes()
    assert initiations(emulator) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
@pytest.mark.parametrize("then", ["blocking", "async"])
def test_an_upload_continues_after_ctrl_c(
    client: Fal, emulator: Emulator, film: Path, then: str
) -> None:
    pressed = False

    def press(progress: Progress) -> None:
        nonlocal pressed
        if progress.transferred >= 20 * PART and not pressed:
            pressed = True
            os.kill(os.getpid(), signal.SIGINT)
            raise Stopped  # so that the upload does not end before the signal arrives

    with pytest.raises(KeyboardInterrupt):
        client.upload(film, on_progress=press)
    is_async = then == "async"
    url = asyncio.run(client.upload_async(film)) if is_async else client.upload(film)
    assert served(url)[0] == film.read_bytes()
    assert initiations(emulator) == 1


def test_a_file_that_has_changed_is_another_upload(
    client: Fal, call: Call, emulator: Emulator, film: Path
) -> None:
    with pytest.raises(Stopped):
        call(client.upload, film, on_progress=stop_at(20))
    other = os.urandom(SIZE)
    film.write_bytes(other)
    assert served(call(client.upload, film))[0] == other
    assert initiations(emulator) == 2


def test_an_upload_that_the_storage_dropped_starts_over(
    client: Fal, call: Call, emulator: Emulator, film: Path
) -> None:
    with pytest.raises(Stopped):
        call(client.upload, film, on_progress=stop_at(20))
    emulator.reset()
    assert served(call(client.upload, film))[0] == film.read_bytes()
    assert puts(emulator) == COUNT


def test_another_client_continues_nothing(
    client: Fal, call: Call, emulator: Emulator, film: Path
) -> None:
    with pytest.raises(Stopped):
        call(client.upload, film, on_progress=stop_at(20))
    with tuned_client(TUNING, key="another", base_url=emulator.base_url) as other:
        call(other.upload, film)
    assert initiations(emulator) == 2


def test_large_and_small_files_of_a_request_are_all_uploaded(
    client: Fal, call: Call, emulator: Emulator, film: Path
) -> None:
    small, unnamed = os.urandom(PART), os.urandom(SIZE)
    call(Collage(client)(layers=[{"image_url": film}], mask_urls=[small, unnamed, film]).submit)
    body = sent(emulator)
    contents = [served(url)[0] for url in (body["layers"][0]["image_url"], *body["mask_urls"])]
    assert contents == [film.read_bytes(), small, unnamed, film.read_bytes()]
