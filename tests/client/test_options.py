"""Options with odd values: each works, or is rejected before anything is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from math import inf, nan
from typing import Any

import pytest
from fal_endpoints import (
    ClientTimeoutError,
    ConfigurationError,
    ConnectionFailed,
    Fal,
    SubmissionUncertain,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from property_tests import examples

from .collage import Collage
from .conftest import Call
from .scripted import Answer, Asked, Scripted, scripted

SECONDS = st.one_of(
    st.integers(), st.floats(), st.sampled_from([1.0, 1e300, 10**400, "5", b"5", [5], 5j])
)
TEXT = st.text(st.characters(), max_size=3)  # with half surrogate pairs
OTHERS = st.one_of(
    TEXT,
    st.integers(),
    st.binary(max_size=3),
    st.lists(st.none(), max_size=1),
    st.dictionaries(TEXT | st.integers(), TEXT | st.integers(), max_size=2),
)
JOB = {
    **dict.fromkeys(("start_timeout", "expires_in", "max_queue_length"), SECONDS),
    **dict.fromkeys(("priority", "hint", "headers", "store_io", "no_retry", "acl", "tags"), OTHERS),
}
CALLBACKS = dict.fromkeys(("on_enqueue", "on_queue_update"), OTHERS)
FLAGS = dict.fromkeys(("with_logs", "cancel_on_interrupt"), OTHERS)
OPTIONS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "run": {**JOB, "client_timeout": SECONDS},
    "stream": {**JOB, "client_timeout": SECONDS},
    "submit": {**JOB, "webhook_url": OTHERS, "client_timeout": SECONDS},
    "subscribe": {**JOB, **CALLBACKS, **FLAGS, "client_timeout": SECONDS},
    "map": {
        **JOB,
        **dict.fromkeys(("concurrency", "ledger", "retry"), st.integers(-9, 9)),
        "client_timeout": SECONDS,
    },
    "result": {"client_timeout": SECONDS},
    "status": {"with_logs": OTHERS},
}
ASCII = "printable ASCII"
many = settings(
    max_examples=examples(30),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def respond(asked: Asked) -> Answer:
    """Respond as a queue whose jobs are over at once."""
    if asked.path.endswith("/stream") or "/status" not in asked.path:
        return Answer(body={"request_id": "id-1", "image": {"url": "data:,"}, "width": 1})
    return Answer(body={"status": "COMPLETED"})


@pytest.fixture(scope="module")
def server() -> Iterator[Scripted]:
    with scripted(respond) as server:
        yield server


@pytest.fixture(scope="module")
def queue(server: Scripted) -> Iterator[Collage]:
    with Fal("key", base_url=server.base_url) as client:
        yield Collage(client)


@many
@given(data=st.data(), method=st.sampled_from(sorted(OPTIONS)))
def test_an_odd_value_is_rejected_or_works(
    server: Scripted, queue: Collage, call: Call, data: st.DataObject, method: str
) -> None:
    name = data.draw(st.sampled_from(sorted(OPTIONS[method])))
    value = data.draw(OPTIONS[method][name])
    before = len(server.asked)
    try:
        if method == "map":
            for outcome in call(queue.map, [{"layers": []}], **{name: value}):
                outcome.result()
        else:
            owner = queue.handle("id-1") if method in ("result", "status") else queue(layers=[])
            call(getattr(owner, method), **{name: value})
    except (ConfigurationError, ClientTimeoutError):
        assert name == "client_timeout" or len(server.asked) == before


@pytest.mark.parametrize(
    ("method", "option", "value", "expected"),
    [
        ("subscribe", "client_timeout", nan, "a positive number of seconds (got nan)"),
        ("run", "client_timeout", "5", "a positive number of seconds (got '5')"),
        ("submit", "start_timeout", 1, "a number of more than 1 second (got 1)"),
        ("stream", "start_timeout", inf, "a number of more than 1 second (got inf)"),
        ("subscribe", "priority", "high", "'normal' or 'low' (got 'high')"),
        ("subscribe", "on_enqueue", 5, "a function (got 5)"),
        ("subscribe", "on_queue_update", "x", "a function (got 'x')"),
        ("subscribe", "with_logs", "yes", "True or False (got 'yes')"),
        ("subscribe", "with_logs", None, "True or False (got None)"),
        ("subscribe", "cancel_on_interrupt", 0, "True or False (got 0)"),
        ("subscribe", "client_timeout", True, "a positive number of seconds (got True)"),
        ("submit", "priority", 3, "'normal' or 'low' (got 3)"),
        *(
            ("submit", "hint", hint, f"a string of {ASCII} without spaces around it {got}")
            for hint, got in [("a\nb", "(got 'a\\nb')"), ("é", "(got 'é')"), (" a", "(got ' a')")]
        ),
        *(
            (
                "run",
                "headers",
                headers,
                "a mapping of HTTP header names to values of printable ASCII",
            )
            for headers in ("abc", {"X": 1}, {"X": "a\nb"}, {"X Y": "1"}, {"": "1"}, {"X": "é"})
        ),
    ],
)
def test_the_message_names_the_option(
    server: Scripted, queue: Collage, method: str, option: str, value: object, expected: str
) -> None:
    before = len(server.asked)
    with pytest.raises(ConfigurationError) as error:
        getattr(queue(layers=[]), method)(**{option: value})
    assert str(error.value) == f"{option} should be {expected}"
    assert len(server.asked) == before


@pytest.mark.parametrize("timeout", [0, -1, nan, -inf])
def test_a_client_timeout_that_leaves_no_time_is_rejected_before_anything_is_sent(
    server: Scripted, queue: Collage, call: Call, timeout: float
) -> None:
    before = len(server.asked)
    request, handle = queue(layers=[]), queue.handle("id-1")
    waiting = (request.subscribe, request.outcome, request.submit, request.run, request.stream)
    calls: list[tuple[Any, tuple[Any, ...]]] = [
        *((method, ()) for method in (*waiting, handle.result, handle.outcome)),
        (queue.map, ([],)),
    ]
    for method, arguments in calls:
        with pytest.raises(ConfigurationError, match="client_timeout should be a positive number"):
            call(method, *arguments, client_timeout=timeout)
    assert len(server.asked) == before


async def on_update(status: object) -> None:
    pass


class Asynchronous:
    async def __call__(self, status: object) -> None:
        pass


@pytest.mark.parametrize("callback", [on_update, partial(on_update), Asynchronous()])
@pytest.mark.parametrize("option", ["on_enqueue", "on_queue_update"])
def test_a_blocking_call_rejects_a_callback_that_it_would_not_await(
    server: Scripted, queue: Collage, option: str, callback: Any
) -> None:
    before = len(server.asked)
    callbacks: Any = {option: callback}
    with pytest.raises(ConfigurationError, match=rf"{option} is a .* or use subscribe_async\(\)"):
        queue(layers=[]).subscribe(**callbacks)
    assert len(server.asked) == before
    assert asyncio.run(queue(layers=[]).subscribe_async(**callbacks)).width == 1


@pytest.mark.parametrize("option", ["on_enqueue", "on_queue_update"])
def test_an_exception_of_a_callback_names_the_request(
    queue: Collage, call: Call, caplog: pytest.LogCaptureFixture, option: str
) -> None:
    def fail(_: object) -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine") as error:
        call(queue(layers=[]).subscribe, **{option: fail})
    notes = [*getattr(error.value, "__notes__", ()), *caplog.messages]  # notes since Python 3.11
    assert any("endpoint.handle('id-1')" in note for note in notes)
    assert any("was cancelled" in note for note in notes)


@pytest.mark.parametrize("webhook_url", ["", "nope", "ftp://files.test/x", "https://", 5])
def test_fal_is_not_asked_to_call_what_is_no_web_address(
    queue: Collage, call: Call, webhook_url: Any
) -> None:
    with pytest.raises(ConfigurationError, match="webhook_url should be an http or https URL"):
        call(queue(layers=[]).submit, webhook_url=webhook_url)


def test_map_rejects_an_option_once_instead_of_each_row(queue: Collage) -> None:
    with pytest.raises(ConfigurationError, match="start_timeout should be a number of more"):
        queue.map([{"layers": []}], start_timeout=1)
    with pytest.raises(ConfigurationError, match="start_timeout should be a number of more"):
        queue.map_async([{"layers": []}], start_timeout=nan)
    with pytest.raises(ConfigurationError, match="client_timeout should be a positive number"):
        queue.map([{"layers": []}], client_timeout=nan)


@many
@given(timeout=SECONDS)
def test_an_odd_timeout_of_the_client_is_rejected_or_works(server: Scripted, timeout: Any) -> None:
    try:
        client = Fal("key", base_url=server.base_url, timeout=timeout)
    except ConfigurationError as error:
        assert str(error).startswith("timeout should be a positive number of seconds (got ")
        return
    with client:
        try:
            Collage(client)(layers=[]).submit()
        except (ConnectionFailed, SubmissionUncertain):
            assert timeout < 5


@pytest.mark.parametrize(
    "seconds", [inf, 1e300, 10**400, 3_000_000], ids=["inf", "1e300", "1e400", "3e6"]
)
def test_a_limit_of_ages_is_none(server: Scripted, call: Call, seconds: float) -> None:
    with Fal("key", base_url=server.base_url, timeout=seconds) as client:
        request = Collage(client)(layers=[])
        assert call(request.subscribe, client_timeout=seconds).width == 1
        assert call(request.run, client_timeout=seconds).width == 1
