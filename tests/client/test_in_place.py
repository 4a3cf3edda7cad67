"""The runtime where it stands, as the package `runtime`: its layers, and units of two of them."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import httpx
import pytest
import runtime
from runtime import _generated
from runtime.disk.links import link
from runtime.errors import ConnectionFailed, SubmissionUncertain
from runtime.protocol.acceptance import judge_read, judge_status, judge_submission
from runtime.protocol.policies import FOLLOW, READ, SUBMIT
from runtime.protocol.retry import NO_RECORDER, SubmissionRecorder, deliver
from runtime.protocol.status import Completed, InProgress, Queued, UnknownStatus, parse_status
from runtime.retries import Retries
from runtime.transport.io import Deadline, HttpRequest, HttpResponse, Policy, Verdict
from runtime.transport.permit import Permit
from runtime.transport.sse import EventParser, EventTooLong
from runtime.tuning import DEFAULTS, Tuning

ROOT = Path(runtime.__file__).parent

FOUNDATION = {
    *(
        "acl",
        "costs",
        "errors",
        "forks",
        "handling_options",
        "images",
        "json_values",
        "locations",
        "log",
        "models",
        "problems",
    ),
    *("progress", "response_details", "retries", "terminal", "text", "tuning", "type_hints"),
}

# Each layer imports from itself and from those before it.
LAYERS: list[Callable[[str], bool]] = [
    lambda module: module in FOUNDATION,
    lambda module: module.startswith("disk."),
    lambda module: module.startswith("transport."),
    lambda module: module in ("local_file", "media", "file_limits", "file_checks", "options"),
    lambda module: module.startswith("protocol."),
    lambda module: True,
]


def layer(module: str) -> int:
    return next(number for number, holds in enumerate(LAYERS) if holds(module))


def imports(path: Path, nodes: Callable[[ast.AST], Iterator[ast.AST]]) -> set[str]:
    """Return the modules of the runtime that a module imports."""
    package = path.relative_to(ROOT).parent.parts
    found: set[str] = set()
    for node in nodes(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            parts = (*package[: len(package) + 1 - node.level], *filter(None, [node.module]))
            for alias in node.names:
                inner = ROOT.joinpath(*parts, f"{alias.name}.py")
                found.add(".".join((*parts, alias.name) if inner.exists() else parts))
    return found


def graph(nodes: Callable[[Any], Iterator[ast.AST]]) -> dict[str, set[str]]:
    return {
        path.relative_to(ROOT).with_suffix("").as_posix().replace("/", "."): imports(path, nodes)
        for path in ROOT.rglob("*.py")
    }


def at_run_time(node: ast.AST) -> Iterator[ast.AST]:
    """Yield all nodes, also those inside functions, but not those for type checkers."""
    yield node
    if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
        for child in ast.iter_child_nodes(node):
            yield from at_run_time(child)


def when_run(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes that do not only concern type checkers, also inside functions."""
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield node
            yield from when_run(node)


def test_imports_go_one_way() -> None:
    everywhere = graph(at_run_time)
    upward = [
        f"{module} imports {other}"
        for module, others in everywhere.items()
        for other in others
        if layer(other) > layer(module)
    ]
    assert not upward
    assert list(TopologicalSorter(everywhere).static_order())  # or it raises


def test_functions_hide_no_circular_import() -> None:
    of_users = {
        module: others
        for module, others in graph(when_run).items()
        if layer(module) == len(LAYERS) - 1
    }
    assert list(TopologicalSorter(of_users).static_order())  # or it raises


def test_transport_never_imports_the_protocol() -> None:
    everywhere = graph(ast.walk)  # also inside functions
    reached, waiting = set[str](), [name for name in everywhere if name.startswith("transport.")]
    while waiting:
        module = waiting.pop()
        reached.add(module)
        waiting += everywhere.get(module, set()) - reached
    assert not [module for module in reached if layer(module) > layer("transport.io")]


def test_users_and_generated_code_have_a_list_of_names_each() -> None:
    for_generated_code = set(_generated.__all__)
    assert for_generated_code - set(runtime.__all__) == {
        "FileLimits",
        "ListInput",
        "MapInput",
        "Namespace",
        "Omittable",
        "OneOf",
        "Tagged",
        "UniqueItems",
        "UrlLength",
    }
    assert {"Client", "FalError", "Handle"} <= set(runtime.__all__)


def test_type_checkers_see_the_names_that_are_imported_at_first_use() -> None:
    tree = ast.parse(Path(runtime.__file__).read_text("utf-8"))
    for_type_checkers = {
        alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level
        for alias in node.names
    }
    assert for_type_checkers == runtime._MODULE_OF
    assert sorted(for_type_checkers) == sorted(runtime.__all__)


@pytest.mark.parametrize(
    ("status", "from_fal", "verdict"),
    [
        (200, False, Verdict.ACCEPTED),
        (422, False, Verdict.REJECTED),
        (429, False, Verdict.TURNED_AWAY),
        (500, True, Verdict.REJECTED),
        (500, False, Verdict.UNCERTAIN),
        (503, False, Verdict.UNCERTAIN),
        (302, True, Verdict.UNCERTAIN),
    ],
)
def test_what_a_response_to_a_submission_proves(
    status: int, from_fal: bool, verdict: Verdict
) -> None:
    headers = {"X-Fal-Request-Id": "1"} if from_fal else {}
    assert judge_submission(response(status, headers=headers)) is verdict


