"""The HTTPS proxy leads programs from fal's own addresses to the emulator."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fal_codegen.emulator import Emulator, HttpsProxy

from .conftest import PAINT
from .test_pytest_plugin import PLUGIN
from .test_queue import INPUT

pytest_plugins = ["pytester"]

KEY = {"Authorization": "Key any"}


@pytest.fixture(scope="module")
def proxy(server: Emulator) -> Iterator[HttpsProxy]:
    with server.https_proxy() as proxy:
        yield proxy


@pytest.fixture
def redirected(
    proxy: HttpsProxy, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Emulator]:
    for name, value in proxy.environment.items():
        monkeypatch.setenv(name, value)
    yield emulator


def raw(proxy: HttpsProxy, request: str) -> bytes:
    """Send a request to the proxy, and return all that comes back."""
    address = httpx.URL(proxy.url)
    with socket.create_connection((address.host, address.port or 80), timeout=10) as connection:
        connection.sendall(request.encode())
        return b"".join(iter(lambda: connection.recv(4096), b""))


def test_a_client_calls_fal_itself_and_the_emulator_answers(redirected: Emulator) -> None:
    with httpx.Client(headers=KEY) as http:
        job = http.post(f"https://queue.fal.run/{PAINT}", json=INPUT).json()
        assert job["status_url"].startswith("https://queue.fal.run/acme/paint/requests/")
        while http.get(job["status_url"]).json()["status"] != "COMPLETED":
            pass
        file = http.get(job["response_url"]).json()["image"]["url"]
        assert file.startswith("https://v3.fal.media/")
        assert http.get(file).status_code == 200
    assert {entry.host for entry in redirected.journal} == {"queue.fal.run", "v3.fal.media"}


def test_the_official_client_is_redirected_without_a_change_in_it(redirected: Emulator) -> None:
    fal_client = pytest.importorskip("fal_client", reason="needs `pip install fal-client`")
    client = fal_client.SyncClient(key="any")
    assert client.subscribe(PAINT, INPUT)["mood"] == "calm"
    assert client.upload(b"hello", "text/plain").startswith("https://v3.fal.media/")
    assert [event["mood"] for event in client.stream(PAINT, INPUT)] == ["calm", "calm"]
    with client.realtime(PAINT) as connection:
        connection.send(INPUT)
        assert connection.recv()["mood"] == "calm"
    assert redirected.journal.count("submit") == 1


def test_faults_reach_a_client_behind_the_proxy(redirected: Emulator) -> None:
    redirected.emulate("drop=after; on=submit; times=1")
    with httpx.Client(headers=KEY) as http:
        with pytest.raises(httpx.RemoteProtocolError):
            http.post(f"https://queue.fal.run/{PAINT}", json=INPUT)
        assert http.post(f"https://queue.fal.run/{PAINT}", json=INPUT).status_code == 200


def test_a_host_of_fal_that_is_not_emulated_is_not_called(redirected: Emulator) -> None:
    response = httpx.get("https://other.fal.ai/")
    assert response.status_code == 421
    assert "other.fal.ai" in response.json()["detail"]


def test_a_connection_to_another_host_passes_through(proxy: HttpsProxy, emulator: Emulator) -> None:
    authority = httpx.URL(emulator.base_url).netloc.decode()
    address = httpx.URL(proxy.url)
    with socket.create_connection((address.host, address.port or 80), timeout=10) as connection:
        connection.sendall(f"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n".encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")
        # Nothing decrypts it, so it may be plain HTTP as well.
        head = f"GET /nowhere HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode())
        assert b"".join(iter(lambda: connection.recv(4096), b"")).startswith(b"HTTP/1.1 404 ")
    assert emulator.journal.count(path="/nowhere") == 1


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        ("GET http://fal.run/ HTTP/1.1\r\nHost: fal.run\r\n\r\n", "405 "),
        ("CONNECT fal.run HTTP/1.1\r\n\r\n", "405 "),
        (
            "CONNECT no.such.host.invalid:443 HTTP/1.1\r\n\r\n",
            "502 no.such.host.invalid could not be reached: ",
        ),
        ("CONNECT a..b:443 HTTP/1.1\r\n\r\n", "502 a..b could not be reached: "),
        (
            "CONNECT 127.0.0.1:99999 HTTP/1.1\r\n\r\n",
            "502 127.0.0.1 could not be reached: ",
        ),
        (
            "CONNECT \xe9.invalid:443 HTTP/1.1\r\n\r\n",
            "502 \\xc3\\xa9.invalid could not be reached: ",
        ),
        ("CONNECT ".ljust(1 << 16, "x"), "405 "),
    ],
)
def test_what_the_proxy_cannot_do_is_refused(
    proxy: HttpsProxy, request_text: str, status: str
) -> None:
    assert raw(proxy, request_text).startswith(f"HTTP/1.1 {status}".encode())


def test_who_does_not_trust_the_proxy_is_not_redirected(
    proxy: HttpsProxy, emulator: Emulator
) -> None:
    with httpx.Client(proxy=proxy.url) as http, pytest.raises(httpx.ConnectError, match="verify"):
        http.get("https://fal.run/")
    assert len(emulator.journal) == 0
    assert raw(proxy, "GET / HTTP/1.1\r\n\r\n")  # it still answers


def test_no_key_is_left_in_a_file_and_nothing_after_the_end(server: Emulator) -> None:
    with server.https_proxy() as proxy:
        bundle = Path(proxy.environment["SSL_CERT_FILE"])
        files = {path: path.read_text() for path in bundle.parent.iterdir()}
        assert len(files) == 2
        assert not [text for text in files.values() if "PRIVATE" in text]
    assert not bundle.parent.exists()
    with pytest.raises(httpx.ConnectError):
        httpx.get(proxy.url)


CALL = """
import httpx
url = "https://fal.run/acme/blender"
status = httpx.post(url, json={}, headers={"Authorization": "Key any"}).status_code
print(status)
raise SystemExit(status != 422)
"""


def test_a_command_is_redirected(
    filled: Path, cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "*")  # with it, the command would reach fal itself
    monkeypatch.setenv("no_proxy", "*")
    command = [sys.executable, "-c", CALL]
    assert cli("emulate", "--project", filled, "--https-proxy", "--", *command).code == 0


@pytest.mark.posix
def test_a_shell_can_use_the_lines_that_the_emulator_prints(filled: Path) -> None:
    words = [sys.executable, "-um", "fal_codegen", "emulate", "--https-proxy", "--port", "0"]
    with subprocess.Popen(words, cwd=filled, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        printed = ""
        while "NODE_USE_ENV_PROXY" not in printed:
            line = process.stdout.readline()
            assert line, printed
            printed += line
        exports = "".join(re.findall("^  export .*\n", printed, re.MULTILINE))
        script = f"{exports}exec '{sys.executable}' -c '{CALL}'"
        ran = subprocess.run(["sh", "-c", script], capture_output=True, text=True, env=os.environ)
        process.terminate()
    assert ran.stdout == "422\n", ran.stderr


def test_recordings_have_no_proxy(filled: Path, cli: Callable[..., Any]) -> None:
    ran = cli("emulate", "--project", filled, "--https-proxy", "--record", filled / "new")
    assert ran.code == 2
    assert "--https-proxy" in ran.err


def test_the_fixture_redirects_a_test_and_no_other(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import pytest
        from emulator.documents import document

        @pytest.fixture(scope="session")
        def fal_emulator_documents():
            return [document("acme/mine")]
        """
    )
    pytester.makepyfile(
        """
        import os
        import httpx

        def test_it_is_redirected(fal_https_proxy, fal_emulator):
            url = "https://queue.fal.run/acme/mine"
            assert httpx.post(url, json={}, headers={"Authorization": "Key any"}).is_success
            assert fal_emulator.journal.count("submit") == 1
            assert os.environ["FAL_KEY"] == "any"
            assert os.environ["HTTPS_PROXY"] == fal_https_proxy.url

        def test_another_is_not():
            assert "HTTPS_PROXY" not in os.environ
        """
    )
    pytester.runpytest_inprocess(*PLUGIN).assert_outcomes(passed=2)
