"""Where requests go and which key they carry; and where the key never goes."""

from __future__ import annotations

import logging
import os
import shlex
import subprocess
import sys
import traceback
from collections.abc import Iterator
from typing import Any

import fal_endpoints
import httpcore
import httpx
import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import ConfigurationError, Fal, FalError

from .collage import Collage
from .conftest import SPECS, Call
from .scripted import Answer, Asked, scripted, scripted_collage


@pytest.fixture(autouse=True)
def no_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("FAL_"):
            monkeypatch.delenv(name)


def key_sent(emulator: Emulator, client: Fal) -> str:
    with client:
        Collage(client)(layers=[]).submit()
    return emulator.journal[-1].headers["authorization"]


def test_the_key_comes_from_the_environment(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAL_BASE_URL", emulator.base_url)
    monkeypatch.setenv("FAL_KEY_ID", "an-id")
    monkeypatch.setenv("FAL_KEY_SECRET", "a-secret")
    assert key_sent(emulator, Fal()) == "Key an-id:a-secret"
    monkeypatch.setenv("FAL_KEY", "whole\n")
    assert key_sent(emulator, Fal()) == "Key whole"
    assert key_sent(emulator, Fal("given")) == "Key given"


def test_a_missing_key_fails_only_when_it_is_needed(emulator: Emulator, call: Call) -> None:
    with Fal(base_url=emulator.base_url) as client:
        request = Collage(client)(layers=[])
        with pytest.raises(ConfigurationError, match="set FAL_KEY"):
            call(request.subscribe)
    assert len(emulator.journal) == 0


def queue_url(client: Fal) -> str:
    address = shlex.split(Collage(client)(layers=[]).curl())[3]
    return address.removesuffix(f"/{Collage.endpoint_id}")


def test_fal_is_the_default() -> None:
    assert queue_url(Fal()) == "https://queue.fal.run"


def test_hosts_come_from_the_environment_as_for_fal_client(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FAL_BASE_URL", "https://base.test")
    assert queue_url(Fal()) == "https://base.test/queue"
    monkeypatch.setenv("FAL_RUN_HOST", "run.test")
    assert queue_url(Fal()) == "https://queue.run.test"
    monkeypatch.setenv("FAL_QUEUE_RUN_HOST", "q.test")
    assert queue_url(Fal()) == "https://q.test"
    assert queue_url(Fal(base_url="https://given.test/")) == "https://given.test/queue"
    assert queue_url(Fal(queue_url="https://one.test/q/")) == "https://one.test/q"


@pytest.mark.parametrize(
    "address", ["http://fal.test", "ftp://fal.test", "fal.test", "http://127.0.0.1.fal.test", ""]
)
def test_an_address_that_would_show_the_key_is_refused(address: str) -> None:
    with pytest.raises(ConfigurationError):
        Fal(queue_url=address or "http:///x")


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:80", "127.9.9.9"])
def test_plain_http_is_for_loopback(host: str) -> None:
    assert queue_url(Fal(base_url=f"http://{host}")) == f"http://{host}/queue"


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "schlüssel"])
def test_a_key_that_is_none_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        Fal(key)
    assert key not in str(error.value)


def test_addresses_elsewhere_are_not_followed(call: Call) -> None:
    with scripted(lambda asked: Answer(200, {"status": "COMPLETED"})) as elsewhere:

        def answer(asked: Asked) -> Answer:
            if asked.method == "POST":
                urls = ("status_url", "response_url", "cancel_url")
                given = {name: f"{elsewhere.base_url}/{name}" for name in urls}
                return Answer(200, {"request_id": "id 1", **given})
            if "/status" in asked.path:
                return Answer(200, {"status": "COMPLETED"})
            return Answer(200, {"image": {"url": "https://x.test/1"}, "width": 1})

        with scripted_collage(answer) as (collage, server):
            assert call(collage(layers=[]).subscribe).width == 1
        assert elsewhere.asked == []
        assert [asked.path for asked in server.asked] == [
            "/queue/acme/collage/v1/layers",
            "/queue/acme/collage/requests/id%201/status/stream?logs=0",
            "/queue/acme/collage/requests/id%201/status?logs=0",
            "/queue/acme/collage/requests/id%201",
        ]