def test_what_a_response_to_a_harmless_request_proves() -> None:
    from_fal = {"x-fal-request-id": "1"}
    assert judge_read(response(200)) is Verdict.ACCEPTED
    assert judge_read(response(404)) is Verdict.REJECTED
    assert judge_read(response(408)) is Verdict.TURNED_AWAY
    assert judge_read(response(502)) is Verdict.TURNED_AWAY
    assert judge_read(response(502, headers=from_fal)) is Verdict.REJECTED
    assert judge_status(response(502, headers=from_fal)) is Verdict.TURNED_AWAY


def test_a_status_is_parsed() -> None:
    assert parse_status({"status": "IN_QUEUE", "queue_position": 3}) == Queued(3)
    assert parse_status({"status": "IN_PROGRESS", "logs": None}) == InProgress([])
    assert parse_status({"status": "COMPLETED"}) == Completed([], {})
    assert parse_status({"status": "PAUSED"}) == UnknownStatus("PAUSED")
    failed = parse_status({"status": "CANCELLED"})
    assert isinstance(failed, Completed)
    assert failed.error == "the job ended as CANCELLED"
    with pytest.raises(ValueError, match="no status"):
        parse_status([])


def response(status: int, headers: Mapping[str, str] | None = None) -> HttpResponse:
    return HttpResponse(status, "", httpx.Headers(headers))


class ScriptedIo:
    """Answers requests in turn, and notes the pauses in between."""

    tuning = DEFAULTS

    def __init__(self, *answers: HttpResponse | Exception) -> None:
        self.answers = list(answers)
        self.pauses: list[float] = []

    async def send(
        self, request: HttpRequest, policy: Policy, end: float, permit: Permit | None
    ) -> HttpResponse:
        if permit is not None:
            permit.use()
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)


class Recorder:
    """Notes what it learns."""

    def __init__(self) -> None:
        self.records: list[str] = []

    def sending(self) -> None:
        self.records.append("sending")

    def not_accepted(self) -> None:
        self.records.append("not accepted")


def delivered(
    io: ScriptedIo, policy: Policy, recorder: SubmissionRecorder = NO_RECORDER
) -> HttpResponse:
    flow: Any = deliver(io, HttpRequest("GET", "https://a.test"), policy, Deadline(60), recorder)  # type: ignore[arg-type]
    with pytest.raises(StopIteration) as end:
        flow.send(None)
    received: HttpResponse = end.value.value
    return received


def test_pauses_grow_between_attempts() -> None:
    io = ScriptedIo(*[response(502)] * 4, response(200))
    assert delivered(io, READ).status_code == 200
    assert len(io.pauses) == 4
    for number, pause in enumerate(io.pauses):
        assert 0.5 * 0.2 * 2**number <= pause <= 1.5 * 0.2 * 2**number


@pytest.mark.parametrize("pause", [1, lambda attempt: float(attempt)])
def test_pauses_are_limited(pause: float | Callable[[int], float]) -> None:
    io = ScriptedIo(*[response(502)] * 1999, response(200))
    io.tuning = Tuning(retries=Retries(attempts=2000, pause=pause, longest_pause=2.5))
    assert delivered(io, READ).status_code == 200
    assert 0.5 <= io.pauses[0] <= 1.5
    assert set(io.pauses[4:]) == {2.5}


def test_a_pause_is_as_long_as_the_server_asks() -> None:
    io = ScriptedIo(response(429, headers={"Retry-After": "7"}), response(200))
    delivered(io, READ)
    assert io.pauses == [7.0]


def test_attempts_are_limited() -> None:
    io = ScriptedIo(*[httpx.ConnectError("down")] * 9)
    with pytest.raises(ConnectionFailed, match=r"GET https://a\.test failed 5 times"):
        delivered(io, READ)
    assert len(io.answers) == 4
    io = ScriptedIo(httpx.ConnectError("down"))
    with pytest.raises(ConnectionFailed):
        delivered(io, FOLLOW)


def test_what_is_sent_once_is_recorded_and_not_sent_again() -> None:
    recorder = Recorder()
    io = ScriptedIo(response(429), response(200))
    delivered(io, SUBMIT, recorder)
    assert recorder.records == ["sending", "not accepted", "sending"]
    with pytest.raises(SubmissionUncertain):
        delivered(ScriptedIo(httpx.ReadError("cut")), SUBMIT, recorder)
    with pytest.raises(SubmissionUncertain):
        delivered(ScriptedIo(response(502)), SUBMIT, recorder)
    assert recorder.records == ["sending", "not accepted", "sending", "sending", "sending"]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_events_are_found_however_their_stream_is_cut(size: int) -> None:
    stream = "data: one\r\n\r\n: comment\ndata: two\ndata:three\n\ndata: é\n\n".encode()
    parser = EventParser(longest=1000)
    pieces = (stream[start : start + size] for start in range(0, len(stream), size))
    assert [event for piece in pieces for event in parser.feed(piece)] == ["one", "two\nthree", "é"]


def test_an_event_without_an_end_is_an_error() -> None:
    with pytest.raises(EventTooLong):
        list(EventParser(longest=10).feed(b"data: much too long"))


def test_a_link_names_a_file_once(tmp_path: Path) -> None:
    file, name = tmp_path / "file", tmp_path / "name"
    file.write_text("content")
    assert link(file, name)
    assert name.read_text() == "content"
    with pytest.raises(FileExistsError):
        link(file, name)


@pytest.mark.parametrize("lacking", ["file system", "system"])
def test_where_there_are_no_links_nothing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lacking: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise PermissionError("no links here")

    if lacking == "system":
        monkeypatch.delattr(os, "link")
    else:
        monkeypatch.setattr(os, "link", fail)
    file, name = tmp_path / "file", tmp_path / "name"
    file.write_text("content")
    assert not link(file, name)
    assert not name.exists()
