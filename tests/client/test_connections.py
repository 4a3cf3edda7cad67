"""Connections: whose they are, which way they take, and what they leave behind."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import (
    ConfigurationError,
    ConnectionFailed,
    Fal,
    FalError,
    SubmissionUncertain,
    UnexpectedResponse,
)

from .collage import Collage
from .conftest import Call
from .given import client_of
from .scripted import Answer, Asked, Scripted, scripted
from .tuned import IMPATIENT

QUEUED = {"status": "IN_QUEUE", "queue_position": 0}
PROXY_SETTINGS = [f"{name}_proxy" for name in ("all", "http", "https", "no")]


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*PROXY_SETTINGS, *map(str.upper, PROXY_SETTINGS), "FAL_ALLOW_HTTP"]:
        monkeypatch.delenv(name, raising=False)


def python(script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program that has a client, in a process of its own."""
    path = os.pathsep.join(sys.path)
    return subprocess.run(
        [sys.executable, "-W", "always::ResourceWarning", "-c", HEAD + script, *arguments],
        env={**os.environ, "PYTHONPATH": path, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


HEAD = """
import asyncio, gc, os, sys, threading, time
import httpx
from fal_endpoints import Fal
def request(client):
    return client.fal_ai.pika.v2_2.image_to_video(image_url="https://x.test/a.png", prompt="a")
"""


# Forks.


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("mode", ["blocking", "async"])
def test_a_forked_process_opens_connections_of_its_own(mode: str) -> None:
    script = """
def status(client):
    handle = client.fal_ai.pika.v2_2.image_to_video.handle(str(os.getpid()))
    if sys.argv[2] == "blocking":
        handle.status()
    else:
        asyncio.run(handle.status_async())

client = Fal("k", base_url=sys.argv[1])
status(client)
if os.fork() == 0:
    status(client)
    status(client)
    sys.exit()
os.wait()
status(client)
print(os.getpid())
"""
    with scripted(lambda asked: Answer(200, QUEUED)) as server:
        ran = python(script, server.base_url, mode)
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    parent = ran.stdout.strip()
    ports = [(f"requests/{parent}/" in asked.path, asked.port) for asked in server.asked]
    own = {port for is_parent, port in ports if is_parent}
    others = {port for is_parent, port in ports if not is_parent}
    assert len(ports) == 4
    assert not own & others
    if mode == "blocking":  # the child left the parent's connection as it was
        assert len(own) == len(others) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("mode", ["blocking", "async"])
def test_a_process_that_a_callback_forks_does_not_cancel_the_job_of_its_parent(
    emulator: Emulator, mode: str
) -> None:
    script = """
forked = []
def fork(status):
    if not forked:
        forked.append(os.fork())
        if forked == [0]:
            sys.exit()
        os.waitpid(forked[0], 0)

subscribing = request(Fal("k", base_url=sys.argv[1]))
if sys.argv[2] == "blocking":
    output = subscribing.subscribe(on_queue_update=fork)
else:
    output = asyncio.run(subscribing.subscribe_async(on_queue_update=fork))
print(output.video.url)
"""
    emulator.emulate("running=0.2")
    ran = python(script, emulator.base_url, mode)
    assert ran.returncode == 0, ran.stderr
    assert ".mp4" in ran.stdout
    assert emulator.journal.count("cancel") == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_process_does_not_read_the_stream_of_its_parent(emulator: Emulator) -> None:
    script = """
from fal_endpoints import FalError
events = request(Fal("k", base_url=sys.argv[1])).submit().events()
print(type(next(events)).__name__)
sys.stdout.flush()
if (child := os.fork()) == 0:
    try:
        list(events)
    except FalError as error:
        print(error)
    sys.exit()
os.waitpid(child, 0)
print(*(type(status).__name__ for status in events))
"""
    emulator.emulate("queued=0.3, running=0.3")
    ran = python(script, emulator.base_url)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines() == [
        "Queued",
        "a forked process cannot read a response that its parent reads: request it again",
        "InProgress Completed",
    ]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_process_cannot_continue_the_map_of_its_parent(emulator: Emulator) -> None:
    script = """
from fal_endpoints import FalError
client = Fal("k", base_url=sys.argv[1])
outcomes = client.map([request(client)] * 4, concurrency=1)
next(outcomes)
if (child := os.fork()) == 0:
    try:
        next(outcomes)
    except FalError as error:
        print(error)
    sys.exit()
os.waitpid(child, 0)
print(*(outcome.error for outcome in outcomes))
"""
    ran = python(script, emulator.base_url)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines() == [
        "a forked process cannot continue the map of its parent: call map there",
        "None None None",
    ]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_lock_that_another_thread_held_does_not_hold_up_a_forked_process(
    emulator: Emulator,
) -> None:
    script = """
client = Fal("k", base_url=sys.argv[1])
is_opening, may_open = threading.Event(), threading.Event()
open_client = httpx.Client.__init__
def open_slowly(self, **options):
    if threading.current_thread() is not threading.main_thread():
        is_opening.set()
        may_open.wait(60)
    open_client(self, **options)
httpx.Client.__init__ = open_slowly
thread = threading.Thread(target=lambda: request(client).submit())
thread.start()
assert is_opening.wait(60)
child = os.fork()
if child == 0:
    request(client).subscribe()
    os._exit(0)
for _ in range(600):
    ended, status = os.waitpid(child, os.WNOHANG)
    if ended:
        break
    time.sleep(0.05)
else:
    os.kill(child, 9)
    status = 1
may_open.set()
thread.join()
sys.exit(status != 0)
"""
    ran = python(script, emulator.base_url)
    assert ran.returncode == 0, ran.stderr


# What is left behind.


LEFT = {
    "blocking": """
request(Fal('k', base_url=sys.argv[1])).subscribe()
client = Fal('k', base_url=sys.argv[1]); request(client).subscribe(); del client
events = request(Fal('k', base_url=sys.argv[1])).submit().events(); next(events)
client = Fal('k', base_url=sys.argv[1]); request(client).subscribe()
""",
    "async": """
client = Fal('k', base_url=sys.argv[1]); asyncio.run(request(client).subscribe_async())
async def main():
    await request(Fal('k', base_url=sys.argv[1])).subscribe_async()
    gc.collect()
    await asyncio.sleep(0.1)
asyncio.run(main())
""",
}


@pytest.mark.parametrize("mode", LEFT)
def test_a_client_that_nobody_closes_leaves_no_warning(emulator: Emulator, mode: str) -> None:
    ran = python(LEFT[mode], emulator.base_url)
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""


@pytest.mark.parametrize("cookie", ["session=1; Path=/", "caf\xe9=1; Path=/"])
def test_cookies_are_not_kept(call: Call, cookie: str) -> None:
    def answer(asked: Asked) -> Answer:
        image = {"url": "https://files.test/a.png"}
        body = {"status": "COMPLETED", "image": image, "width": 1}
        return Answer(200, body, {"Set-Cookie": cookie})

    with scripted(answer) as server, Fal("key", base_url=server.base_url) as client:
        handle = Collage(client).handle("1")
        for _ in range(3):
            call(handle.status)
        call(handle.result)  # three requests on one event loop
    assert len(server.asked) == 6
    assert all("cookie" not in asked.headers for asked in server.asked)


# Proxies, and addresses without encryption.


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripted]:
    with scripted(lambda asked: Answer(200, QUEUED)) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, server.base_url)
        yield server


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "LOCALHOST", "localhost.", "127.1.2.3", "[::1]", "[::ffff:7f00:1]"],
)
def test_loopback_is_reached_without_a_proxy(
    emulator: Emulator, proxy: Scripted, call: Call, host: str
) -> None:
    port = emulator.base_url.rpartition(":")[2]
    client = Fal("key", base_url=f"http://{host}:{port}", timeout=2, retries=IMPATIENT.retries)
    with suppress(FalError):  # not every name leads to the emulator
        call(Collage(client).handle("1").status)
    assert proxy.asked == []


