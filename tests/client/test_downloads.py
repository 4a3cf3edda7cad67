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
from fal_endpoints import APIError, ConnectionFailed, Fal, FalError, File, UnexpectedResponse

from .conftest import Call
from .given import FILES, Answers, Pieces, cut, file_of
from .scripted import Answer, Asked, scripted

CONTENT = os.urandom(300_000)
OTHER = os.urandom(400_000)


@pytest.fixture
def file(client: Fal) -> File:
    return File(url=client.upload(CONTENT, file_name="a b.bin"))


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
    assert str(error.value) == f"[Errno 2] There is no such folder: {str(missing)!r}"
    assert list(tmp_path.iterdir()) == []
    assert emulator.journal.select("file", method="GET") == []


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


def test_a_download_that_fails_leaves_what_was_there(call: Call, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"before")

    def answer(asked: Asked) -> Answer:
        return Answer(404) if asked.path == "/gone" else Answer(200, b"cut", {"X-Cut": "1"})

    with scripted(answer) as server, pytest.raises(APIError):
        call(File(url=f"{server.base_url}/gone").download, tmp_path / "a")
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


class Server:
    """Serves ranges of a content, the first answers cut off."""

    def __init__(self, content: bytes, headers: dict[str, str], cuts: int = 1) -> None:
        self.content, self.headers, self.cuts = content, headers, cuts
        self.ranges: list[tuple[str | None, str | None]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        asked = request.headers.get("range")
        self.ranges.append((asked, request.headers.get("if-range")))
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        total = len(self.content)
        headers = {**self.headers, "Content-Length": str(total - start)}
        if asked:
            headers["Content-Range"] = f"bytes {start}-{total - 1}/{total}"
        if len(self.ranges) <= self.cuts:
            body = Pieces(self.content[start : start + 100_000], cut)
        else:
            body = Pieces(self.content[start:])
        return httpx.Response(206 if asked else 200, headers=headers, stream=body)


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
    with pytest.raises(UnexpectedResponse, match="unasked"):
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
    with pytest.raises(ConnectionFailed, match="broke off"):
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


def test_nothing_in_a_folder_is_replaced(call: Call, tmp_path: Path) -> None:
    (tmp_path / "video.mp4").write_bytes(b"mine")
    for number in (1, 2):
        written = call(file_of(Server(CONTENT, {}, cuts=0)).download, tmp_path)
        assert written == tmp_path / f"video-{number}.mp4"
        assert written.read_bytes() == CONTENT
    assert (tmp_path / "video.mp4").read_bytes() == b"mine"


def test_a_folder_on_a_file_system_without_links(
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
    with pytest.raises(FalError) as error:
        call(File(url=url).download, tmp_path / "a")
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
