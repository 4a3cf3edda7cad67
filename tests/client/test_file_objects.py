"""Open files and their like: what is read of them, and when."""

from __future__ import annotations

import asyncio
import base64
import gzip
import io
import os
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import Fal, ValidationError

from .collage import Collage
from .conftest import Call
from .uploaded import LARGE, PNG, sent, served
from .waiting import until


class Growing(io.BytesIO):
    """Becomes longer whenever it is read."""

    def read(self, size: int | None = -1, /) -> bytes:
        data, position = super().read(size), self.tell()
        self.seek(0, os.SEEK_END)
        self.write(b"more")
        self.seek(position)
        return data


class Text(io.BytesIO):
    """Returns strings."""

    def read(self, size: int | None = -1, /) -> Any:
        return "text"


class Broken(io.BytesIO):
    """Fails."""

    def read(self, size: int | None = -1, /) -> bytes:
        raise RuntimeError("boom")


def closed() -> IO[bytes]:
    file = io.BytesIO(PNG)
    file.close()
    return file


@pytest.mark.parametrize(
    "file", [Text(PNG), Broken(PNG), closed()], ids=["text", "fails", "closed"]
)
def test_a_file_object_that_cannot_be_read_is_an_error_of_its_field(
    collage: Collage, call: Call, emulator: Emulator, file: IO[bytes]
) -> None:
    with pytest.raises(ValidationError, match=r"layers\[0\]\.image_url: cannot be read: "):
        call(collage(layers=[{"image_url": file}]).submit)
    assert emulator.journal.count("submit") == 0


def test_a_file_object_that_grows_is_an_error(
    collage: Collage, call: Call, emulator: Emulator
) -> None:
    with pytest.raises(ValidationError, match="it became longer while it was read"):
        call(collage(layers=[{"image_url": Growing(LARGE)}]).submit)
    assert emulator.journal.count("submit") == 0


def test_a_file_object_stays_where_it_stands(
    collage: Collage, call: Call, emulator: Emulator
) -> None:
    file = io.BytesIO(b"skipped" + LARGE)
    file.seek(7)
    request = collage(layers=[{"image_url": file}])
    for _ in range(2):
        call(request.submit)
        assert file.tell() == 7
    urls = [entry.json["layers"][0]["image_url"] for entry in emulator.journal.select("submit")]
    assert [served(url)[0] for url in urls] == [LARGE, LARGE]


def test_one_file_object_can_be_sent_by_many_requests_at_once(
    client: Fal, collage: Collage, emulator: Emulator
) -> None:
    content = os.urandom(3_000_000)  # read in three pieces
    file = io.BytesIO(content)
    requests = (collage(layers=[{"image_url": file}]) for _ in range(12))
    for outcome in client.map(requests, concurrency=12):
        outcome.result()
    urls = [entry.json["layers"][0]["image_url"] for entry in emulator.journal.select("submit")]
    assert {served(url)[0] for url in urls} == {content}


class OnlyRead:
    """Has `read` and nothing else, like SpooledTemporaryFile of Python 3.10 has no `seekable`."""

    def __init__(self) -> None:
        self._file = io.BytesIO(PNG)

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)


class Upload:
    """A file of a form as web frameworks give it, whose methods are coroutines."""

    def __init__(self) -> None:
        self.file = io.BytesIO(PNG)

    async def read(self, size: int = -1) -> bytes:
        return self.file.read(size)


def test_an_object_without_seekable_is_read_whole(
    collage: Collage, call: Call, emulator: Emulator
) -> None:
    file: Any = OnlyRead()
    request = collage(layers=[{"image_url": file}])
    call(request.submit)
    assert sent(emulator)["layers"][0]["image_url"].startswith("data:image/png;base64,")
    with pytest.raises(ValidationError, match="to send it more than once, pass its bytes"):
        call(request.submit)


def test_a_file_whose_read_is_a_coroutine_is_refused_by_the_call(
    collage: Collage, client: Fal
) -> None:
    file: Any = Upload()
    message = r"pass `upload\.file`, or `await upload\.read\(\)`"
    with pytest.raises(ValidationError, match=message):
        collage(layers=[{"image_url": file}])
    with pytest.raises(ValidationError, match=message):
        client.upload(file)
    collage(layers=[{"image_url": file.file}])


def test_a_file_opened_as_text_is_refused_by_the_call(collage: Collage, tmp_path: Path) -> None:
    with (tmp_path / "notes.txt").open("w") as file, tempfile.NamedTemporaryFile("w") as named:
        texts: list[Any] = [file, named, io.StringIO("x")]
        for text in texts:
            with pytest.raises(ValidationError, match="open it in binary mode"):
                collage(layers=[{"image_url": text}])


