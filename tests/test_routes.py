"""The tool's own requests: proxies, loopback, http, redirects, cookies and the key."""

from __future__ import annotations

import contextlib
import gzip
import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from projects import BLENDER, DECLARATION, Cli, edit, problem
from servers import Answer, CatalogueServer, serving

FOUND = {"models": [{"endpoint_id": BLENDER}], "next_cursor": None}
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*PROXIES, *map(str.upper, PROXIES), "FAL_ALLOW_HTTP"):
        monkeypatch.delenv(name, raising=False)


class Seen:
    """A server that gives every request the same answer, and records the requests.

    Attributes:
        requests: The target of each request, with its headers.
    """

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.requests: list[tuple[str, dict[str, str]]] = []


@contextlib.contextmanager
def seeing(headers: dict[str, str] | None = None, pages: int = 1) -> Iterator[Seen]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            named = {name.lower(): value for name, value in self.headers.items()}
            seen.requests.append((self.path, named))
            more = f"page{len(seen.requests)}" if len(seen.requests) < pages else None
            body = json.dumps({**FOUND, "next_cursor": more}).encode()
            self.send_response(200)
            for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    seen = Seen(server.server_port)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class TestProxies:
    @pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
    @pytest.mark.parametrize(
        "proxy",
        [
            "socks5://me:secret@127.0.0.1:1",
            "socks4://127.0.0.1:1",
            "ftp://127.0.0.1:1",
            "http://[::1",
            "http://127.0.0.1:port",
            "http://127.0.0.1:99999999",
            "://",
            "http://\N{SNOWMAN}.\N{SNOWMAN}\x01",
        ],
    )
    def test_one_that_cannot_be_used_is_named(
        self, cli: Cli, monkeypatch: pytest.MonkeyPatch, name: str, proxy: str, tmp_path: Path
    ) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setitem(sys.modules, "socksio", None)
        monkeypatch.setenv(name, proxy)
        ran = cli("search", "--catalogue", "https://fal.invalid/v1/models")
        problem(ran, f"the proxy setting {name}=")
        assert "secret" not in ran.err
        assert ("pip install 'httpx[socks]'" in ran.err) == proxy.startswith("socks5")

    def test_it_is_said_once_for_all_endpoints(
        self, filled: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ALL_PROXY", "nonsense://127.0.0.1:1")
        ran = cli("fetch", "--project", filled)
        problem(ran, "ALL_PROXY=nonsense://127.0.0.1:1")
        assert ran.err.count("error: ") == 1

    @pytest.mark.parametrize("hosts", ["localhost,::1,fd00::/8", "http://[", ",,", "[", "\udcff"])
    def test_whatever_is_in_no_proxy(
        self, cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, hosts: str
    ) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("NO_PROXY", hosts)
        with seeing() as proxy, seeing() as catalogue:
            monkeypatch.setenv("HTTP_PROXY", proxy.url)
            ran = cli("search", "--catalogue", f"{catalogue.url}/v1/models")
        assert (ran.code, ran.err) == (0, "")
        assert not proxy.requests

    def test_a_host_of_no_proxy_is_asked_directly(
        self, cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("FAL_ALLOW_HTTP", "1")
        monkeypatch.setenv("NO_PROXY", ".invalid")
        with seeing() as proxy:
            monkeypatch.setenv("HTTP_PROXY", proxy.url)
            problem(cli("search", "--catalogue", "http://fal.invalid/v1/models"), "fal.invalid")
        assert not proxy.requests

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST"])
    def test_this_machine_is_asked_directly(
        self, cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, host: str
    ) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("FAL_KEY", "key")
        with seeing() as proxy, seeing() as catalogue:
            for name in PROXIES[:3]:
                monkeypatch.setenv(name, proxy.url)
            address = catalogue.url.replace("127.0.0.1", host)
            ran = cli("search", "--catalogue", f"{address}/v1/models")
        assert (ran.code, ran.err) == (0, "")
        assert BLENDER in ran.out
        assert not proxy.requests

    @pytest.mark.parametrize("host", ["127.9.8.7", "[::1]", "localhost."])
    def test_nor_is_a_proxy_told_of_what_this_machine_does_not_serve(
        self, cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, host: str
    ) -> None:
        monkeypatch.chdir(tmp_path)
        with seeing() as proxy:
            monkeypatch.setenv("HTTP_PROXY", proxy.url)
            problem(
                cli("search", "--catalogue", f"http://{host}:1/v1/models"), "no complete response"
            )
        assert not proxy.requests


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_certificates_that_cannot_be_read(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | None
) -> None:
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / "own.pem").write_text(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "own.pem"))
    ran = cli("search", "--catalogue", "https://fal.invalid/v1/models")
    problem(ran, "the certificates cannot be read", "SSL_CERT_FILE")


