"""A job in fal's queue: the flows that watch it, fetch its result and cancel it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Generic, NamedTuple, TypeVar
from urllib.parse import quote

import httpx

from .commands import NEVER, Call, Command, Deadline, Flow, Read, Sleep
from .connection import same_origin
from .errors import (
    ClientTimeoutError,
    ConnectionFailed,
    FalError,
    Subject,
    UnexpectedResponse,
    api_error,
    body_of,
    failure,
)
from .exchange import ask, exchange, logger
from .json_values import json_object
from .operation import Operation, Output
from .sse import EventParser
from .status import Completed, News, Status, parse_status

T = TypeVar("T")

_FIRST_PAUSE = 0.1
_GROWTH = 3.0
_CEILING = 1.25
"""Seconds between looks at a job: they grow to this, and a job of 10 s costs 12 requests in all."""

_SHARE = 0.1
_LAST_CEILING = 5.0
"""A longer job is looked at each tenth of the time it has taken, at least every 5 s."""

_SILENCE = 20.0
"""Seconds; a stream of states says something every 15 s, or does not come through."""

_CANCEL_TIMEOUT = 5.0
"""Seconds that cancelling an abandoned job may hold up its caller."""

_NAMESPACES = ("workflows", "comfy")
"""First segments that come before an endpoint's owner, rather than being it (as fal-client)."""


class Watch(NamedTuple):
    """How a job is watched."""

    deadline: Deadline = NEVER
    with_logs: bool = False
    report: Callable[[Status], Command] | None = None
    """What makes the command that passes on what is new."""
    follow: bool = True
    """Whether by the server's stream of states, where it has one."""

    def pass_on(self, update: Status | None) -> Flow[None]:
        """Report an update, if there is one and somebody listens."""
        if self.report is not None and update is not None:
            yield self.report(update)


