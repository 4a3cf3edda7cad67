"""What the proxy forwards, and what becomes of it on the way."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fal_codegen.emulator import Emulator

from client.conftest import KEY
from client.waiting import until

from .proxied import (
    APP,
    ID,
    INPUT,
    JOB,
    PATIENCE,
    QUEUE,
    REST,
    RUN,
    Proxied,
    answer,
    call,
    submit,
)


def test_a_job_goes_from_the_submission_to_its_result(
    proxied: Proxied, browser: httpx.Client, emulator: Emulator
) -> None:
    submitted = submit(browser)
    assert submitted.status_code == 200
    job = f"{QUEUE}/{APP}/requests/{submitted.json()['request_id']}"
    events = call(browser, f"{job}/status/stream?logs=1", headers={"accept": "text/event-stream"})
    assert events.headers["content-type"].startswith("text/event-stream")
    assert '"COMPLETED"' in events.text
    assert call(browser, f"{job}/status?logs=1").json()["status"] == "COMPLETED"
    result = call(browser, job)
    assert result.json()["video"]["url"]
    assert result.headers["x-fal-request-id"] == submitted.json()["request_id"]
    assert call(browser, f"{job}/response").json() == result.json()
    assert call(browser, f"{job}/cancel", "PUT").status_code == 400  # it is completed
    assert call(browser, job.replace(APP, ID)).json() == result.json()  # as documents have it
    assert [made.action for made in proxied.calls] == [
        *("submit", "stream_status", "status", "result", "result", "cancel", "result")
    ]
    assert len(emulator.journal) == 7
    assert {entry.headers["authorization"] for entry in emulator.journal} == {f"Key {KEY}"}


def test_models_run_and_stream_without_the_queue(browser: httpx.Client) -> None:
    assert call(browser, f"{RUN}/{ID}", "POST", json=INPUT).json()["video"]["url"]
    events = call(browser, f"{RUN}/{ID}/stream", "POST", json=INPUT)
    assert events.text.startswith("data: ")


def test_files_are_uploaded_where_that_is_allowed(
    proxied: Proxied, browser: httpx.Client, emulator: Emulator
) -> None:
    initiate = f"{REST}/storage/upload/initiate?storage_type=fal-cdn-v3"
    file = {"file_name": "a.txt", "content_type": "text/plain"}
    there = call(browser, initiate, "POST", json=file).json()
    httpx.put(there["upload_url"], content=b"hello")
    assert httpx.get(there["file_url"]).text == "hello"
    in_parts = initiate.replace("initiate", "initiate-multipart")
    assert call(browser, in_parts, "POST", json=file).status_code == 200
    assert [made.endpoint_id for made in proxied.calls] == [None, None]
    assert call(browser, initiate, "POST", "/scripted/", json=file).status_code == 403
    assert proxied.upstream.requests == []


def test_the_options_of_the_client_apply(browser: httpx.Client, emulator: Emulator) -> None:
    submit(browser, headers={"x-fal-store-io": "1", "x-fal-tags": "of=browser"})
    assert emulator.journal[0].headers["x-fal-store-io"] == "0"
    assert emulator.journal[0].headers["x-fal-tags"] == "of=proxy"


class Steps:
    """Two events, for one side to wait until the other has got a part of a body."""

    def __init__(self) -> None:
        self.first, self.second = threading.Event(), threading.Event()

    def wait(self, event: threading.Event) -> None:
        assert event.wait(PATIENCE), "it did not arrive"


def test_the_body_of_a_request_is_streamed(proxied: Proxied, browser: httpx.Client) -> None:
    steps = Steps()
    arrived = bytearray()

    async def upstream(scope: Any, receive: Any, send: Any) -> None:
        has_more = True
        while has_more:
            message = await receive()
            arrived.extend(message["body"])
            has_more = message["more_body"]
            steps.first.set()
        await answer()(scope, lambda: asyncio.sleep(0, {}), send)

    def pieces() -> Iterator[bytes]:
        yield b'{"prompt": '
        steps.wait(steps.first)
        yield b'"a wave"}'

    proxied.upstream.answer = upstream
    sent = call(browser, f"{QUEUE}/{ID}", "POST", "/scripted/", content=pieces())
    assert sent.status_code == 200
    assert arrived == b'{"prompt": "a wave"}'


def test_the_body_of_a_response_is_streamed(proxied: Proxied, browser: httpx.Client) -> None:
    steps = Steps()

    async def upstream(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"data: 1\n\n", "more_body": True})
        await asyncio.to_thread(steps.wait, steps.first)
        await send({"type": "http.response.body", "body": b"data: 2\n\n"})

    proxied.upstream.answer = upstream
    headers = {"x-fal-target-url": f"{RUN}/{ID}/stream"}
    with browser.stream("POST", "/scripted/", headers=headers, json=INPUT) as response:
        pieces = response.iter_raw()
        assert next(pieces) == b"data: 1\n\n"
        steps.first.set()
        assert list(pieces) == [b"data: 2\n\n"]


@pytest.mark.parametrize("has_length", [True, False])
def test_a_body_that_is_too_long_is_rejected(
    proxied: Proxied, browser: httpx.Client, has_length: bool
) -> None:
    body: Any = b" " * 1001 if has_length else iter([b" " * 999, b"  "])
    rejected = call(browser, f"{QUEUE}/{ID}", "POST", "/scripted/", content=body)
    assert rejected.status_code == 413
    assert "1,000 bytes" in rejected.json()["detail"]


def test_a_response_that_is_too_long_is_cut(proxied: Proxied, browser: httpx.Client) -> None:
    proxied.upstream.answer = answer(body=b" " * 100_001)
    with pytest.raises(httpx.RemoteProtocolError):
        call(browser, JOB, at="/scripted/")
    proxied.upstream.answer = answer(body=b" " * 100_000)
    assert len(call(browser, JOB, at="/scripted/").content) == 100_000


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("POST", f"{QUEUE}/{ID}"),
        ("POST", f"{RUN}/{ID}/stream"),
        ("GET", JOB),
        ("GET", f"{JOB}/status/stream"),
    ],
)
def test_a_browser_that_leaves_ends_the_request_to_fal(
    proxied: Proxied, caplog: pytest.LogCaptureFixture, method: str, target: str
) -> None:
    steps = Steps()

    async def upstream(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        if target.endswith("/stream"):
            await send({"type": "http.response.start", "status": 200})
            await send({"type": "http.response.body", "body": b"data: 1\n\n", "more_body": True})
        steps.first.set()
        assert (await receive())["type"] == "http.disconnect"
        steps.second.set()

    async def leave() -> None:
        headers = {"x-fal-target-url": target}
        async with httpx.AsyncClient(base_url=proxied.url) as client:
            calling = asyncio.ensure_future(client.request(method, "/scripted/", headers=headers))
            await asyncio.to_thread(steps.wait, steps.first)
            calling.cancel()

    proxied.upstream.answer = upstream
    asyncio.run(leave())
    steps.wait(steps.second)
    if target == f"{QUEUE}/{ID}":
        until(lambda: "it may still be running" in caplog.text)


def test_a_call_that_fal_may_have_accepted_is_not_worth_a_retry(
    browser: httpx.Client, emulator: Emulator, proxied: Proxied
) -> None:
    # fal's JavaScript client submits again after 429, 502, 503 and 504.
    emulator.emulate("drop=after; on=submit")
    assert submit(browser).status_code == 500
    proxied.upstream.answer = answer(503, b"<html>")
    assert submit(browser, at="/scripted/").status_code == 500
    assert call(browser, f"{RUN}/{ID}", "POST", "/scripted/").status_code == 500
    proxied.upstream.answer = answer(503, x_fal_error_type="runner_scheduling_failure")
    assert submit(browser, at="/scripted/").status_code == 503
    assert submit(browser, at="/nowhere/").status_code == 502
    assert call(browser, JOB, at="/nowhere/").status_code == 502