def test_temporary_files_and_members_of_archives_are_uploaded(
    collage: Collage, call: Call, emulator: Emulator
) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as written:
        written.writestr("a.png", PNG)
    with (
        tempfile.NamedTemporaryFile() as named,
        tempfile.SpooledTemporaryFile() as spooled,
        zipfile.ZipFile(archive) as packed,
        packed.open("a.png") as member,
    ):
        for file in (named, spooled):
            file.write(PNG)
            file.seek(0)
        call(collage(layers=[], mask_urls=[named, spooled, member]).submit)
    encoded = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    assert sent(emulator)["mask_urls"] == [encoded] * 3


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("table.csv.gz", "application/gzip"),
        ("images.tar.gz", "application/gzip"),
        ("images.tgz", "application/gzip"),
        ("drawing.svgz", "application/gzip"),
        ("notes.txt.bz2", "application/x-bzip2"),
        ("notes.txt.xz", "application/x-xz"),
        ("notes.txt", "text/plain"),
    ],
)
def test_the_content_type_is_that_of_the_file_and_not_of_what_is_packed_in_it(
    client: Fal, collage: Collage, tmp_path: Path, name: str, content_type: str
) -> None:
    (tmp_path / name).write_bytes(gzip.compress(b"x"))
    assert served(client.upload(tmp_path / name))[1].partition(";")[0] == content_type
    command = collage(layers=[{"image_url": tmp_path / name}]).curl()
    assert f"data:{content_type};base64," in command


@pytest.mark.parametrize("content_type", ["a\r\nX: y", "é/é", "png", "", "image/png\n"])
def test_a_content_type_that_cannot_be_sent_is_refused(client: Fal, content_type: str) -> None:
    with pytest.raises(ValidationError, match="content_type: should be a media type"):
        client.upload(PNG, content_type)


def test_files_are_read_beside_the_event_loop(collage: Collage, emulator: Emulator) -> None:
    """A file object that blocks until the loop has gone on."""
    has_gone_on, was_reached = threading.Event(), threading.Event()

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            was_reached.set()
            assert has_gone_on.wait(10)
            return super().read(size)

    async def submit() -> None:
        task = asyncio.create_task(collage(layers=[{"image_url": Slow(PNG)}]).submit_async())
        await asyncio.to_thread(until, was_reached.is_set)
        has_gone_on.set()
        await task

    asyncio.run(submit())
    assert emulator.journal.count("submit") == 1


@pytest.mark.parametrize("with_ledger", [True, False])
def test_a_file_object_that_is_filled_anew_for_each_row_is_what_it_was(
    collage: Collage, call: Call, emulator: Emulator, tmp_path: Path, with_ledger: bool
) -> None:
    pictures = [PNG + bytes([number]) * 20 for number in range(8)]

    def rows() -> Iterator[dict[str, Any]]:
        file = io.BytesIO()
        for number, picture in enumerate(pictures):
            file.seek(0)
            file.write(picture)
            file.seek(0)
            yield {"layers": [], "mask_urls": [file], "extra": {"number": number}}

    options = {"ledger": tmp_path / "batch.jsonl"} if with_ledger else {}
    for outcome in call(collage.map, rows(), **options):
        outcome.result()
    sent = {entry.json["extra"]["number"]: entry for entry in emulator.journal.select("submit")}
    for number, picture in enumerate(pictures):
        (url,) = sent[number].json["mask_urls"]
        assert base64.b64decode(url.partition(",")[2]) == picture


def test_an_open_file_that_changes_after_its_row_was_taken_is_not_sent(
    collage: Collage, call: Call, emulator: Emulator, tmp_path: Path
) -> None:
    with (tmp_path / "a.png").open("w+b", buffering=0) as file:

        def rows() -> Iterator[dict[str, Any]]:
            for number in range(8):
                file.seek(0)
                file.write(PNG + bytes([number]))
                os.utime(file.fileno(), (number, number))
                file.seek(0)
                yield {"layers": [], "mask_urls": [file], "extra": {"number": number}}

        outcomes = call(collage.map, rows())
    for outcome in outcomes:
        assert outcome.error is None or "changed while it was read" in str(outcome.error)
    for entry in emulator.journal.select("submit"):
        content = base64.b64decode(entry.json["mask_urls"][0].partition(",")[2])
        assert content == PNG + bytes([entry.json["extra"]["number"]])


@dataclass
class PathOfATool:
    """A path of the caller's own kind, which has no hash."""

    path: Path

    def __fspath__(self) -> str:
        return str(self.path)


class Stored(io.BytesIO):
    """A file of a web framework, whose properties open what is stored."""

    @property
    def file(self) -> IO[bytes]:
        raise FileNotFoundError(2, "No such file or directory")

    @property
    def name(self) -> str:
        raise LookupError("not stored yet")


def test_objects_whose_properties_fail_are_uploaded(
    collage: Collage, call: Call, emulator: Emulator, tmp_path: Path
) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    path: Any = PathOfATool(tmp_path / "a.png")
    call(collage(layers=[], mask_urls=[path, Stored(PNG)]).submit)
    contents = [url.partition(",")[2] for url in sent(emulator)["mask_urls"]]
    assert [base64.b64decode(content) for content in contents] == [PNG, PNG]
