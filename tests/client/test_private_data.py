"""Private files, files that expire, and deleted payloads: what the emulator keeps of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import (
    APIError,
    AuthenticationError,
    ConfigurationError,
    ConnectionFailed,
    DeletedFile,
    Fal,
    File,
    NotFoundError,
    UnexpectedResponse,
    ValidationError,
)

from .collage import Collage
from .conftest import KEY, Call
from .scripted import Answer, scripted, scripted_collage
from .tuned import IMPATIENT, tuned_client
from .uploaded import LARGE

FAL_FILE = "https://v3.fal.media/files/b/0a1b2c3d/output.png"


@pytest.fixture
def clock(emulator: Emulator) -> Iterator[list[float]]:
    """Return the emulator's time, which the tests move. Its jobs are completed at once."""
    now = [float(int(time.time()))]
    emulator.emulate("queued=0, running=0")
    emulator.queue.clock = lambda: now[0]
    yield now
    emulator.queue.clock = time.time


def status(url: str) -> int:
    return httpx.get(url).status_code


def test_files_expire(
    collage: Collage, call: Call, emulator: Emulator, clock: list[float], tmp_path: Path
) -> None:
    public = call(collage(layers=[]).run)
    output = call(collage(layers=[{"image_url": LARGE}]).subscribe, expires_in=60)
    (submitted,) = emulator.journal.select("submit")
    uploaded = submitted.json["layers"][0]["image_url"]
    clock[0] += 59
    assert [status(output.image.url), status(uploaded)] == [200, 200]
    clock[0] += 1
    assert [status(output.image.url), status(uploaded)] == [404, 404]
    assert status(public.image.url) == 200
    with pytest.raises(APIError, match="404 Not Found: File not found"):
        call(output.image.download, tmp_path / "late.png")


@pytest.mark.parametrize(("acl", "rejected"), [("forbid", 403), ("hide", 404)])
@pytest.mark.parametrize("method", ["run", "stream"])
def test_a_private_file_needs_a_signed_url(
    client: Fal,
    call: Call,
    clock: list[float],
    tmp_path: Path,
    method: str,
    acl: Any,
    rejected: int,
) -> None:
    output = call(getattr(Collage(client)(layers=[]), method), acl=acl)
    file: File = (output[0] if method == "stream" else output).image
    uploaded = call(client.upload, LARGE, acl=acl)
    with pytest.raises(APIError) as error:
        call(file.download, tmp_path / "private.png")
    assert ("sign its URL: File(url=client.sign_url(" in str(error.value)) is (rejected == 403)
    assert "FAL_KEY" not in str(error.value)
    assert [status(file.url), status(uploaded)] == [rejected, rejected]
    signed = call(client.sign_url, file, timedelta(minutes=1))
    assert httpx.get(signed).headers["content-type"] == "image/png"
    assert httpx.get(call(client.sign_url, uploaded, 60)).content == LARGE
    assert status(signed.replace(file.url, uploaded)) == rejected
    clock[0] += 60
    assert status(signed) == rejected


def test_a_signature_does_not_bring_a_file_back(
    client: Fal, call: Call, clock: list[float]
) -> None:
    url = call(client.upload, LARGE, expires_in=30)
    signed = call(client.sign_url, url, 60)
    clock[0] += 30
    assert status(signed) == 404
    with pytest.raises(NotFoundError, match=r"404 Not Found: not_found: File not found$"):
        call(client.sign_url, url, 60)


@pytest.mark.parametrize(
    "file",
    [
        "https://example.com/files/a.png",
        "https://v3.fal.media.example.com/files/a.png",
        "https://notfal.media/files/a.png",
        "http://v3.fal.media/files/a.png",
        "https://v3.fal.media:8443/files/a.png",
        "https://me:secret@v3.fal.media/files/a.png",
        f"{FAL_FILE}?identity=1",
        f"{FAL_FILE}#top",
        "data:,x",
        "cat.png",
        "",
        Path("cat.png"),
        File(url="https://example.com/a.png"),
        None,
    ],
)
def test_only_files_of_fal_are_signed(client: Fal, emulator: Emulator, file: Any) -> None:
    with pytest.raises(ValidationError, match="file: should be "):
        client.sign_url(file, 60)
    assert not list(emulator.journal)


@pytest.mark.parametrize("expires_in", [0, -1, 604_801, 1.5, "60", None, timedelta(days=8)])
def test_a_signature_is_valid_for_up_to_seven_days(
    client: Fal, emulator: Emulator, expires_in: Any
) -> None:
    with pytest.raises(ConfigurationError, match=r"^expires_in should be .* 604800"):
        client.sign_url(FAL_FILE, expires_in)
    assert not list(emulator.journal)


