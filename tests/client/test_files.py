"""Local files are uploaded when the request is sent, wherever in the input they are."""

from __future__ import annotations

import asyncio
import base64
import gzip
import io
import os
import re
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import httpx
import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import APIError, Fal, File, LocalFile, ValidationError

from .collage import Collage
from .conftest import Call
from .scripted import Answer, Asked, scripted
from .test_interruption import until

PNG = b"\x89PNG\r\n\x1a\n"
LARGE = PNG + os.urandom(100_000)
URL = "https://example.test/a.png"


def sent(emulator: Emulator) -> dict[str, Any]:
    """Return the input of the one submission."""
    (submitted,) = emulator.journal.select("submit")
    body: dict[str, Any] = submitted.json
    return body


def served(url: str) -> tuple[bytes, str]:
    response = httpx.get(url)
    return response.content, response.headers["content-type"]


def test_files_of_every_kind_are_uploaded(
    collage: Collage, call: Call, emulator: Emulator, tmp_path: Path
) -> None:
    path = tmp_path / "first frame.jpg"
    path.write_bytes(LARGE)
    with path.open("rb") as file:
        request = collage(
            layers=[{"image_url": path}, {"image_url": URL}],
            mask_urls=[path, LARGE, io.BytesIO(LARGE + b"1"), file, "data:,x"],
        )
        call(request.subscribe)
    body = sent(emulator)
    assert served(body["layers"][0]["image_url"]) == (LARGE, "image/jpeg")
    assert body["layers"][1]["image_url"] == URL
    uploaded = [served(url) for url in body["mask_urls"][:4]]
    assert uploaded == [
        (LARGE, "image/jpeg"),
        (LARGE, "image/png"),
        (LARGE + b"1", "image/png"),
        (LARGE, "image/jpeg"),
    ]
    assert body["mask_urls"][4] == "data:,x"
    assert all("authorization" not in put.headers for put in emulator.journal.select(method="PUT"))


def test_the_same_file_is_uploaded_once(collage: Collage, call: Call, emulator: Emulator) -> None:
    file = io.BytesIO(LARGE)
    call(collage(layers=[{"image_url": file}], mask_urls=[file, file]).submit)
    body = sent(emulator)
    assert len({body["layers"][0]["image_url"], *body["mask_urls"]}) == 1
    assert emulator.journal.count("upload", method="PUT") == 1


def test_a_small_file_travels_in_the_request(
    collage: Collage, call: Call, emulator: Emulator
) -> None:
    call(collage(layers=[{"image_url": PNG}]).submit)
    encoded = base64.b64encode(PNG).decode()
    assert sent(emulator)["layers"][0]["image_url"] == f"data:image/png;base64,{encoded}"
    assert len(emulator.journal) == 1


def test_name_and_content_type_can_be_given(
    collage: Collage, call: Call, emulator: Emulator
) -> None:
    file = LocalFile(b"?" * 100_000, content_type="model/gltf-binary", file_name="chair.glb")
    call(collage(layers=[{"image_url": file}]).submit)
    url = sent(emulator)["layers"][0]["image_url"]
    assert url.endswith("chair.glb")
    assert served(url) == (b"?" * 100_000, "model/gltf-binary")


def test_a_file_object_is_read_from_where_it_stands(
    collage: Collage, call: Call, emulator: Emulator
) -> None:
    file = io.BytesIO(b"skipped" + LARGE)
    file.seek(7)
    call(collage(layers=[{"image_url": file}]).submit)
    assert served(sent(emulator)["layers"][0]["image_url"])[0] == LARGE


def test_a_pipe_can_be_given(collage: Collage, call: Call, emulator: Emulator) -> None:
    reader, writer = os.pipe()
    os.write(writer, PNG)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        call(collage(layers=[{"image_url": pipe}]).submit)
    assert sent(emulator)["layers"][0]["image_url"].startswith("data:image/png;base64,")


