"""Results' files are downloaded whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import APIError, ConnectionFailed, Fal, File

from .conftest import Call
from .scripted import Answer, Asked, scripted

CONTENT = os.urandom(300_000)


@pytest.fixture
def file(client: Fal) -> File:
    return File(url=client.upload(CONTENT, file_name="a b.bin"))


def test_a_file_is_written_where_it_is_wanted(file: File, call: Call, tmp_path: Path) -> None:
    assert call(file.download, tmp_path / "video.mp4") == tmp_path / "video.mp4"
    assert (tmp_path / "video.mp4").read_bytes() == CONTENT
    assert call(file.download, str(tmp_path)) == tmp_path / "a b.bin"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a b.bin", "video.mp4"]


def test_the_key_is_not_sent_along(
    file: File, call: Call, tmp_path: Path, emulator: Emulator
) -> None:
    call(file.download, tmp_path)
    assert "authorization" not in emulator.journal[-1].headers


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
    (tmp_path / "video.mp4.part").write_bytes(CONTENT[:100_000])
    call(file.download, tmp_path / "video.mp4")
    assert (tmp_path / "video.mp4").read_bytes() == CONTENT
    assert emulator.journal[-1].status == 206


@pytest.mark.parametrize("left", [CONTENT, CONTENT + b"of another"])
def test_what_was_left_is_finished_or_begun_again(
    file: File, call: Call, tmp_path: Path, left: bytes
) -> None:
    (tmp_path / "video.mp4.part").write_bytes(left)
    call(file.download, tmp_path / "video.mp4")
    assert (tmp_path / "video.mp4").read_bytes() == CONTENT


def test_a_server_without_ranges_is_asked_for_the_whole(call: Call, tmp_path: Path) -> None:
    (tmp_path / "a.part").write_bytes(b"wrong")
    with scripted(lambda asked: Answer(200, CONTENT)) as server:
        call(File(url=f"{server.base_url}/a").download, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == CONTENT


def test_a_download_that_fails_leaves_what_was_there(call: Call, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"before")

    def answer(asked: Asked) -> Answer:
        return Answer(404) if asked.path == "/gone" else Answer(200, b"cut", {"X-Cut": "1"})

    with scripted(answer) as server, pytest.raises(APIError):
        call(File(url=f"{server.base_url}/gone").download, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"before"


def test_a_file_that_came_with_the_result_is_written(call: Call, tmp_path: Path) -> None:
    path = call(File(url="data:text/plain;base64,aGk/").download, tmp_path)
    assert path == tmp_path / "download"
    assert path.read_bytes() == b"hi?"


@pytest.mark.parametrize("path", ["/%2e%2e", "/a/%2E%2e", "/", "/a%2f..%2f"])
def test_no_url_leads_out_of_the_folder(call: Call, tmp_path: Path, path: str) -> None:
    with scripted(lambda asked: Answer(200, CONTENT)) as server:
        written = call(File(url=f"{server.base_url}{path}").download, tmp_path)
    assert written.resolve().parent == tmp_path
    assert written.read_bytes() == CONTENT


def test_a_file_that_never_comes_through(
    file: File, call: Call, tmp_path: Path, emulator: Emulator
) -> None:
    emulator.emulate("truncate; on=file")
    with pytest.raises(ConnectionFailed):
        call(file.download, tmp_path / "a")
    assert not (tmp_path / "a").exists()