@dataclass(frozen=True)
class Job(Generic[Output]):
    """A request in the queue, and the addresses to ask after it."""

    operation: Operation[Output]
    request_id: str
    status_url: str
    response_url: str
    cancel_url: str

    @property
    def about(self) -> Subject:
        """The subject of calls and errors."""
        return self.operation.about(self.request_id)

    def look(self, *, with_logs: bool, deadline: Deadline = NEVER) -> Flow[Status]:
        """Return the present status."""
        call = Call("GET", self._status_url(with_logs), about=self.about)
        response = yield from ask(call, deadline)
        try:
            return parse_status(body_of(response))
        except ValueError as error:
            raise UnexpectedResponse(str(error), body_of(response), self.about) from error

    def wait(self, watch: Watch) -> Flow[Completed]:
        """Wait until the job is over, passing on what is new.

        The server's stream of states tells at once, for one request. Where it has none, or none
        comes through, the job is looked at now and then.
        """
        news, pauses = News(), _pauses()
        if watch.follow and watch.deadline.remaining(self.about) > _SILENCE:
            completed = yield from self._follow(watch, news)
            if completed is not None:
                return completed
        while True:
            status = yield from self.look(with_logs=watch.with_logs, deadline=watch.deadline)
            yield from watch.pass_on(news.of(status, streamed=False))
            if isinstance(status, Completed):
                return status
            yield Sleep(min(next(pauses), watch.deadline.remaining(self.about)))

    def _follow(self, watch: Watch, news: News) -> Flow[Completed | None]:
        """Read the stream of states to the job's end; `None` if the stream ends before that."""
        url = self._status_url(watch.with_logs, "/stream")
        call = Call("GET", url, streamed=True, timeout=_SILENCE, about=self.about)
        try:
            response = yield from exchange(call, watch.deadline, attempts=1)
        except ConnectionFailed:
            return None
        is_stream = response.headers.get("content-type", "").startswith("text/event-stream")
        if not (is_stream and response.is_success):
            return None
        events = EventParser()
        # A stream cannot be left while it is silent, so close to the deadline it is left at once.
        while watch.deadline.remaining(self.about) > _SILENCE:
            try:
                piece: bytes = yield Read(response)
                states = [parse_status(json.loads(event)) for event in events.feed(piece)]
            except (httpx.RequestError, ValueError, RecursionError):
                return None
            for status in states:
                yield from watch.pass_on(news.of(status, streamed=True))
                if isinstance(status, Completed):
                    # The server ends the stream now. Read to its end, its connection serves again.
                    with suppress(httpx.RequestError):
                        yield Read(response)
                    return status
            if not piece:
                return None
        return None

    def result(self, watch: Watch) -> Flow[Output]:
        """Wait until the job is over, and return its result.

        Raises:
            APIError: the job failed.
            ClientTimeoutError: the deadline passed first.
            UnexpectedResponse: the result does not fit the endpoint's output type.
        """
        completed = yield from self.wait(watch)
        call = Call("GET", self.response_url, about=self.about)
        # A failed job's result is an error, which says more about the failure than the status.
        response = yield from ask(call, watch.deadline)
        body = body_of(response)
        if completed.error is not None:
            raise failure(completed.error, body, self.about, error_type=completed.error_type)
        return self.operation.parse(body, self.about)

    def cancel(self, timeout: float | None = None) -> Flow[bool]:
        """Ask the server to cancel the job; return `False` if it is already over.

        Raises:
            NotFoundError: the server knows no such job.
        """
        call = Call("PUT", self.cancel_url, about=self.about)
        response = yield from exchange(call, Deadline(timeout))
        if json_object(body_of(response)).get("status") == "ALREADY_COMPLETED":
            return False
        if not response.is_success:
            raise api_error(response, self.about)
        logger.info("%s: cancelled", self.about)
        return True

    def cancelled_if_interrupted(self, flow: Flow[T]) -> Flow[T]:
        """Run `flow`, and cancel the job if the caller stops waiting for it.

        That is Ctrl-C, the cancellation of a task, the caller's timeout, or an exception of a
        callback. An error on the server or on the way to it leaves the job to be taken up again.
        """
        try:
            return (yield from flow)
        except BaseException as error:
            if not isinstance(error, FalError) or isinstance(error, ClientTimeoutError):
                try:
                    yield from self.cancel(_CANCEL_TIMEOUT)
                except FalError as failed:
                    logger.warning("%s; it may still be running", failed)
            raise

    def _status_url(self, with_logs: bool, suffix: str = "") -> str:
        path, _, query = self.status_url.partition("?")
        return f"{path}{suffix}?{f'{query}&' if query else ''}logs={int(with_logs)}"


def known_job(operation: Operation[Output], request_id: str) -> Job[Output]:
    """Return the job with the addresses that fal gives out, which drop an id's sub-path."""
    segments = operation.endpoint_id.split("/")
    app = "/".join(segments[: 3 if segments[0] in _NAMESPACES else 2])
    base = f"{operation.addresses.queue}/{app}/requests/{quote(request_id, safe='')}"
    return Job(operation, request_id, f"{base}/status", base, f"{base}/cancel")


def accepted_job(operation: Operation[Output], answer: dict[str, Any]) -> Job[Output]:
    """Return the job that the answer to a submission describes.

    Addresses elsewhere than on the configured origin are not used: a proxy may pass on fal's own,
    and the key goes nowhere but where it was configured to.
    """
    job = known_job(operation, answer["request_id"])

    def given(name: str, known: str) -> str:
        url = answer.get(name)
        is_ours = isinstance(url, str) and same_origin(url, operation.addresses.queue)
        return str(url) if is_ours else known

    return replace(
        job,
        status_url=given("status_url", job.status_url),
        response_url=given("response_url", job.response_url),
        cancel_url=given("cancel_url", job.cancel_url),
    )


def _pauses() -> Iterator[float]:
    pause, elapsed = _FIRST_PAUSE, 0.0
    while True:
        yield pause
        elapsed += pause
        pause = min(pause * _GROWTH, max(_CEILING, elapsed * _SHARE), _LAST_CEILING)
