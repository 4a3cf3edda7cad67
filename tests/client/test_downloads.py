"""Results' files are downloaded whole or not at all, and write where they should only."""

from __future__ import annotations

import asyncio
import copy
import os
import pickle
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import APIError, ConnectionFailed, FalError, File

from .conftest import Call
from .given import CONTENT, FILES, Answers, Server, file_of
from .scripted import Answer, Asked, scripted
from .tuned import IMPATIENT, tuned_client


def test_a_file_is_written_where_it_is_wanted(file: File, call: Call, tmp_path: Path) -> None:
    assert call(file.download, tmp_path / "video.mp4") == tmp_path / "video.mp4"
    assert (tmp_path / "video.mp4").read_bytes() == CONTENT
    assert call(file.download, str(tmp_path)) == tmp_path / "a b.bin"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a b.bin", "video.mp4"]


@pytest.mark.parametrize("end", ["", "out.mp4"])
def test_a_folder_that_is_not_there_is_named(
    file: File, call: Call, tmp_path: Path, emulator: Emulator, end: str
) -> None:
    missing = tmp_path / "missing"
    with pytest.raises(FileNotFoundError) as error:
        call(file.download, f"{missing}/{end}")
    assert str(error.value) == f"[Errno 2] The folder does not exist: {str(missing)!r}"
    assert list(tmp_path.iterdir()) == []
    assert emulator.journal.select("file", method="GET") == []


def test_the_key_is_not_sent_along(
    file: File, call: Call, tmp_path: Path, emulator: Emulator
) -> None:
    call(file.download, tmp_path)
    assert "authorization" not in emulator.journal[-1].headers


def test_a_download_that_fails_leaves_what_was_there(call: Call, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"before")

    def answer(asked: Asked) -> Answer:
        return Answer(404) if asked.path == "/gone" else Answer(200, b"cut", {"X-Cut": "1"})

    with scripted(answer) as server, pytest.raises(APIError) as error:
        call(File(url=f"{server.base_url}/gone").download, tmp_path / "a")
    url = f"{server.base_url}/gone"
    assert str(error.value) == f"'{url}' does not exist, or has expired: HTTP 404 Not Found"
    assert (tmp_path / "a").read_bytes() == b"before"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


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


# What a part is the beginning of.


def test_nothing_in_a_folder_is_replaced(call: Call, tmp_path: Path) -> None:
    (tmp_path / "video.mp4").write_bytes(b"mine")
    for number in (1, 2):
        written = call(file_of(Server(CONTENT, {}, cuts=0)).download, tmp_path)
        assert written == tmp_path / f"video-{number}.mp4"
        assert written.read_bytes() == CONTENT
    assert (tmp_path / "video.mp4").read_bytes() == b"mine"


def test_without_links_a_download_overwrites_nothing(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link(*args: object, **options: object) -> None:
        raise PermissionError(1, "not on this file system")

    monkeypatch.setattr(os, "link", link)
    (tmp_path / "video.mp4").write_bytes(b"mine")
    written = call(file_of(Server(CONTENT, {}, cuts=0)).download, tmp_path)
    assert written == tmp_path / "video-1.mp4"
    assert written.read_bytes() == CONTENT
    assert (tmp_path / "video.mp4").read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/.bashrc", "bashrc"),
        ("/..hidden", "hidden"),
        ("/-rf", "rf"),
        ("/.ssh%2Fauthorized_keys", "authorized_keys"),
        ("/..%5c..%5cevil.exe", "evil.exe"),
        ("/%1b[2Jx%0ay", "_[2Jx_y"),
        ("/a%00b", "a_b"),
        ("/a%E2%80%AEgpj.exe", "a_gpj.exe"),
        ("/a%3Cb%3E%3A%22%7C%3F%2A", "a_b______"),
        ("/con", "_con"),
        ("/Nul.txt", "_Nul.txt"),
        ("/com1.tar.gz", "_com1.tar.gz"),
        ("/console.txt", "console.txt"),
        ("/a.%20.", "a"),
        ("/%E2%9C%93%20na%C3%AFve.png", "✓ naïve.png"),
        ("/x.mp4.part", "x.mp4.part_"),
        ("/x.mp4.PART.origin", "x.mp4.PART.origin_"),
        ("/", "download"),
        ("/...", "download"),
    ],
)
def test_names_out_of_urls_are_harmless(call: Call, tmp_path: Path, path: str, name: str) -> None:
    file = file_of(Server(CONTENT, {}, cuts=0), path)
    assert call(file.download, tmp_path) == tmp_path / name
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("letter", ["x", "%C3%A9"])
def test_long_names_keep_their_suffix(call: Call, tmp_path: Path, letter: str) -> None:
    file = file_of(Server(CONTENT, {}, cuts=0), f"/{letter * 400}.mp4")
    for suffix in (".mp4", "-1.mp4"):
        written = call(file.download, tmp_path)
        assert written.name.endswith(suffix)
        assert 250 < len(os.fsencode(written.name)) <= 255


