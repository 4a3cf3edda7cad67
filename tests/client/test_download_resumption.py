"""A download that broke off goes on with the same version of the same URL, or begins again."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import httpx
import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import ConnectionFailed, File, UnexpectedResponse

from .conftest import Call
from .given import CONTENT, Pieces, Server, cut, file_of
from .scripted import Answer, scripted

OTHER = os.urandom(400_000)


def test_a_download_that_breaks_off_goes_on(
    file: File, call: Call, tmp_path: Path, emulator: Emulator
) -> None:
    emulator.emulate("truncate; on=file; times=2")
    call(file.download, tmp_path / "video.mp4")
    assert (tmp_path / "video.mp4").read_bytes() == CONTENT
    first, *later = emulator.journal.select("file", method="GET")
    assert "range" not in first.headers
    assert all(entry.headers["range"] != "bytes=0-" for entry in later)


def test_a_download_goes_on_after_a_restart(
    file: File, call: Call, tmp_path: Path, emulator: Emulator
) -> None:
    emulator.emulate("truncate; on=file; times=5")
    with pytest.raises(ConnectionFailed):
        call(file.download, tmp_path / "video.mp4")
    begun = (tmp_path / "video.mp4.part").stat().st_size
    assert 0 < begun < len(CONTENT)
    call(file.download, tmp_path / "video.mp4")
    assert (tmp_path / "video.mp4").read_bytes() == CONTENT
    assert emulator.journal[-1].status == 206
    assert emulator.journal[-1].headers["range"] == f"bytes={begun}-"
    assert [path.name for path in tmp_path.iterdir()] == ["video.mp4"]


@pytest.mark.parametrize(
    "left",
    [CONTENT, CONTENT[:1000], CONTENT + b"of another"],
    ids=["whole", "the beginning", "too much"],
)
def test_what_nobody_knows_the_origin_of_is_begun_again(
    file: File, call: Call, tmp_path: Path, left: bytes
) -> None:
    (tmp_path / "video.mp4.part").write_bytes(left)
    call(file.download, tmp_path / "video.mp4")
    assert (tmp_path / "video.mp4").read_bytes() == CONTENT


@pytest.mark.parametrize("name", ["video.mp4.part", "video.mp4.part.origin"])
def test_a_file_that_no_download_left_is_not_replaced(
    call: Call, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(b"mine")
    written = call(file_of(Server(CONTENT, {"ETag": '"a"'}, cuts=0)).download, tmp_path)
    assert written.read_bytes() == CONTENT
    assert (tmp_path / name).read_bytes() == b"mine"
    assert {path.name for path in tmp_path.iterdir()} == {name, "video.mp4"}


def test_a_server_without_ranges_is_asked_for_the_whole(call: Call, tmp_path: Path) -> None:
    (tmp_path / "a.part").write_bytes(b"wrong")
    with scripted(lambda asked: Answer(200, CONTENT)) as server:
        call(File(url=f"{server.base_url}/a").download, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == CONTENT


DATE = "Wed, 01 Apr 2026 10:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "validator"),
    [({"ETag": '"a"'}, '"a"'), ({"Last-Modified": DATE}, DATE)],
)
def test_what_follows_is_asked_of_the_same_version(
    call: Call, tmp_path: Path, headers: dict[str, str], validator: str
) -> None:
    server = Server(CONTENT, headers, cuts=2)
    call(file_of(server).download, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == CONTENT
    assert server.ranges == [
        (None, None),
        ("bytes=100000-", validator),
        ("bytes=200000-", validator),
    ]


@pytest.mark.parametrize(
    "headers", [{}, {"ETag": 'W/"a"'}, {"ETag": 'W/"a"', "Last-Modified": DATE}]
)
def test_what_cannot_be_told_apart_is_begun_again(
    call: Call, tmp_path: Path, headers: dict[str, str]
) -> None:
    server = Server(CONTENT, headers)
    call(file_of(server).download, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == CONTENT
    assert server.ranges == [(None, None), (None, None)]


def test_a_file_that_changes_meanwhile_is_begun_again(call: Call, tmp_path: Path) -> None:
    old, new = Server(CONTENT, {"ETag": '"a"'}), Server(OTHER, {"ETag": '"b"'}, cuts=0)

    def answer(request: httpx.Request) -> httpx.Response:
        return new(request) if old.ranges else old(request)

    call(file_of(answer).download, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == OTHER


def test_a_part_is_of_one_url(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "video.mp4"
    with pytest.raises(ConnectionFailed):
        call(file_of(Server(CONTENT, {"ETag": '"a"'}, cuts=9)).download, path)
    server = Server(OTHER, {"ETag": '"a"'}, cuts=0)
    call(file_of(server, "/b/video.mp4").download, path)
    assert path.read_bytes() == OTHER
    assert server.ranges == [(None, None)]


@pytest.mark.parametrize(
    "content_range",
    [
        None,
        "bytes 0-299999/300000",
        "bytes 100000-199999/300000",
        "bytes 100000-399999/400000",
        "bytes 100000-299999/*",
        "bytes */300000",
        "items 100000-299999/300000",
    ],
)
def test_a_range_that_was_not_asked_for_is_not_taken(
    call: Call, tmp_path: Path, content_range: str | None
) -> None:
    server = Server(CONTENT, {"ETag": '"a"'})

    def answer(request: httpx.Request) -> httpx.Response:
        response = server(request)
        if response.status_code == 206:
            response.headers.pop("content-range")
            if content_range is not None:
                response.headers["content-range"] = content_range
        return response

    call(file_of(answer).download, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == CONTENT


def test_a_part_that_nobody_asked_for_is_refused(call: Call, tmp_path: Path) -> None:
    headers = {"Content-Range": "bytes 100-108/109"}
    file = file_of(lambda request: httpx.Response(206, headers=headers, content=b"tail only"))
    with pytest.raises(UnexpectedResponse, match="partial response to a full request"):
        call(file.download, tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


def test_a_part_that_is_complete_is_finished(call: Call, tmp_path: Path) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        headers = {"ETag": '"a"'}
        if "range" in request.headers:
            headers["Content-Range"] = f"bytes */{len(CONTENT)}"
            return httpx.Response(416, headers=headers)
        headers["Content-Length"] = str(len(CONTENT))
        return httpx.Response(200, headers=headers, stream=Pieces(CONTENT, cut))

    call(file_of(answer).download, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == CONTENT


def test_a_body_shorter_than_announced_is_not_the_file(call: Call, tmp_path: Path) -> None:
    headers = {"Content-Length": "10"}
    file = file_of(lambda request: httpx.Response(200, headers=headers, stream=Pieces(b"short")))
    with pytest.raises(ConnectionFailed, match="was interrupted"):
        call(file.download, tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


def test_two_downloads_at_once_do_not_mix(tmp_path: Path) -> None:
    is_midway, is_over = threading.Event(), threading.Event()

    def slow(request: httpx.Request) -> httpx.Response:
        body = Pieces(CONTENT[:1000], is_midway.set, lambda: is_over.wait(30), CONTENT[1000:])
        return httpx.Response(200, headers={"ETag": '"a"'}, stream=body)

    first = threading.Thread(target=file_of(slow).download, args=(tmp_path / "a",))
    first.start()
    assert is_midway.wait(30)
    file_of(Server(OTHER, {"ETag": '"a"'}, cuts=0)).download(tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == OTHER
    is_over.set()
    first.join()
    assert (tmp_path / "a").read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


# Where it is written.
