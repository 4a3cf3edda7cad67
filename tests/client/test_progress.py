"""The progress of uploads and downloads, by callback and on a terminal."""

from __future__ import annotations

import asyncio
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import ConfigurationError, Fal, File, Progress, show_progress

from .collage import Collage
from .conftest import Call
from .given import CONTENT, Server, file_of
from .scripted import Answer, Asked, scripted
from .tuned import IMPATIENT, tuned_client
from .uploaded import LARGE, URL

MEGABYTE = 1 << 20


class Mine(Exception):
    """Raised by a callback."""


def fail(progress: Progress) -> None:
    raise Mine


def test_an_upload_reports_each_megabyte(client: Fal, call: Call, tmp_path: Path) -> None:
    seen: list[Progress] = []
    path = tmp_path / "film.mp4"
    path.write_bytes(bytes(2 * MEGABYTE + 1))
    call(client.upload, path, on_progress=seen.append)
    total = 2 * MEGABYTE + 1
    assert seen == [Progress("film.mp4", sent, total) for sent in (MEGABYTE, 2 * MEGABYTE, total)]


def test_a_request_reports_each_file_that_it_uploads(collage: Collage, call: Call) -> None:
    for method in (collage.map, collage.bind(layers=[], mask_urls=[LARGE, LARGE + b"1"]).submit):
        seen: list[Progress] = []
        rows = [[{"layers": [], "mask_urls": [LARGE, LARGE + b"1"]}]] * (method == collage.map)
        call(method, *rows, on_upload_progress=seen.append)
        sizes = [len(LARGE), len(LARGE) + 1]
        assert sorted(seen, key=lambda progress: progress.transferred) == [
            Progress("upload.png", size, size) for size in sizes
        ]


def test_an_attempt_that_fails_is_counted_anew(call: Call) -> None:
    responses = iter([500, 200])

    def answer(asked: Asked) -> Answer:
        if asked.method == "PUT":
            return Answer(next(responses))
        return Answer(body={"upload_url": f"{server.base_url}/up", "file_url": URL})

    seen: list[Progress] = []
    with scripted(answer) as server, tuned_client(IMPATIENT, base_url=server.base_url) as client:
        assert call(client.upload, LARGE, on_progress=seen.append) == URL
    assert [progress.transferred for progress in seen] == [len(LARGE)] * 2


@pytest.mark.parametrize("size", [0, len(CONTENT)])
def test_a_download_reports_its_bytes(call: Call, tmp_path: Path, size: int) -> None:
    seen: list[Progress] = []
    content = CONTENT[:size]
    file = file_of(Server(content, {"ETag": '"a"'}, cuts=0))
    call(file.download, tmp_path, on_progress=seen.append)
    assert seen[-1] == Progress("video.mp4", size, size)
    inline = File(url="data:,hello")
    call(inline.download, tmp_path / "hello.txt", on_progress=seen.append)
    assert seen[-1] == Progress("hello.txt", 5, 5)


def test_a_download_that_continues_reports_what_it_has(call: Call, tmp_path: Path) -> None:
    seen: list[Progress] = []
    call(file_of(Server(CONTENT, {"ETag": '"a"'})).download, tmp_path, on_progress=seen.append)
    counts = [progress.transferred for progress in seen]
    assert counts == sorted(counts)
    assert len(set(counts)) > 1
    assert seen[-1] == Progress("video.mp4", len(CONTENT), len(CONTENT))


def test_a_download_of_unknown_size(call: Call, tmp_path: Path) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=iter([CONTENT]))

    seen: list[Progress] = []
    file = file_of(answer)
    file.download(tmp_path, on_progress=seen.append)
    assert seen[-1] == Progress("video.mp4", len(CONTENT), None)


def test_an_exception_of_a_callback_reaches_the_caller(
    client: Fal, collage: Collage, call: Call, file: File, tmp_path: Path, emulator: Emulator
) -> None:
    requests = [collage.bind(layers=[], mask_urls=files) for files in ([LARGE], [LARGE, LARGE * 2])]
    for request in requests:
        for method in (request.submit, request.subscribe, request.run):
            with pytest.raises(Mine):
                call(method, on_upload_progress=fail)
    assert emulator.journal.count("submit") == emulator.journal.count("run") == 0
    with pytest.raises(Mine):
        call(client.upload, LARGE, on_progress=fail)
    with pytest.raises(Mine):
        call(file.download, tmp_path / "a", on_progress=fail)
    assert not (tmp_path / "a").exists()


def test_an_exception_of_a_callback_is_the_outcome_of_its_row(collage: Collage, call: Call) -> None:
    rows = [{"layers": [], "mask_urls": [LARGE]}, {"layers": []}]
    outcomes = call(collage.map, rows, on_upload_progress=fail)
    errors = {outcome.index: outcome.error for outcome in outcomes}
    assert isinstance(errors[0].__cause__, Mine)
    assert errors[1] is None


def test_a_coroutine_function_is_awaited_where_it_can_be(
    client: Fal, collage: Collage, file: File, tmp_path: Path
) -> None:
    seen: list[Progress] = []

    async def on_progress(progress: Progress) -> None:
        await asyncio.sleep(0)
        seen.append(progress)

    async def transfer() -> None:
        await client.upload_async(LARGE, on_progress=on_progress)
        await file.download_async(tmp_path / "a", on_progress=on_progress)
        request = collage.bind(layers=[], mask_urls=[LARGE])
        await request.submit_async(on_upload_progress=on_progress)

    asyncio.run(transfer())
    assert [progress.transferred for progress in seen] == [len(LARGE), len(CONTENT), len(LARGE)]
    request = collage.bind(layers=[])
    refused: list[Callable[[], object]] = [
        lambda: client.upload(LARGE, on_progress=on_progress),
        lambda: file.download(tmp_path / "b", on_progress=on_progress),
        lambda: request.submit(on_upload_progress=on_progress),
        lambda: request.subscribe(on_upload_progress=on_progress),
        lambda: request.run(on_upload_progress=on_progress),
        lambda: list(request.stream(on_upload_progress=on_progress)),
        lambda: list(collage.map([{"layers": []}], on_upload_progress=on_progress)),
    ]
    for blocking in refused:
        with pytest.raises(ConfigurationError, match="is a coroutine function"):
            blocking()
    no_function: Any = 5
    for wrong in (
        lambda: asyncio.run(client.upload_async(LARGE, on_progress=no_function)),
        lambda: asyncio.run(file.download_async(tmp_path / "b", on_progress=no_function)),
        lambda: request.submit(on_upload_progress=no_function),
    ):
        with pytest.raises(ConfigurationError, match=r"should be a function \(got 5\)"):
            wrong()


class Terminal(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


def test_progress_is_shown_on_a_terminal_only(
    client: Fal, file: File, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for stream, lines in ((Terminal(), 2), (io.StringIO(), 0)):
        monkeypatch.setattr(sys, "stderr", stream)
        content = os.urandom(2_500_000)
        client.upload(content, file_name="fi\x1blm.mp4", on_progress=show_progress)
        file.download(tmp_path / "a", on_progress=show_progress)
        assert stream.getvalue().count("\n") == lines
        assert ("fi\\x1blm.mp4: 2.1 of 2.5 MB" in stream.getvalue()) is (lines > 0)
