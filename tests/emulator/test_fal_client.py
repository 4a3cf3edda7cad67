"""The official Python client works with the emulator."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from fal_codegen.emulator import Emulator

from .conftest import PAINT
from .test_queue import INPUT

fal_client = pytest.importorskip("fal_client", reason="needs `pip install fal-client==1.0.3`")


@pytest.fixture
def fal(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The official client, connected to the emulator through its URL templates."""
    for name, path in {
        "QUEUE_URL_FORMAT": "/queue/",
        "RUN_URL_FORMAT": "/run/",
        "REST_URL": "/rest",
        "CDN_URL": "",
    }.items():
        monkeypatch.setattr(f"fal_client.client.{name}", emulator.base_url + path)
    return fal_client.SyncClient(key="any")


def test_subscribe_gets_states_and_logs(fal: Any, emulator: Emulator) -> None:
    emulator.emulate("queued=1.5, running=0.5, ahead=1")
    updates: list[Any] = []
    result = fal.subscribe(PAINT, INPUT, with_logs=True, on_queue_update=updates.append)
    assert result["mood"] == "calm"
    assert updates[0] == fal_client.Queued(position=1)
    running = [update for update in updates if isinstance(update, fal_client.InProgress)]
    assert running[0].logs[0]["message"] == "step 1/2"
    assert isinstance(updates[-1], fal_client.Completed)
    assert len(updates[-1].logs) == 2
    assert updates[-1].metrics["inference_time"] == pytest.approx(0.5, abs=0.001)
    assert updates[-1].error is None


def test_a_submitted_job_has_a_status_and_a_result(fal: Any) -> None:
    handle = fal.submit(PAINT, INPUT, headers={"X-Emulate": "queued=60, ahead=2"})
    assert handle.status() == fal_client.Queued(position=2)
    handle.cancel()
    handle = fal.submit(PAINT, INPUT)
    assert handle.get()["mood"] == "calm"
    # With the short URLs, which the client builds itself.
    assert fal.result(PAINT, handle.request_id)["mood"] == "calm"
    assert isinstance(fal.status(PAINT, handle.request_id, with_logs=True), fal_client.Completed)


def test_a_job_is_cancelled_once(fal: Any) -> None:
    handle = fal.submit(PAINT, INPUT, headers={"X-Emulate": "queued=60"})
    handle.cancel()
    status = handle.status()
    assert (status.error, status.error_type) == ("Client cancelled", "client_cancelled")
    with pytest.raises(fal_client.FalClientHTTPError) as caught:
        handle.cancel()
    assert caught.value.status_code == 400
    with pytest.raises(fal_client.FalClientHTTPError) as caught:
        handle.get()
    assert (caught.value.status_code, caught.value.error_type) == (499, "client_cancelled")


def test_a_wrong_input_is_an_http_error(fal: Any) -> None:
    for call in (fal.subscribe, fal.run):
        with pytest.raises(fal_client.FalClientHTTPError) as caught:
            call(PAINT, {"steps": 5})
        assert caught.value.status_code == 422
        assert caught.value.response.json()["detail"][0]["loc"] == ["body", "prompt"]


def test_run_and_stream_return_outputs(fal: Any) -> None:
    assert fal.run(PAINT, INPUT)["mood"] == "calm"
    assert [event["mood"] for event in fal.stream(PAINT, INPUT)] == ["calm", "calm"]


def test_files_are_uploaded_in_each_way(fal: Any, emulator: Emulator, tmp_path: Path) -> None:
    url = fal.upload(b"hello", "text/plain", file_name="hello.txt")
    assert url.startswith(f"{emulator.base_url}/files/")
    assert httpx.get(url).text == "hello"
    url = fal.upload(b"by the other way", "text/plain", repository="fal")
    assert httpx.get(url).text == "by the other way"
    file = tmp_path / "large.bin"
    file.write_bytes(b"x" * 1000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fal_client.client.MULTIPART_THRESHOLD", 100)
        patch.setattr("fal_client.client.MULTIPART_CHUNK_SIZE", 300)
        url = fal.upload_file(file)
    assert httpx.get(url).content == file.read_bytes()


def test_webhooks_are_asked_for_and_headers_sent(fal: Any, emulator: Emulator) -> None:
    hook = f"{emulator.base_url}/hook"
    fal.submit(PAINT, INPUT, webhook_url=hook, priority="low", hint="warm", start_timeout=30)
    (entry,) = emulator.journal.select("submit")
    assert entry.headers["x-fal-queue-priority"] == "low"
    assert entry.headers["x-fal-runner-hint"] == "warm"
    assert entry.headers["x-fal-request-timeout"] == "30.0"
    assert "fal_webhook=" in entry.query


def test_a_lost_answer_makes_it_submit_again(fal: Any, emulator: Emulator) -> None:
    fal.submit(PAINT, INPUT, headers={"X-Emulate": "drop=after; times=1"})
    assert emulator.journal.count("submit") == 2
    assert len(emulator.queue) == 2


def test_the_asynchronous_client_works_too(fal: Any) -> None:
    async def program() -> tuple[Any, str]:
        client = fal_client.AsyncClient(key="any")
        result = await client.subscribe(PAINT, INPUT, with_logs=True)
        return result, await client.upload(b"hello", "text/plain")

    result, url = asyncio.run(program())
    assert result["mood"] == "calm"
    assert httpx.get(url).text == "hello"


def test_an_upload_is_private(fal: Any) -> None:
    acl = fal_client.StorageACL(default="forbid")
    lifecycle = fal_client.StorageSettings(expires_in="1h", initial_acl=acl)
    url = fal.upload(b"hello", "text/plain", "a.txt", lifecycle=lifecycle)
    assert httpx.get(url).status_code == 403
    assert httpx.get(fal.upload(b"hello", "text/plain", "a.txt")).text == "hello"