def test_files_that_are_not_there_fail_before_anything_is_sent(
    collage: Collage, call: Call, emulator: Emulator, tmp_path: Path
) -> None:
    request = collage(
        layers=[{"image_url": LARGE}, {"image_url": tmp_path / "no-such.png"}],
        mask_urls=[tmp_path],
    )
    with pytest.raises(ValidationError) as error:
        call(request.subscribe)
    assert [problem.field for problem in error.value.errors] == [
        "layers[1].image_url",
        "mask_urls[0]",
    ]
    assert "layers[1].image_url: cannot be read: No such file or directory" in str(error.value)
    assert "no-such.png" in str(error.value)
    assert "mask_urls[0]: cannot be read: it is not a regular file" in str(error.value)
    assert len(emulator.journal) == 0


def test_a_fault_on_the_way_is_overcome(collage: Collage, call: Call, emulator: Emulator) -> None:
    emulator.emulate("drop=before; on=upload; times=3")
    call(collage(layers=[{"image_url": io.BytesIO(LARGE)}]).submit)
    assert served(sent(emulator)["layers"][0]["image_url"])[0] == LARGE


def test_an_upload_that_fails_submits_nothing(
    collage: Collage, call: Call, emulator: Emulator
) -> None:
    emulator.emulate("refuse=internal_error; on=upload")
    with pytest.raises(APIError):
        call(collage(layers=[], mask_urls=[LARGE, LARGE + b"1", LARGE + b"2"]).submit)
    assert emulator.journal.count("submit") == 0


@pytest.mark.parametrize("size", [100_001, 300_000, 300_001])
def test_a_large_file_is_uploaded_in_parts(
    client: Fal,
    call: Call,
    emulator: Emulator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    size: int,
) -> None:
    monkeypatch.setattr("fal_endpoints._runtime.uploads._WHOLE_BYTES", 100_000)
    monkeypatch.setattr("fal_endpoints._runtime.uploads._PART_BYTES", 100_000)
    emulator.emulate("drop=before; on=upload; times=2")  # what is lost is one part, not the file
    content = os.urandom(size)
    (tmp_path / "film.mp4").write_bytes(content)
    stream = io.BytesIO(b"skipped" + content)
    stream.seek(7)
    for source in (content, tmp_path / "film.mp4", stream):
        before = len(emulator.journal)
        url = call(client.upload, source, "video/mp4")
        assert served(url) == (content, "video/mp4")
        calls = emulator.journal.select("upload", status=200)
        puts = [entry for entry in calls[-10:] if entry.method == "PUT"]
        assert all("authorization" not in put.headers for put in puts)
        lengths = [
            int(entry.headers["content-length"])
            for entry in list(emulator.journal)[before:]
            if entry.method == "PUT" and entry.status == 200
        ]
        assert sum(lengths) == size
        assert max(lengths) == 100_000


