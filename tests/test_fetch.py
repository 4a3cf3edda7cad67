"""Fetching documents from a server on loopback: what is vendored, and each kind of failure."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Ran
from documents import document, write
from fal_codegen.exit_codes import ExitCode
from fal_codegen.project import lock
from folders import tree
from servers import Answer, DocumentServer, serving

Cli = Callable[..., Ran]

GOOD, BAD = "acme/good", "acme/bad"
LOCK = "specs/endpoints.lock"


@pytest.fixture
def server() -> Iterator[DocumentServer]:
    with serving(DocumentServer) as server:
        server.answers[GOOD] = [Answer.of(document(GOOD))]
        yield server


@pytest.fixture
def declared(project: Path, server: DocumentServer) -> Path:
    """A project with two endpoints, not fetched yet, whose documents this server has."""
    declare(project, server, GOOD, BAD)
    return project


def declare(project: Path, server: DocumentServer, *ids: str, **settings: float) -> None:
    """Declare endpoints and how they are fetched."""
    fetch = "".join(f"{name} = {value}\n" for name, value in settings.items())
    endpoints = "".join(f'[endpoints."{id_}"]\n' for id_ in ids)
    targets = '[targets.python]\npackage = "fal_endpoints"\noutput = "generated/python"\n'
    text = f'{targets}[fetch]\nurl = "{server.url}"\n{fetch}{endpoints}'
    (project / "specs/endpoints.toml").write_text(text)


def vendored(project: Path, endpoint_id: str) -> Path:
    return project / "specs" / f"{endpoint_id}.json"


def shuffled(value: Any) -> Any:
    """Return the same JSON with the keys of every object in another order."""
    if isinstance(value, dict):
        return {key: shuffled(value[key]) for key in reversed(value)}
    return [shuffled(item) for item in value] if isinstance(value, list) else value


class TestSuccess:
    def test_each_document_is_asked_for_once_and_vendored(
        self, declared: Path, server: DocumentServer, cli: Cli
    ) -> None:
        server.answers[BAD] = [Answer.of(document(BAD))]
        ran = cli("fetch", "--project", declared)
        assert ran.code == 0
        assert server.requests == {GOOD: 1, BAD: 1}
        for endpoint_id in (GOOD, BAD):
            assert json.loads(vendored(declared, endpoint_id).read_bytes()) == document(endpoint_id)
            assert f"{endpoint_id}: vendored" in ran.out

    def test_it_does_not_generate_and_says_what_does(self, declared: Path, cli: Cli) -> None:
        ran = cli("fetch", GOOD, "--project", declared)
        assert not (declared / "generated").exists()
        assert "fal-codegen generate" in ran.out

    def test_only_what_is_named_is_fetched_and_only_once(
        self, declared: Path, server: DocumentServer, cli: Cli
    ) -> None:
        assert cli("fetch", GOOD, GOOD, "--project", declared).code == 0
        assert server.requests == {GOOD: 1}

    def test_what_is_not_declared_is_not_fetched(
        self, declared: Path, server: DocumentServer, cli: Cli
    ) -> None:
        ran = cli("fetch", GOOD, "acme/other", "--project", declared)
        assert (ran.code, server.requests) == (ExitCode.FAILURE, {})
        assert "acme/other: the endpoint is not declared" in ran.err

    def test_add_fetches_declares_and_generates(
        self, project: Path, server: DocumentServer, cli: Cli
    ) -> None:
        ran = cli("add", GOOD, GOOD, BAD, "--url", server.url, "--project", project)
        assert ran.code == ExitCode.FAILURE
        assert f"error: {BAD}: fal has no such endpoint" in ran.err
        assert server.requests == {GOOD: 1, BAD: 1}
        assert cli("list", "--project", project).out.splitlines() == [
            f"{GOOD}  fetched          client.acme.good"
        ]
        assert cli("check", "--project", project).code == 0

    @pytest.mark.parametrize("bound", [1, 3])
    def test_requests_under_way_are_bounded(
        self, project: Path, server: DocumentServer, cli: Cli, bound: int
    ) -> None:
        ids = [f"acme/number{number}" for number in range(7)]
        declare(project, server, *ids, concurrency=bound)
        are_under_way = threading.Event()

        def wait() -> None:
            if server.most_at_once == bound:
                are_under_way.set()
            are_under_way.wait(30)
            time.sleep(0.05)  # so that one too many would come meanwhile

        server.answers = {id_: [Answer.of(document(id_), wait=wait)] for id_ in ids}
        ran = cli("fetch", "--project", project)
        assert (ran.code, server.most_at_once) == (0, bound)
        assert "fetching: 7 of 7" in ran.err


class TestVendoring:
    def test_an_unchanged_document_is_not_written_whatever_its_order(
        self, declared: Path, server: DocumentServer, cli: Cli
    ) -> None:
        assert cli("fetch", GOOD, "--project", declared).code == 0
        before = tree(declared / "specs")
        stamps = {path: (declared / "specs" / path).stat().st_mtime_ns for path in before}
        server.answers[GOOD] = [Answer.of(shuffled(document(GOOD)))]

        ran = cli("fetch", GOOD, "--project", declared)
        assert (ran.code, ran.out) == (0, f"{GOOD}: unchanged\n")
        assert tree(declared / "specs") == before
        assert stamps == {path: (declared / "specs" / path).stat().st_mtime_ns for path in before}

    def test_the_order_of_the_first_time_does_not_matter_either(
        self, declared: Path, server: DocumentServer, cli: Cli
    ) -> None:
        cli("fetch", GOOD, "--project", declared)
        first = tree(declared / "specs")
        vendored(declared, GOOD).unlink()
        server.answers[GOOD] = [Answer.of(shuffled(document(GOOD)))]
        cli("fetch", GOOD, "--project", declared)
        assert tree(declared / "specs") == first

    def test_a_changed_document_replaces_the_vendored_one(
        self, declared: Path, server: DocumentServer, cli: Cli
    ) -> None:
        cli("fetch", GOOD, "--project", declared)
        before = (declared / LOCK).read_bytes()
        server.answers[GOOD] = [Answer.of(document(GOOD, about="Cuts."))]
        assert f"{GOOD}: updated" in cli("fetch", GOOD, "--project", declared).out
        assert b"Cuts." in vendored(declared, GOOD).read_bytes()
        assert (declared / LOCK).read_bytes() != before

    def test_the_lock_says_where_documents_came_from(
        self, declared: Path, server: DocumentServer, tmp_path: Path, cli: Cli
    ) -> None:
        documents = write(tmp_path / "documents", document(BAD))
        assert cli("fetch", GOOD, "--project", declared).code == 0
        assert cli("add", "--from", documents, "--project", declared).code == 0

        def provenance() -> dict[str, tuple[str, str | None]]:
            entries = lock.load(declared)
            return {id_: (entry.source, entry.url) for id_, entry in entries.items()}

        from_server = ("fetched", server.address(GOOD))
        assert provenance() == {GOOD: from_server, BAD: ("file", None)}

        path = vendored(declared, GOOD)
        path.write_text(path.read_text().replace("Blends", "Cuts"))
        ran = cli("generate", "--project", declared)
        assert f"{GOOD}: its document was edited by hand" in ran.out
        assert provenance()[GOOD] == ("edited", server.address(GOOD))

        server.answers[BAD] = [Answer.of(document(BAD))]
        ran = cli("fetch", "--project", declared)
        assert f"{BAD}: unchanged" in ran.out
        assert provenance() == {GOOD: from_server, BAD: ("fetched", server.address(BAD))}
        assert b"Blends" in path.read_bytes()


def without(path: str, *keys: str) -> dict[str, Any]:
    """Return the document of the bad endpoint without something in one of its paths."""
    content = document(BAD)
    node = content["paths"][path]
    for key in keys[:-1]:
        node = node[key]
    del node[keys[-1]]
    return content


WHOLE = json.dumps(document(BAD)).encode()
RESULT = f"/{BAD}/requests/{{request_id}}"

TRY_AGAIN = "\n  try again, or check the address: http://127.0.0.1:"
FAILURES = {
    "404": (Answer(status=404), "fal has no such endpoint"),
    "403": (Answer(status=403), "answered 403 Forbidden"),
    "503 for ever": (Answer(status=503), "answered 503 Service Unavailable"),
    "dropped for ever": (Answer(drop=True), "no complete response from"),
    "cut off in transfer": (
        Answer(WHOLE[:-9], length=len(WHOLE)),
        "no complete response from",
        "without sending complete message body",
    ),
    "HTML": (Answer(b"<!DOCTYPE html><title>fal</title>"), "this is HTML, not JSON", TRY_AGAIN),
    "nothing": (Answer(b""), "the document is empty"),
    "text": (Answer(b"Gone fishing."), "this is not JSON"),
    "truncated JSON": (Answer(WHOLE[:-9]), "the JSON is truncated", TRY_AGAIN),
    "truncated text": (Answer(WHOLE[: WHOLE.index(b"Blends") + 3]), "the JSON is truncated"),
    "not UTF-8": (Answer(b"\xff\xfe{}"), "is not UTF-8"),
    "a list": (Answer.of([]), "not an OpenAPI document: it is not an object"),
    "other JSON": (Answer.of({"detail": "?"}), "not an OpenAPI document: `openapi` or `paths`"),
    "no id": (Answer.of({"openapi": "3", "paths": {}}), "does not name its endpoint"),
    "another endpoint": (Answer.of(document(GOOD)), f"of another endpoint: {GOOD}"),
    "no input": (Answer.of(without(f"/{BAD}", "post")), "no Input found"),
    "no output": (Answer.of(without(RESULT, "get", "responses", "200")), "no Output found"),
    "dangling input": (
        Answer(WHOLE.replace(b"schemas/BlenderInput", b"schemas/Nothing")),
        "schemas/Nothing",
    ),
    "too deep": (
        Answer(b'{"a":' * 200 + b"0" + b"}" * 200),
        "nested more than 100 levels",
        TRY_AGAIN,
    ),
    "far too deep": (Answer(b"[" * 25_000 + b"]" * 25_000), "nested more than 100 levels"),
    "too large": (Answer(WHOLE + b" " * 50_000), "larger than 50000 bytes"),
    "too large once unpacked": (
        Answer(gzip.compress(WHOLE + b" " * 50_000), headers={"Content-Encoding": "gzip"}),
        "larger than 50000 bytes",
    ),
    "packed twice": (
        Answer(gzip.compress(gzip.compress(WHOLE)), headers={"Content-Encoding": "gzip, gzip"}),
        "content encoding that was not requested",
    ),
    "redirected nowhere": (
        Answer(status=302, headers={"Location": "http://127.0.0.1:99999/"}),
        "could not be fetched: ",
    ),
}


class TestFailure:
    """A failure names the endpoint and the reason; the other endpoints are fetched."""

    def failed(self, ran: Ran, *parts: str) -> None:
        assert ran.code == ExitCode.FAILURE
        assert ran.err.count("error: ") == 1
        assert f"error: {BAD}: " in ran.err
        assert "Traceback" not in ran.err
        for part in parts:
            assert part in ran.err

    @pytest.mark.parametrize(("answer", "said"), [(f[0], f[1:]) for f in FAILURES.values()],
                             ids=FAILURES)  # fmt: skip
    def test_is_told_apart_and_touches_nothing_else(
        self,
        declared: Path,
        server: DocumentServer,
        cli: Cli,
        answer: Answer,
        said: tuple[str, ...],
    ) -> None:
        server.answers[BAD] = [Answer.of(document(BAD))]
        declare(declared, server, GOOD, BAD, attempts=2, max_bytes=50_000)
        assert cli("fetch", "--project", declared).code == 0
        before = tree(declared / "specs")

        server.answers = {GOOD: [Answer.of(document(GOOD, about="Cuts."))], BAD: [answer]}
        ran = cli("fetch", "--project", declared)
        self.failed(ran, *said)
        assert f"{GOOD}: updated" in ran.out
        after = tree(declared / "specs")
        changed = {path for path in before | after if before.get(path) != after.get(path)}
        assert changed == {"acme/good.json", "endpoints.lock"}

    @pytest.mark.parametrize(
        ("answer", "attempts"),
        [(Answer(status=404), 1), (Answer(b"<html>"), 1), (Answer(status=503), 3),
         (Answer(drop=True), 3)],
        ids=["404", "HTML", "503", "dropped"],
    )  # fmt: skip
    def test_only_what_may_pass_is_tried_again(
        self, declared: Path, server: DocumentServer, cli: Cli, answer: Answer, attempts: int
    ) -> None:
        declare(declared, server, BAD, attempts=3)
        server.answers[BAD] = [answer]
        self.failed(cli("fetch", "--project", declared))
        assert server.requests[BAD] == attempts

    @pytest.mark.parametrize(
        "first",
        [
            Answer(status=500),
            Answer(status=429),
            Answer(drop=True),
            Answer(WHOLE[:-9], length=len(WHOLE)),
            Answer(status=429, headers={"Retry-After": "0"}),
            Answer(status=503, headers={"Retry-After": "soon"}),
            Answer(status=503, headers={"Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT"}),
            Answer(status=503, headers={"Retry-After": "Mon, 01 Jan 0001 00:00:00 +2359"}),
        ],
        ids=["500", "429", "dropped", "cut off", "429 with 0", "nonsense", "a date", "too early"],
    )
    def test_what_passes_is_no_failure(
        self, declared: Path, server: DocumentServer, cli: Cli, first: Answer
    ) -> None:
        server.answers[BAD] = [first, Answer.of(document(BAD))]
        ran = cli("fetch", BAD, "--project", declared)
        assert (ran.code, ran.err) == (0, "")
        assert server.requests[BAD] == 2

    def test_the_server_is_given_the_time_it_asks_for(
        self, declared: Path, server: DocumentServer, cli: Cli
    ) -> None:
        asked: list[float] = []
        answers = [
            Answer(status=429, headers={"Retry-After": "1"}),
            Answer.of(document(BAD)),
        ]
        server.answers[BAD] = [
            Answer(a.body, a.status, a.headers, wait=lambda: asked.append(time.monotonic()))
            for a in answers
        ]
        assert cli("fetch", BAD, "--project", declared).code == 0
        assert asked[1] - asked[0] >= 1

    def test_a_document_has_only_so_much_time(
        self, declared: Path, server: DocumentServer, cli: Cli
    ) -> None:
        over = threading.Event()
        declare(declared, server, GOOD, BAD, timeout=2)
        server.answers[BAD] = [Answer(wait=lambda: over.wait(30), drop=True)]
        ran = cli("fetch", "--project", declared)
        over.set()
        self.failed(ran, "within 2 seconds", "fetch.timeout")
        assert f"{GOOD}: vendored" in ran.out

    def test_waiting_to_try_again_counts_as_time(
        self, declared: Path, server: DocumentServer, cli: Cli
    ) -> None:
        declare(declared, server, BAD, timeout=0.3)
        server.answers[BAD] = [Answer(status=429, headers={"Retry-After": "20"})]
        self.failed(cli("fetch", "--project", declared), "within 0.3 seconds")

    def test_a_server_that_does_not_listen_is_an_error(
        self, declared: Path, server: DocumentServer, cli: Cli
    ) -> None:
        declare(declared, server, BAD, attempts=2)
        with socket.socket() as closed:  # bound, and not listening
            closed.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
            ran = cli("fetch", BAD, "--url", url, "--project", declared)
        self.failed(ran, "no complete response from", "check the connection")

    @pytest.mark.parametrize("command", ["fetch", "drift"])
    def test_one_cause_is_one_error(
        self, declared: Path, server: DocumentServer, cli: Cli, command: str
    ) -> None:
        declare(declared, server, *(f"acme/e{number}" for number in range(4)), attempts=1)
        ran = cli(command, "--url", "http://127.0.0.1:1/openapi.json", "--project", declared)
        assert ran.code == ExitCode.FAILURE
        text = ran.out + ran.err
        assert text.count("no complete response from") == 1
        assert "acme/e0: no complete response" in text
        assert "(and 3 more)" in text

    def test_a_proxy_that_does_not_answer_is_named(
        self, declared: Path, server: DocumentServer, cli: Cli, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", "http://me:secret@127.0.0.1:1")
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        declare(declared, server, BAD, attempts=1)
        ran = cli("fetch", "--url", "https://fal.invalid/openapi.json", "--project", declared)
        self.failed(ran, "through the proxy http://127.0.0.1:1 of the environment: ")
        assert "secret" not in ran.err

    @pytest.mark.parametrize("answer", [Answer(status=404), Answer(b"<html>")])
    def test_no_error_shows_the_password_of_an_address(
        self, declared: Path, server: DocumentServer, cli: Cli, answer: Answer
    ) -> None:
        server.answers[BAD] = [answer]
        declare(declared, server, BAD, attempts=1)
        with socket.socket() as closed:  # bound, and not listening
            closed.bind(("127.0.0.1", 0))
            port = closed.getsockname()[1]
            for named in (server.url.partition("://")[2], f"127.0.0.1:{port}/"):
                url = f"http://me:secret@{named}?token=secret#secret"
                for command in (
                    ["fetch", BAD, "--url", url],
                    ["drift", BAD, "--url", url],
                    ["search", "--catalogue", url],
                ):
                    ran = cli(*command, "--project", declared)
                    assert ran.code == 2
                    assert f"http://{named.partition('/')[0]}" in ran.out + ran.err
                    assert "secret" not in ran.out + ran.err

    @pytest.mark.parametrize("url", ["http://", "http://[::1", "http://fal.ai:port/"])
    def test_an_address_that_is_none(
        self, declared: Path, server: DocumentServer, cli: Cli, url: str
    ) -> None:
        declare(declared, server, BAD, attempts=1)
        self.failed(cli("fetch", BAD, "--url", url, "--project", declared), "fetch.url")

    def test_what_a_server_says_does_not_reach_the_terminal_raw(
        self, declared: Path, server: DocumentServer, cli: Cli
    ) -> None:
        content = document(BAD)
        content["info"]["x-fal-metadata"]["endpointId"] = "acme/\x1b[2J"
        server.answers[BAD] = [Answer.of(content)]
        ran = cli("fetch", BAD, "--project", declared)
        self.failed(ran, "is not an endpoint id")
        assert "\x1b" not in ran.err


def test_a_compressed_document_is_unpacked(
    declared: Path, server: DocumentServer, cli: Cli
) -> None:
    packed = Answer(gzip.compress(WHOLE), headers={"Content-Encoding": "gzip"})
    declare(declared, server, BAD)
    server.answers[BAD] = [packed]
    assert cli("fetch", "--project", declared).code == 0