def test_addresses_of_the_same_origin_are_followed(call: Call) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.method == "POST":
            urls = {"status_url": f"http://{asked.headers['host']}/elsewhere?a=1"}
            return Answer(200, {"request_id": "1", **urls})
        return Answer(202, {"status": "IN_QUEUE", "queue_position": 4})

    with scripted_collage(answer) as (collage, server):
        assert call(call(collage(layers=[]).submit).status).position == 4
    assert server.asked[-1].path == "/elsewhere?a=1&logs=0"


def test_a_redirect_does_not_take_the_key_elsewhere(call: Call) -> None:
    with scripted(lambda asked: Answer(200, {"status": "IN_QUEUE"})) as elsewhere:
        location = {"Location": f"{elsewhere.base_url}/status"}
        with scripted_collage(lambda asked: Answer(302, b"", location)) as (collage, server):
            call(collage.handle("1").status)
            with pytest.raises(FalError):
                call(collage(layers=[]).submit)
        assert "authorization" in server.asked[0].headers
        (followed,) = elsewhere.asked
        assert "authorization" not in followed.headers


class _Everything(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@pytest.fixture
def everything_logged() -> Iterator[list[str]]:
    handler, root = _Everything(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler.lines
    root.removeHandler(handler)
    root.setLevel(level)


def test_the_key_is_shown_nowhere(client: Fal, call: Call, everything_logged: list[str]) -> None:
    request = Collage(client)(layers=[])
    shown: list[Any] = [client, vars(client), vars(client.connection), request, request.curl()]
    shown.append(call(request.submit))
    for directives in ("model-error", "drop=after; on=submit", "refuse; on=submit"):
        with pytest.raises(FalError) as error:
            call(request.subscribe, headers={"X-Emulate": directives})
        trace = traceback.TracebackException.from_exception(error.value, capture_locals=True)
        shown += [error.value, vars(error.value), *trace.format()]
    assert everything_logged
    for item in [*shown, *everything_logged]:
        assert "key-secret" not in f"{item!r} {item}"


def locals_shown(error: BaseException) -> str:
    """Return what an error report that shows local variables says of the package and of httpx."""
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    waiting, frames = [shown], list[traceback.FrameSummary]()
    while waiting:
        current = waiting.pop()
        frames += [frame for frame in current.stack if frame.filename != __file__]
        waiting += [link for link in (current.__cause__, current.__context__) if link is not None]
    assert frames
    return "\n".join(f"{frame.filename} {frame.name} {frame.locals}" for frame in frames)


@pytest.mark.parametrize(
    ("key", "options"),
    [
        ("key-secret", {"base_url": "ftp://fal.test"}),
        ("key-secret", {"base_url": "http://fal.test"}),
        ("key-secret with blanks", {}),
    ],
)
def test_no_error_report_on_the_configuration_shows_the_key(
    key: str, options: dict[str, Any]
) -> None:
    with pytest.raises(ConfigurationError) as error:
        Fal(key, **options)
    assert "key-secret" not in locals_shown(error.value)


@pytest.mark.parametrize("name", ["FAL_KEY", "FAL_KEY_SECRET"])
def test_no_error_report_on_a_key_of_the_environment_shows_it(
    call: Call, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("FAL_KEY_ID", "an-id")
    monkeypatch.setenv(name, "key-secret with blanks")
    with pytest.raises(ConfigurationError) as error:
        call(Collage(Fal())(layers=[]).submit)
    assert "key-secret" not in locals_shown(error.value)


def test_no_error_report_on_a_connection_shows_the_key(
    client: Fal, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[bytes] = []

    def fails(self: object, buffer: bytes, timeout: float | None = None) -> None:
        written.append(buffer)
        raise httpcore.WriteTimeout("while the headers are written")

    async def fails_async(self: object, buffer: bytes, timeout: float | None = None) -> None:
        fails(self, buffer)

    monkeypatch.setattr("httpcore._backends.sync.SyncStream.write", fails)
    monkeypatch.setattr("httpcore._backends.anyio.AnyIOStream.write", fails_async)
    with pytest.raises(FalError) as error:
        call(Collage(client)(layers=[]).submit)
    assert b"key-secret" in written[0]
    assert "key-secret" not in locals_shown(error.value)


def test_httpx_logs_no_queries_of_ours(call: Call, everything_logged: list[str]) -> None:
    with scripted_collage(lambda asked: Answer(200, {"request_id": "1"})) as (collage, server):
        hook = "https://example.test/hook?token=hook-token"
        call(collage(layers=[]).submit, webhook_url=hook)
        httpx.get(f"{server.base_url}/?mine=shown", trust_env=False)
    assert "hook-token" in server.asked[0].path
    assert any("HTTP Request: POST" in line for line in everything_logged)
    assert not any("hook-token" in line for line in everything_logged)
    assert any("mine=shown" in line for line in everything_logged)


def test_requests_name_the_package_python_and_the_http_library(
    client: Fal, call: Call, emulator: Emulator
) -> None:
    call(Collage(client)(layers=[]).submit)
    declared = (SPECS / "endpoints.toml").read_text("utf-8")
    assert f'version = "{fal_endpoints.__version__}"' in declared
    python = ".".join(map(str, sys.version_info[:3]))
    assert emulator.journal[-1].headers["user-agent"] == (
        f"fal-endpoints/{fal_endpoints.__version__} python/{python} "
        f"{httpx.__name__}/{httpx.__version__}"
    )


def test_log_lines_are_under_one_name(client: Fal, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="fal_endpoints"):
        Collage(client)(layers=[]).subscribe()
    assert {record.name for record in caplog.records if "fal" in record.name} == {"fal_endpoints"}


def test_the_client_reopens_after_it_was_closed(client: Fal, call: Call) -> None:
    request = Collage(client)(layers=[])
    assert call(request.subscribe).width == 640
    client.close()
    assert call(request.subscribe).width == 640


def test_importing_the_client_loads_no_endpoint_and_no_event_loop() -> None:
    script = (
        "import sys, fal_endpoints; fal_endpoints.Fal('k'); "
        "print([m for m in sys.modules if m == 'asyncio' or m.startswith('fal_endpoints.fal_ai')])"
    )
    path = os.pathsep.join(sys.path)
    ran = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == "[]"


@pytest.mark.parametrize("address", ["https://me:secret@x.test", "http://secret@x.test:80/a"])
def test_an_address_with_a_password_is_rejected_and_not_shown(address: str) -> None:
    with pytest.raises(ConfigurationError, match="user name or password") as error:
        Fal("key", base_url=address)
    assert "secret" not in str(error.value)


def test_an_address_without_a_scheme_is_quoted_as_it_was_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected = "^'localhost:8321' must start with https://"
    with pytest.raises(ConfigurationError, match=expected):
        Fal("key", base_url="localhost:8321")
    monkeypatch.setenv("FAL_BASE_URL", "localhost:8321")
    with pytest.raises(ConfigurationError, match=expected):
        Fal("key")


@pytest.mark.parametrize("address", ["https://x.test/?token=secret", "https://x.test#secret"])
def test_an_address_with_a_query_or_fragment_is_rejected_and_not_shown(address: str) -> None:
    with pytest.raises(ConfigurationError, match="query") as error:
        Fal("key", base_url=address)
    assert "secret" not in str(error.value)
