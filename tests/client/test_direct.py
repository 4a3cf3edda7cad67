"""`run` and `stream`: calls without the queue."""

from __future__ import annotations

from typing import Any

import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import (
    ClientTimeoutError,
    ConnectionFailed,
    Fal,
    InfrastructureError,
    ModelError,
    NotFoundError,
    Request,
    SubmissionUncertain,
)

from .collage import Collage, Output
from .conftest import Call
from .scripted import Answer, dripping_headers, scripted_collage
from .waiting import until


@pytest.fixture
def request_(collage: Collage) -> Request[Output]:
    return collage(layers=[])


def test_run_returns_the_typed_result(
    request_: Request[Output], call: Call, emulator: Emulator
) -> None:
    output = call(request_.run, hint="warm", start_timeout=9)
    assert isinstance(output, Output)
    (ran,) = emulator.journal
    assert (ran.operation, ran.path) == ("run", "/run/acme/collage/v1/layers")
    assert ran.json == request_.payload
    assert ran.headers["x-fal-runner-hint"] == "warm"
    assert ran.headers["x-fal-request-start-timeout"] == "9"


def test_run_uploads_local_files(collage: Collage, call: Call, emulator: Emulator) -> None:
    call(collage(layers=[{"image_url": b"GIF89a" * 20_000}]).run)
    (ran,) = emulator.journal.select("run")
    assert ran.json["layers"][0]["image_url"].startswith(emulator.base_url)


@pytest.mark.parametrize("fault", ["drop=after", "proxy-error=502", "truncate"])
def test_run_is_not_repeated(
    request_: Request[Output], call: Call, emulator: Emulator, fault: str
) -> None:
    with pytest.raises(SubmissionUncertain):
        call(request_.run, headers={"X-Emulate": fault})
    assert emulator.journal.count("run") == 1


def test_run_tells_failures_apart(request_: Request[Output], call: Call) -> None:
    with pytest.raises(ModelError):
        call(request_.run, headers={"X-Emulate": "model-error"})
    with pytest.raises(InfrastructureError) as error:
        call(request_.run, headers={"X-Emulate": "infrastructure-error=request_timeout"})
    assert error.value.error_type == "request_timeout"


def test_run_may_take_longer_than_other_calls_but_not_than_the_caller_waits(
    emulator: Emulator, call: Call
) -> None:
    request = Collage(Fal("key", base_url=emulator.base_url, timeout=0.2))(layers=[])
    assert call(request.run, headers={"X-Emulate": "running=0.5"}).width == 640
    with pytest.raises(ClientTimeoutError):
        call(request.run, headers={"X-Emulate": "running=5"}, client_timeout=0.5)


def test_the_timeout_holds_for_a_body_that_drips_in(
    request_: Request[Output], call: Call, emulator: Emulator
) -> None:
    with pytest.raises(ClientTimeoutError):
        call(request_.run, headers={"X-Emulate": "slow=5"}, client_timeout=1)
    until(lambda: emulator.journal.count("run") > 0)
    assert emulator.journal.count("run") == 1


def test_the_timeout_holds_for_headers_that_drip_in(call: Call) -> None:
    with dripping_headers() as address:
        request = Collage(Fal("key", run_url=address))(layers=[])
        with pytest.raises(ClientTimeoutError):
            call(request.run, client_timeout=0.5)


def test_stream_yields_typed_output(
    request_: Request[Output], call: Call, emulator: Emulator
) -> None:
    outputs = call(request_.stream, headers={"X-Emulate": "logs=3"})
    assert [output.width for output in outputs] == [640, 640, 640]
    assert emulator.journal[-1].path == "/run/acme/collage/v1/layers/stream"


def test_what_is_no_whole_output_is_yielded_as_it_is(call: Call) -> None:
    body = (
        b': hello\r\n\r\ndata: {"progress": 0.5}\r\n\r\nevent: x\ndata: {"width":\n'
        b'data: 7, "image": {"url": "https://x.test/\xc3\xa9"}}\n\ndata: [DONE]\n\ndata: cut'
    )
    answer = Answer(200, body, {"Content-Type": "text/event-stream"})
    with scripted_collage(lambda asked: answer) as (collage, _):
        first, second, third = call(collage(layers=[]).stream)
    assert first == {"progress": 0.5}
    assert (second.width, second.image.url) == (7, "https://x.test/é")
    assert third == "[DONE]"


def test_an_event_too_deep_for_a_parser_is_yielded_as_it_is(call: Call) -> None:
    deep = "[" * 100_000
    answer = Answer(200, f"data: {deep}\n\n".encode(), {"Content-Type": "text/event-stream"})
    with scripted_collage(lambda asked: answer) as (collage, _):
        assert call(collage(layers=[]).stream) == [deep]


def test_a_stream_that_breaks_off_says_so(request_: Request[Output], call: Call) -> None:
    with pytest.raises((ConnectionFailed, SubmissionUncertain)):
        call(request_.stream, headers={"X-Emulate": "truncate, logs=3"})


def test_an_endpoint_that_does_not_stream(call: Call) -> None:
    with scripted_collage(lambda asked: Answer(404, {"detail": "Path not found"})) as (collage, _):
        request = collage(layers=[])
        with pytest.raises(NotFoundError, match="Path not found"):
            call(request.stream)


def test_a_stream_may_be_left_early(request_: Request[Output]) -> None:
    stream: Any = request_.stream(headers={"X-Emulate": "logs=100, running=60"})
    assert next(stream).width == 640
    stream.close()