def test_other_hosts_are_reached_by_the_proxy_of_the_environment(
    proxy: Scripted, call: Call
) -> None:
    with Fal("key", base_url="http://fal.test", allow_http=True) as client:
        call(Collage(client).handle("1").status)
    assert proxy.asked[-1].path.startswith("http://fal.test/queue/")


@pytest.mark.parametrize("value", ["1", "true"])
def test_http_elsewhere_has_to_be_allowed(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    with pytest.raises(ConfigurationError, match="allow_http=True or FAL_ALLOW_HTTP=1"):
        Fal("key", base_url="http://fal.test")
    assert "fal.test" in repr(Fal("key", base_url="http://fal.test", allow_http=True))
    monkeypatch.setenv("FAL_ALLOW_HTTP", value)
    assert "fal.test" in repr(Fal("key", base_url="http://fal.test"))
    with pytest.raises(ConfigurationError):
        Fal("key", base_url="http://fal.test", allow_http=False)
    with pytest.raises(ConfigurationError):
        Fal("key", base_url="ftp://fal.test")


@pytest.mark.parametrize("allow_http", [False, True])
def test_a_file_is_uploaded_without_encryption_only_where_that_is_allowed(
    proxy: Scripted, call: Call, allow_http: bool
) -> None:
    urls = {"upload_url": "http://storage.test/up", "file_url": "https://storage.test/a"}
    with scripted(lambda asked: Answer(200, urls)) as server:
        client = Fal("key", base_url=server.base_url, allow_http=allow_http)
        if allow_http:
            assert call(client.upload, b"content") == urls["file_url"]
            assert proxy.asked[-1].path == "http://storage.test/up"
            assert "authorization" not in proxy.asked[-1].headers
        else:
            with pytest.raises(UnexpectedResponse):
                call(client.upload, b"content")
            assert proxy.asked == []


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("ALL_PROXY", "socks5://127.0.0.1:1", r"httpx2?\[socks\]"),
        ("HTTPS_PROXY", "socks://127.0.0.1:1", "unset"),
        ("http_proxy", "http://127.0.0.1:port", "unset"),
        pytest.param(
            *("NO_PROXY", "localhost,::1,fd00::/8", "unset"),
            marks=pytest.mark.skipif(httpx.__name__ == "httpx2", reason="httpx2 accepts it"),
        ),
    ],
)
def test_proxies_that_cannot_be_used_are_named(
    monkeypatch: pytest.MonkeyPatch, call: Call, name: str, value: str, advice: str
) -> None:
    monkeypatch.setenv(name, value)
    request = Collage(Fal("key"))(layers=[])
    with pytest.raises(ConfigurationError, match=f"{name}.*{advice}"):
        call(request.submit)