class TestHttp:
    """The proxy stands for the other host: requests that reach it left this machine unencrypted."""

    ADDRESS = "http://fal.example/v1/models"

    @pytest.fixture
    def outside(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Seen]:
        with seeing() as proxy:
            monkeypatch.setenv("HTTP_PROXY", proxy.url)
            monkeypatch.setenv("FAL_KEY", "key")
            yield proxy

    def test_it_is_refused_to_another_host(self, cli: Cli, outside: Seen, project: Path) -> None:
        ran = cli("search", "--project", project, "--catalogue", self.ADDRESS)
        problem(ran, "http://fal.example is not encrypted", "FAL_ALLOW_HTTP=1", "fetch.allow_http")
        assert not outside.requests

    @pytest.mark.parametrize("by", ["variable", "declaration"])
    def test_it_can_be_allowed_and_the_key_stays_here(
        self, cli: Cli, outside: Seen, project: Path, monkeypatch: pytest.MonkeyPatch, by: str
    ) -> None:
        if by == "variable":
            monkeypatch.setenv("FAL_ALLOW_HTTP", "1")
        else:
            edit(project / DECLARATION, new="\n[fetch]\nallow_http = true\n")
        ran = cli("search", "--project", project, "--catalogue", self.ADDRESS)
        assert (ran.code, ran.err) == (0, "")
        [(target, headers)] = outside.requests
        assert target.startswith(self.ADDRESS)
        assert "authorization" not in headers

    def test_a_redirect_does_not_get_around_it(
        self, cli: Cli, outside: Seen, project: Path
    ) -> None:
        with serving(CatalogueServer) as server:
            server.answers = [Answer(status=302, headers={"Location": self.ADDRESS})]
            ran = cli("search", "--project", project, "--catalogue", server.url)
        problem(ran, "http://fal.example is not encrypted")
        assert not outside.requests

    def test_a_value_that_is_none_is_refused(self, cli: Cli, project: Path) -> None:
        edit(project / DECLARATION, new='\n[fetch]\nallow_http = "yes"\n')
        problem(cli("list", "--project", project), "fetch.allow_http must be true or false")


def test_the_key_does_not_follow_a_redirect(
    cli: Cli, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAL_KEY", "key")
    with seeing() as other, serving(CatalogueServer) as server:
        server.answers = [Answer(status=307, headers={"Location": f"{other.url}/v1/models"})]
        assert cli("search", "--project", project, "--catalogue", server.url).code == 0
        assert server.keys == ["Key key"]
    [(_, headers)] = other.requests
    assert "authorization" not in headers


@pytest.mark.parametrize("cookie", ["a=1; Path=/", "caf\xe9=1; Path=/", "=;;;", "x" * 5000])
def test_no_cookie_is_kept(cli: Cli, project: Path, cookie: str) -> None:
    with seeing({"Set-Cookie": cookie}, pages=3) as catalogue:
        ran = cli("search", "--project", project, "--catalogue", f"{catalogue.url}/v1/models")
    assert (ran.code, ran.err) == (0, "")
    assert len(catalogue.requests) == 3
    assert all("cookie" not in headers for _, headers in catalogue.requests)


@pytest.mark.parametrize("cursor", ["\ud800", "x" * 70_000, "\0" * 30_000])
def test_a_cursor_that_no_address_can_have(cli: Cli, project: Path, cursor: str) -> None:
    with serving(CatalogueServer) as server:
        server.answers = [Answer.of({"models": [], "next_cursor": cursor})]
        ran = cli("search", "--project", project, "--catalogue", server.url)
    problem(ran, "its cursor cannot be part of a URL")


def test_a_compressed_answer_that_is_cut_off(cli: Cli, project: Path) -> None:
    body = gzip.compress(json.dumps(FOUND).encode())[:-4]
    edit(project / DECLARATION, new="\n[fetch]\nattempts = 1\n")
    with serving(CatalogueServer) as server:
        server.answers = [Answer(body, headers={"Content-Encoding": "gzip"})]
        ran = cli("search", "--project", project, "--catalogue", server.url)
    problem(ran, "no complete response", "incomplete")