def test_a_completion_whose_answer_is_lost_is_one(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fal_endpoints._runtime.uploads._WHOLE_BYTES", 10)
    losses = iter([True])

    class Losing(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            response = super().handle_request(request)
            if request.url.path.endswith("/complete") and next(losses, False):
                response.close()
                raise httpx.ReadError("lost", request=request)
            return response

    with httpx.Client(transport=Losing()) as http:
        client = Fal("key", base_url=emulator.base_url, http_client=http)
        assert served(client.upload(LARGE, "image/png")) == (LARGE, "image/png")
    assert emulator.journal.count("upload", path="/complete") == 2


def test_upload_returns_the_address(client: Fal, call: Call, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"short")
    url = call(client.upload, path)
    assert url.endswith("notes.txt")
    assert served(url)[0] == b"short"
    with pytest.raises(ValidationError):
        call(client.upload, tmp_path / "no-such-file")


NO_URLS = [
    "/etc/passwd",
    "no-such-file",
    "./frame.png",
    "~/frame.png",
    "C:\\frame.png",
    "file:///etc/passwd",
    "ftp://x.test/a.png",
    "s3://bucket/a.png",
    "https:a.png",
    "https:///a.png",
    " https://x.test/a.png",
    "//x.test/a.png",
    "",
    "a\0b",
    base64.b64encode(LARGE).decode(),
]


@pytest.mark.parametrize("text", NO_URLS, ids=range(len(NO_URLS)))
def test_a_string_is_a_url_and_never_a_path(
    collage: Collage, client: Fal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "frame.png").write_bytes(PNG)
    opened = opens_recorded(monkeypatch)
    given: Any = text
    refusals: list[Callable[[], object]] = [
        lambda: collage(layers=[{"image_url": text}]),
        lambda: collage(layers=[], mask_urls=[text]),
        lambda: collage(layers=[{"image_url": File(url=text)}]),
        lambda: LocalFile(given),
        lambda: client.upload(given),
        lambda: asyncio.run(client.upload_async(given)),
    ]
    for refused in refusals:
        with pytest.raises(ValidationError) as error:
            refused()
        assert len(str(error.value)) < 400
    assert opened == []


def opens_recorded(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Record which paths are looked at or opened from now on."""
    seen: list[object] = []
    for name in ("open", "stat", "lstat"):
        genuine = getattr(os, name)

        def recorded(path: object, *args: Any, genuine: Any = genuine, **options: Any) -> Any:
            if not isinstance(path, int) and "python" not in str(path):
                seen.append(path)
            return genuine(path, *args, **options)

        monkeypatch.setattr(os, name, recorded)
    return seen


def test_a_string_that_is_no_url_is_answered_with_what_to_pass(
    collage: Collage, client: Fal
) -> None:
    with pytest.raises(ValidationError) as error:
        collage(layers=[{"image_url": "frame.png"}])
    (problem,) = error.value.errors
    assert problem.field == "layers[0].image_url"
    assert "http(s) or data URL" in problem.message
    assert "pathlib.Path(...)" in problem.message
    assert "'data:image/png;base64,' in front" in problem.message
    for source, message in (
        (URL, "source: is a URL already: use it as it is"),
        ("frame.png", "pathlib.Path(...)"),
        (File(url=URL), "source: is a file of a result already"),
    ):
        wrong: Any = source
        with pytest.raises(ValidationError, match=re.escape(message)):
            client.upload(wrong)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("frame.png",), "(got 'frame.png')"),
        ((7,), "(got 7)"),
        ((b"", "png"), "(got 'png')"),
    ],
)
def test_a_wrong_argument_of_a_file_is_shown(arguments: tuple[Any, ...], said: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(said)):
        LocalFile(*arguments)


def test_a_message_shows_a_prefix_of_a_value(collage: Collage) -> None:
    with pytest.raises(ValidationError) as error:
        collage(layers=[{"image_url": base64.b64encode(os.urandom(700_000)).decode()}])
    assert len(str(error.value)) < 400


def test_a_file_of_a_result_is_its_url(collage: Collage, call: Call, emulator: Emulator) -> None:
    result = call(collage(layers=[]).subscribe)
    request = collage(layers=[{"image_url": result.image}], mask_urls=[File(url="data:,x")])
    assert request.payload["layers"][0]["image_url"] == result.image.url
    assert request.payload["mask_urls"] == ["data:,x"]


def test_a_result_that_names_a_local_file_uploads_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(PNG)

    def answer(asked: Asked) -> Answer:
        if asked.method == "POST":
            return Answer(body={"request_id": "r"})
        if "/status" in asked.path:
            return Answer(body={"status": "COMPLETED"})
        return Answer(body={"image": {"url": str(secret)}, "width": 1})

    with scripted(answer) as server, Fal("key", base_url=server.base_url) as client:
        collage = Collage(client)
        result = collage(layers=[]).subscribe()
        for file in (result.image, result.image.url):
            with pytest.raises(ValidationError):
                collage(layers=[{"image_url": file}])
        assert server.count("POST") == 1


@pytest.fixture
def odd_paths(tmp_path: Path) -> list[Path]:
    """Return paths that lead to no regular file."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link-to-pipe").symlink_to(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    devices = [Path("/dev/zero"), Path("/dev/null"), Path("/dev/tty")]
    return [
        tmp_path,
        tmp_path / "no-such-file",
        Path("a\0b"),
        *(tmp_path / name for name in ("pipe", "link-to-pipe", "loop")),
        *(device for device in devices if device.exists()),
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes that have a name")
def test_only_regular_files_are_uploaded(
    collage: Collage, client: Fal, call: Call, emulator: Emulator, odd_paths: list[Path]
) -> None:
    request = collage(layers=[], mask_urls=[*odd_paths])
    with pytest.raises(ValidationError) as error:
        call(request.subscribe, client_timeout=30)
    assert len(error.value.errors) == len(odd_paths)
    for path in odd_paths:
        with pytest.raises(ValidationError, match="source: cannot be read: "):
            call(client.upload, path)
    assert len(emulator.journal) == 0


def test_a_link_is_followed(
    collage: Collage, call: Call, emulator: Emulator, tmp_path: Path
) -> None:
    (tmp_path / "frame.png").write_bytes(PNG)
    (tmp_path / "link.png").symlink_to(tmp_path / "frame.png")
    call(collage(layers=[{"image_url": tmp_path / "link.png"}]).submit)
    assert sent(emulator)["layers"][0]["image_url"].startswith("data:image/png;base64,")


def test_a_large_message_is_not_made_of_a_long_path(client: Fal, call: Call) -> None:
    with pytest.raises(ValidationError) as error:
        call(client.upload, Path("a" * 100_000))
    assert len(str(error.value)) < 400


@pytest.mark.parametrize("how", ["shrinks", "grows", "is-replaced", "is-written"])
def test_what_is_uploaded_is_what_was_checked(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr("fal_endpoints._runtime.uploads._WHOLE_BYTES", 100_000)
    monkeypatch.setattr("fal_endpoints._runtime.uploads._PART_BYTES", 100_000)
    path, other = tmp_path / "film.mp4", tmp_path / "other.mp4"
    path.write_bytes(os.urandom(300_000))
    os.utime(path, (1, 1))
    other.write_bytes(b"s" * 300_000)
    urls: list[str] = []

    def answer(asked: Asked) -> Answer:
        if asked.method == "POST":
            return Answer(body={"upload_url": f"{urls[0]}/up", "file_url": "https://x.test/f"})
        if asked.path.endswith("/1"):
            if how == "is-replaced":
                other.replace(path)
            else:
                with path.open("r+b") as file:
                    change = {"shrinks": 200_000, "grows": 400_000}.get(how, 300_000)
                    file.truncate(change)
                    file.write(b"s" * 300)
        return Answer(headers={"ETag": "e"})

    with scripted(answer) as server, Fal("key", base_url=server.base_url) as client:
        urls.append(server.base_url)
        with pytest.raises(ValidationError, match="source: cannot be read: it changed meanwhile"):
            call(client.upload, path)


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
    with pytest.raises(ValidationError, match="it became longer meanwhile"):
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
    client: Fal, collage: Collage, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fal_endpoints._runtime.files._PIECE", 1000)
    file = io.BytesIO(LARGE)
    requests = (collage(layers=[{"image_url": file}]) for _ in range(12))
    for outcome in client.map(requests, concurrency=12):
        outcome.result()
    urls = [entry.json["layers"][0]["image_url"] for entry in emulator.journal.select("submit")]
    assert {served(url)[0] for url in urls} == {LARGE}


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
    with pytest.raises(ValidationError, match="pass its bytes instead to send them more than once"):
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
        assert outcome.error is None or "changed meanwhile" in str(outcome.error)
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