@pytest.mark.parametrize("link", [os.symlink, os.link])
@pytest.mark.parametrize("planted", ["a.part", "a.part.origin"])
def test_nothing_is_written_through_a_link(
    call: Call, tmp_path: Path, link: Callable[[Path, Path], None], planted: str
) -> None:
    victim, folder = tmp_path / "victim", tmp_path / "folder"
    victim.write_text("victim")
    folder.mkdir()
    link(victim, folder / planted)
    call(file_of(Server(CONTENT, {"ETag": '"a"'})).download, folder / "a")
    assert victim.read_text() == "victim"
    assert (folder / "a").read_bytes() == CONTENT
    assert not (folder / "a").is_symlink()


def test_a_folder_that_is_not_there_is_the_systems_own_error(call: Call, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        call(file_of(Server(CONTENT, {}, cuts=0)).download, tmp_path / "none" / "a")


# What is fetched, and by whom.


def test_a_file_comes_through_the_client_of_its_result(call: Call, tmp_path: Path) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=CONTENT)

    path = call(file_of(answer).download, tmp_path)
    assert path.read_bytes() == CONTENT
    (request,) = seen
    assert request.url == f"{FILES}/a/video.mp4"
    assert "authorization" not in request.headers


def test_the_way_it_came_is_no_part_of_a_files_value(tmp_path: Path) -> None:
    file = file_of(lambda request: httpx.Response(200, content=CONTENT), key="key-secret")
    by_hand = File(url=file.url)
    assert file == by_hand
    assert file.model_dump() == by_hand.model_dump()
    assert repr(file) == repr(by_hand)
    pickled = pickle.dumps(file)
    assert b"key-secret" not in pickled
    assert pickle.loads(pickled) == file
    for number, twin in enumerate((copy.copy(file), copy.deepcopy(file), file.model_copy())):
        assert twin == file
        assert twin.download(tmp_path / str(number)).read_bytes() == CONTENT


@pytest.mark.parametrize(
    "url",
    [
        "",
        "//x",
        "/etc/passwd",
        "file:///etc/passwd",
        "ftp://x/y",
        "https:",
        "https:///x",
        "http://[::1",
        "https://\ud800/",
        "https://files.test/\ud800",
        "http://a..b/",
        "http://xn--a/",
        f"http://{'a' * 100}/",
        f"http://{'a' * 100_000}/",
        "http://\x00/",
        "data:foo",
        "data:text/plain;base64,@@@",
        "data:text/plain;base64,a",
        "data:,\ud800",
    ],
)
def test_an_odd_url_is_an_error_of_ours(call: Call, tmp_path: Path, url: str) -> None:
    connection = tuned_client(IMPATIENT).connection
    file = File.model_validate({"url": url}, context=connection)
    with pytest.raises(FalError) as error:
        call(file.download, tmp_path / "a")
    assert len(str(error.value)) < 400
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "content"),
    [
        ("data:text/plain;base64,aGk/", b"hi?"),
        ("data:text/plain;base64,aGk", b"hi"),
        ("data:text/plain;charset=utf-8;base64,aG%6B%3D", b"hi"),
        ("DATA:,a%20b,c", b"a b,c"),
        ("data:;base64,", b""),
    ],
)
def test_a_file_that_came_with_the_result_is_written(
    call: Call, tmp_path: Path, url: str, content: bytes
) -> None:
    path = call(File(url=url).download, tmp_path)
    assert path == tmp_path / "download"
    assert path.read_bytes() == content


def redirect_to(location: str) -> Answers:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/a/video.mp4":
            return httpx.Response(302, headers={"Location": location})
        return httpx.Response(200, content=CONTENT)

    return answer


def test_a_redirect_is_followed(call: Call, tmp_path: Path) -> None:
    path = call(file_of(redirect_to("/elsewhere")).download, tmp_path)
    assert path.name == "video.mp4"
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize(
    "location", ["http://files.test/b", "file:///etc/passwd", "ftp://x/", "/a/video.mp4"]
)
def test_a_redirect_that_leads_astray_is_not_followed(
    call: Call, tmp_path: Path, location: str
) -> None:
    with pytest.raises(ConnectionFailed, match="redirect"):
        call(file_of(redirect_to(location)).download, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_files_are_written_off_the_event_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: set[int] = set()
    for name in ("open", "link", "unlink"):
        function = getattr(os, name)

        def noting(*args: Any, function: Any = function, **options: Any) -> Any:
            if str(args[0]).startswith(str(tmp_path)):
                threads.add(threading.get_ident())
            return function(*args, **options)

        monkeypatch.setattr(os, name, noting)
    asyncio.run(file_of(Server(CONTENT, {"ETag": '"a"'})).download_async(tmp_path))
    assert threads
    assert threading.get_ident() not in threads
