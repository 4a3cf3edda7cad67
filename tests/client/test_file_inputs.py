"""What names a file, and what does not: URLs, paths, and results."""

from __future__ import annotations

import asyncio
import base64
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import Fal, File, LocalFile, ValidationError

from .collage import Collage
from .conftest import Call
from .scripted import Answer, Asked, scripted
from .tuned import IN_PARTS, tuned_client
from .uploaded import LARGE, PNG, URL, sent

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
    assert "the prefix 'data:image/png;base64,'" in problem.message
    for source, message in (
        (URL, "source: is a URL already: use it as it is"),
        ("frame.png", "pathlib.Path(...)"),
        (File(url=URL), "source: is a file of a result already"),
    ):
        wrong: Any = source
        with pytest.raises(ValidationError, match=re.escape(message)) as error:
            client.upload(wrong)
        assert str(error.value).startswith("the input is not valid\n  source: ")
        assert error.value.endpoint_id is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("frame.png",), "(got 'frame.png')"),
        ((7,), "(got 7)"),
        ((b"", "png"), "(got 'png')"),
    ],
)
def test_a_wrong_argument_of_a_file_is_shown(arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(message)):
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
def test_what_is_uploaded_is_what_was_checked(call: Call, tmp_path: Path, how: str) -> None:
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

    with scripted(answer) as server:
        urls.append(server.base_url)
        client = tuned_client(IN_PARTS, base_url=server.base_url)
        # Another part may be read while the file is still being changed.
        problem = "source: cannot be read: it (changed|became (shorter|longer)) while it was read"
        with pytest.raises(ValidationError, match=problem):
            call(client.upload, path)


def test_a_file_of_a_result_is_its_url_in_a_batch_too(
    collage: Collage, call: Call, emulator: Emulator, ledger: Path
) -> None:
    image = call(collage(layers=[]).subscribe).image
    row = {"layers": [{"image_url": image}], "mask_urls": [image]}
    for rows in ([row], [collage.bind(**row)]):
        map_of = collage.map if rows == [row] else collage._client.map
        for options in ({}, {"ledger": ledger}, {"ledger": ledger}):
            for outcome in call(map_of, rows, **options):
                outcome.result()
    submitted = [entry.json for entry in emulator.journal.select("submit")][1:]
    assert len(submitted) == 3  # the ledger identifies the same file in a row and in a request
    for body in submitted:
        assert [body["layers"][0]["image_url"], *body["mask_urls"]] == [image.url] * 2
    assert emulator.journal.count("upload") == 0