def test_certificates_that_cannot_be_used_are_named() -> None:
    script = """
from fal_endpoints import ConfigurationError
for value in (sys.argv[1], "/no/such/file"):
    os.environ["SSL_CERT_FILE"] = value
    for submit in (lambda: request(Fal("k")).submit(),
                   lambda: asyncio.run(request(Fal("k")).submit_async())):
        try:
            submit()
        except ConfigurationError as error:
            print(str(error).count("SSL_CERT_FILE"))
"""
    ran = python(script, __file__)
    counts = [int(count) for count in ran.stdout.split()]
    assert len(counts) == 4 and all(counts), ran.stderr


# Clients that are given.


def test_a_transport_may_answer_with_finished_responses(call: Call) -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.method)
        if request.method == "POST":
            return httpx.Response(200, json={"request_id": "1"})
        if request.url.path.endswith("/status/stream"):
            text = 'data: {"status": "COMPLETED"}\n\n'
            return httpx.Response(200, text=text, headers={"Content-Type": "text/event-stream"})
        return httpx.Response(200, json={"image": {"url": "https://x.test/1"}, "width": 1})

    request = Collage(client_of(answer))(layers=[])
    assert call(request.subscribe).width == 1
    assert seen == ["POST", "GET", "GET"]
    assert call(call(request.submit).result).width == 1


def test_a_redirect_to_plain_http_is_not_followed(call: Call) -> None:
    seen: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.url)
        return httpx.Response(302, headers={"Location": "http://queue.fal.run/elsewhere"})

    with pytest.raises(ConnectionFailed, match="redirect"):
        call(Collage(client_of(answer)).handle("1").status)
    assert [url.scheme for url in seen] == ["https"]


def test_an_odd_error_after_a_submission_was_sent_leaves_it_uncertain(call: Call) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise UnicodeError("in what came back")

    with pytest.raises(SubmissionUncertain):
        call(Collage(client_of(answer))(layers=[]).submit)
