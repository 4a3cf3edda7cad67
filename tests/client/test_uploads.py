"""Local files on their way to fal: inline, whole, or in parts."""

from __future__ import annotations

import base64
import io
import os
from pathlib import Path

import httpx
import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import APIError, Fal, LocalFile, ValidationError

from .collage import Collage
from .conftest import Call
from .tuned import IN_PARTS, tuned_client
from .uploaded import LARGE, PNG, URL, sent, served


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
    call: Call, emulator: Emulator, tmp_path: Path, size: int
) -> None:
    client = tuned_client(IN_PARTS, base_url=emulator.base_url)
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


def test_a_completion_whose_answer_is_lost_is_one(emulator: Emulator) -> None:
    losses = iter([True])

    class Losing(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            response = super().handle_request(request)
            if request.url.path.endswith("/complete") and next(losses, False):
                response.close()
                raise httpx.ReadError("lost", request=request)
            return response

    with httpx.Client(transport=Losing()) as http:
        client = tuned_client(IN_PARTS, base_url=emulator.base_url, http_client=http)
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
