"""Answers without end, and answers that swell, do not exhaust the memory."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import httpx
import pytest
from fal_endpoints import (
    ConnectionFailed,
    Fal,
    FalError,
    ModelError,
    SubmissionUncertain,
    UnexpectedResponse,
)
from fal_endpoints._runtime.tuning import DEFAULTS, Tuning

from .collage import Collage
from .conftest import Call
from .given import Pieces, client_of
from .scripted import Answer, open_stream, scripted
from .tuned import tuned_client

RESULT = json.dumps({"image": {"url": "https://x.test/1"}, "width": 1}).encode()
LIMIT = 100_000
SHORT = Tuning(longest_response=LIMIT, longest_event=5000)


def served(
    body: bytes | httpx.SyncByteStream,
    status: int = 200,
    tuning: Tuning = DEFAULTS,
    **headers: str,
) -> Collage:
    """Return an endpoint whose every answer has a body."""
    content = {"stream": Pieces(body)} if isinstance(body, bytes) else {"stream": body}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = partial(httpx.Response, status, headers=named, **content)
    return Collage(client_of(lambda _: answer(), tuning=tuning))


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b" " * (LIMIT + 1), {}),
        (gzip.compress(b" " * (LIMIT + 1)), {"content_encoding": "gzip"}),
        (gzip.compress(b" " * 60_000) * 2, {"content_encoding": "gzip"}),
    ],
    ids=["plain", "gzip", "gzip of two parts"],
)
def test_an_answer_has_a_longest_length(call: Call, body: bytes, headers: dict[str, str]) -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.method)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.Response(200, headers=named, stream=Pieces(body))

    collage = Collage(client_of(answer, tuning=SHORT))
    with pytest.raises(ConnectionFailed, match="longer than 100,000 bytes") as error:
        call(collage.handle("an-id").status)
    assert error.value.request_id == "an-id"
    assert seen == ["GET"]
    with pytest.raises(SubmissionUncertain):
        call(collage(layers=[]).submit)
    assert seen == ["GET", "POST"]


def test_an_error_has_a_longest_length_too(call: Call) -> None:
    collage = served(b" " * (LIMIT + 1), 422, SHORT)
    with pytest.raises(FalError):
        call(collage(layers=[]).stream)


def test_what_swells_without_end_is_not_decoded_to_its_end(call: Call) -> None:
    swelling = zlib.compressobj(1, wbits=31)
    block = b"\0" * (1 << 20)
    start, same = (
        swelling.compress(block) + swelling.flush(zlib.Z_FULL_FLUSH) for _ in ("first", "others")
    )
    decoded = 0

    class Endless(Pieces):
        def __iter__(self) -> Iterator[bytes]:
            nonlocal decoded
            yield start
            while True:
                decoded += len(block)
                yield same

    with pytest.raises(FalError, match="longer than"):
        call(served(Endless(), content_encoding="gzip").handle("an-id").status)
    assert decoded < 300 * (1 << 20)


@pytest.mark.parametrize(
    "body",
    [gzip.compress(RESULT), gzip.compress(RESULT[:10]) + gzip.compress(RESULT[10:])],
    ids=["whole", "two parts"],
)
def test_gzip_is_decoded(call: Call, body: bytes) -> None:
    assert call(served(body, content_encoding="gzip")(layers=[]).run).width == 1


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (gzip.compress(RESULT)[:-9], "gzip"),
        (b"no gzip", "gzip"),
        (RESULT, "br"),
        (RESULT, "gzip, gzip"),
    ],
    ids=["cut", "not gzip", "unasked", "twice"],
)
def test_what_cannot_be_decoded_is_an_error_of_ours(call: Call, body: bytes, encoding: str) -> None:
    with pytest.raises(SubmissionUncertain):
        call(served(body, content_encoding=encoding)(layers=[]).run)


def test_only_encodings_with_bounds_are_asked_for(call: Call) -> None:
    with scripted(lambda _: Answer(200, {"status": "COMPLETED"})) as server:
        handle = Collage(Fal("key", base_url=server.base_url)).handle("1")
        call(handle.events)
    asked = {asked.path.split("/requests/1")[1]: asked.headers for asked in server.asked}
    assert asked["/status?logs=0"]["accept-encoding"] == "gzip"
    assert asked["/status/stream?logs=0"]["accept-encoding"] == "identity"


# Server-sent events.


def streamed(call: Call, *pieces: bytes) -> Any:
    return call(served(Pieces(*pieces))(layers=[]).stream)


EVENTS = {
    "line feeds": b"data: 1\n\ndata: 2\n\n",
    "carriage returns": b"data: 1\r\rdata: 2\r\r",
    "both": b"data: 1\r\n\r\ndata: 2\r\n\r\n",
    "a byte order mark": b"\xef\xbb\xbfdata: 1\n\ndata:2\n\n",
    "comments": b": hello\n\ndata: 1\n: in between\n\n:\n\ndata: 2\n\n",
    "other fields": b"retry: 5\nid: 7\nevent: x\ndata: 1\n\nevent: y\n\ndata: 2\nnothing\n\n",
    "an end without a blank line": b"data: 1\n\ndata: 2\n\ndata: 3\n",
    "an end within a line": b"data: 1\n\ndata: 2\n\ndata: 3",
}


@pytest.mark.parametrize("name", EVENTS)
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_events_are_read_as_their_specification_says(call: Call, name: str, size: int) -> None:
    text = EVENTS[name]
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    assert streamed(call, *pieces) == [1, 2]


@pytest.mark.parametrize(
    ("body", "events"),
    [
        (b'data: "a\ndata: b"\n\n', ['"a\nb"']),
        (b"data:  x\n\n", [" x"]),
        (b"data\n\n", [""]),
        (b"data\ndata\n\n", ["\n"]),
        (b"data: x\x0by\xc2\x85z\n\n", ["x\x0by\x85z"]),
        (b"data: \xff\n\n", ["�"]),
        (b"data: \xef\xbb\xbf1\n\n", ["﻿1"]),
        (b" data: x\n\n", []),
        (b"DATA: x\n\n", []),
        (b"\r\n\r\n", []),
    ],
)
def test_the_lines_of_an_event_become_its_data(
    call: Call, body: bytes, events: Sequence[str]
) -> None:
    assert streamed(call, body) == events


def test_a_long_event_takes_no_longer_for_coming_in_pieces(call: Call) -> None:
    pieces = [b"data: ", *([b"x" * 500] * 60_000), b"\n\n"]
    (event,) = streamed(call, *pieces)
    assert len(event) == 30_000_000


@pytest.mark.parametrize("line", [b"data: " + b"x" * 100, b": " + b"x" * 100, b"data\n" * 100])
def test_an_event_has_a_longest_length(call: Call, line: bytes) -> None:
    sent = [0]

    class Endless(Pieces):
        def __iter__(self) -> Iterator[bytes]:
            while True:
                sent[0] += len(line)
                yield line

    with pytest.raises(UnexpectedResponse, match="longer than 5,000 characters") as error:
        call(served(Endless(), tuning=SHORT, x_fal_request_id="an-id")(layers=[]).stream)
    assert error.value.request_id == "an-id"
    assert sent[0] < 50_000


def test_a_stream_that_stays_open_does_not_hold_up_a_job(call: Call) -> None:
    with (
        open_stream(b'data: {"status": "COMPLETED"}\n\n', RESULT) as address,
        Fal("key", base_url=address) as client,
        ThreadPoolExecutor(1) as threads,
    ):
        handle = Collage(client).handle("1")
        # The stream itself is given up after 20 s of silence.
        assert threads.submit(call, handle.result).result(15).width == 1


def test_an_end_of_a_stream_that_drips_in_does_not_hold_up_a_job_with_a_timeout(
    call: Call,
) -> None:
    event, drop = b'data: {"status": "COMPLETED"}\n\n', b"0"  # of the last chunk's length
    chunk = b"%x\r\n%b\r\n" % (len(event), event)
    with (
        open_stream(chunk, RESULT, drop, b"Transfer-Encoding: chunked\r\n") as address,
        Fal("key", base_url=address) as client,
        ThreadPoolExecutor(1) as threads,
    ):
        handle = Collage(client).handle("1")
        assert threads.submit(call, handle.result, client_timeout=600).result(15).width == 1


def test_a_stream_that_was_read_to_its_end_is_not_read_again() -> None:
    """Its connection may carry another request by then."""
    times: list[str] = []

    class Stream(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            times.append("read")
            yield b'data: {"status": "COMPLETED"}\n\n'

    def answer(request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/stream"):
            return httpx.Response(200, content=RESULT)
        headers = {"content-type": "text/event-stream"}
        return httpx.Response(200, headers=headers, stream=Stream())

    def look(response: httpx.Response) -> None:
        response.read()

    transport = httpx.MockTransport(answer)
    http_client = httpx.Client(transport=transport, event_hooks={"response": [look]})
    assert Collage(Fal("key", http_client=http_client)).handle("1").result().width == 1
    assert times == ["read"]


@pytest.mark.parametrize(
    "beat", [b": hi\n\n", b'data: {"status": "IN_PROGRESS"}\n\n', b"data: "], ids=repr
)
def test_a_stream_without_news_does_not_hold_up_a_job(call: Call, beat: bytes) -> None:
    over = json.dumps({**json.loads(RESULT), "status": "COMPLETED"}).encode()
    with (
        open_stream(b"", over, beat) as address,
        tuned_client(Tuning(without_news=0.1), base_url=address) as client,
        ThreadPoolExecutor(1) as threads,
    ):
        handle = Collage(client).handle("1")
        assert threads.submit(call, handle.result).result(15).width == 1


def test_a_models_error_within_bounds_is_still_read(call: Call) -> None:
    body = gzip.compress(json.dumps({"detail": [{"loc": [], "msg": "no", "type": "x"}]}).encode())
    with pytest.raises(ModelError, match="no"):
        call(served(body, 422, content_encoding="gzip")(layers=[]).stream)