def test_fal_signs_files_of_its_own_hosts(call: Call) -> None:
    answer = Answer(200, {"signed_url": f"{FAL_FILE}?identity=abc"})
    with scripted(lambda asked: answer) as server, Fal(KEY, api_url=server.base_url) as client:
        for host in ("v3.fal.media", "v3b.fal.media", "fal.media"):
            url = FAL_FILE.replace("v3.fal.media", host)
            assert call(client.sign_url, File(url=url), 604_800) == f"{FAL_FILE}?identity=abc"
    asked = server.asked[0]
    assert (asked.method, asked.body) == ("POST", b'{"expiration_seconds": 604800}')
    assert asked.path == (
        "/storage/files/sign?url=https%3A%2F%2Fv3.fal.media%2Ffiles%2Fb%2F0a1b2c3d%2Foutput.png"
    )
    assert asked.headers["authorization"] == f"Key {KEY}"


def test_the_payloads_of_a_request_are_deleted(
    collage: Collage, call: Call, emulator: Emulator
) -> None:
    handle, other = (call(collage(layers=[{"image_url": LARGE}]).submit) for _ in range(2))
    output, kept = call(handle.result), call(other.result)
    (deleted,) = call(handle.delete_payloads)
    assert deleted == DeletedFile(output.image.url)
    assert [status(output.image.url), status(kept.image.url)] == [404, 200]
    uploaded = emulator.journal.select("submit")[0].json["layers"][0]["image_url"]
    assert status(uploaded) == 200
    with pytest.raises(NotFoundError):
        call(handle.result)
    with pytest.raises(NotFoundError, match=f"{handle.request_id}.*Request not found") as error:
        call(handle.delete_payloads)
    assert error.value.request_id == handle.request_id


@pytest.mark.parametrize("method", ["submit", "subscribe", "run", "stream", "map"])
def test_nothing_is_deleted_unless_you_ask(
    collage: Collage, call: Call, emulator: Emulator, method: str
) -> None:
    if method == "map":
        call(collage.map, [{"layers": []}], store_io=False, expires_in=60)
    else:
        call(getattr(collage(layers=[]), method), store_io=False, expires_in=60)
    assert emulator.journal.count(method="DELETE") == 0


def test_a_deletion_whose_response_is_lost_is_sent_again_as_the_same_one(
    call: Call, emulator: Emulator
) -> None:
    with tuned_client(IMPATIENT, base_url=emulator.base_url) as client:
        handle = call(Collage(client)(layers=[]).submit)
        call(handle.result)
        emulator.emulate("drop=after; on=delete; times=1")
        assert len(call(handle.delete_payloads)) == 1
    first, second = emulator.journal.select("delete")
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]


def test_the_request_id_cannot_lead_elsewhere(call: Call) -> None:
    answer = Answer(200, {"cdn_delete_results": []})
    with scripted_collage(lambda asked: answer) as (collage, server):
        assert call(collage.handle("a b?c").delete_payloads) == []
    assert server.asked[0].path == "/api/v1/models/requests/a%20b%3Fc/payloads"


def test_an_error_of_the_platform_api_has_its_message(call: Call) -> None:
    error = {"type": "authorization_error", "message": "An admin key is required"}
    answer = Answer(403, {"error": error})
    with (
        scripted_collage(lambda asked: answer) as (collage, _),
        pytest.raises(AuthenticationError, match="An admin key is required") as raised,
    ):
        call(collage.handle("id-1").delete_payloads)
    assert raised.value.error_type == "authorization_error"
    assert raised.value.request_id == "id-1"


ODD = [b"", b"<html>", [], {}, {"cdn_delete_results": {}}, {"cdn_delete_results": [1]}]


@pytest.mark.parametrize("body", [*ODD, {"signed_url": 5}, {"signed_url": "ftp://x.test/a"}])
def test_an_odd_response_is_kept_in_the_error(call: Call, body: Any) -> None:
    with scripted_collage(lambda asked: Answer(200, body)) as (collage, _):
        with pytest.raises(UnexpectedResponse):
            call(collage.handle("id-1").delete_payloads)
        with pytest.raises(UnexpectedResponse, match="no signed URL"):
            call(collage._client.sign_url, FAL_FILE, 60)


def test_a_file_that_was_not_deleted_has_an_error(call: Call) -> None:
    results = [{"link": "a", "exception": "busy"}, {"link": "b", "exception": {"code": 5}}]
    answer = Answer(200, {"cdn_delete_results": results})
    with scripted_collage(lambda asked: answer) as (collage, _):
        deleted = call(collage.handle("id-1").delete_payloads)
    assert deleted == [DeletedFile("a", "busy"), DeletedFile("b", "{'code': 5}")]


def test_a_server_that_is_down(call: Call) -> None:
    with (
        tuned_client(IMPATIENT, base_url="http://127.0.0.1:9") as client,
        pytest.raises(ConnectionFailed, match=r"DELETE http://127\.0\.0\.1:9/api/v1/models"),
    ):
        call(Collage(client).handle("id-1").delete_payloads)
