"""A job in fal's queue: watching it, fetching its result, and cancelling it."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Generic, Literal
from urllib.parse import quote

import httpx

from ..errors import ConnectionFailed, Subject, UnexpectedResponse
from ..json_values import json_object
from ..log import logger
from ..response_details import ResponseDetails, ResponseHeaders
from ..text import short
from ..transport.io import NEVER, Deadline, HttpRequest, Io, Policy
from ..transport.sse import EventParser
from ..transport.urls import is_url, same_origin
from .acceptance import is_pending
from .bound_endpoint import BoundEndpoint, OutputT
from .endpoint_id import app_of
from .policies import FOLLOW, READ, RESULT, SILENCE, STATUS
from .request_id import check_request_id
from .responses import body_of, checked, fail, failure, interpreted
from .retry import ask, deliver
from .status import Completed, InProgress, LogEntry, Queued, Status, parse_status
from .subjects import details_of

# Without a stream of states, the status is requested less and less often: the pauses, in seconds,
# grow by a factor up to a tenth of the job's time so far, within bounds.
_GROWTH, _SHARE, _CEILING, _LAST_CEILING = 3.0, 0.1, 1.25, 5.0


@dataclass
class Watch:
    """How a job is watched, and the state reported last."""

    deadline: Deadline = NEVER
    with_logs: bool = False
    on_status: Callable[[Status], object] | None = None
    """Called with each new state."""
    follow: bool = True
    """Whether to use the server's stream of states, if it has one."""
    is_new: bool = False
    """Whether the job was just submitted, so it is probably still running."""
    reported: Status | None = None
    reported_lines: int = 0
    started_at: float | None = None
    """When the job was first seen to run, on the monotonic clock; `None` if its start was not
    seen."""
    _awaits_start: bool = field(default=False, init=False)

    @property
    def is_over(self) -> bool:
        """Return whether the server reported the end; errors before that are not the job's."""
        return isinstance(self.reported, Completed)

    def news(self, status: Status, *, streamed: bool) -> Iterator[Status]:
        """Yield a state if it is new, with its new log lines.

        A streamed state has only new lines; a response to a status request has all lines so far.
        """
        state, lines = status, list[LogEntry]()
        if isinstance(status, (InProgress, Completed)):
            lines = status.logs if streamed else status.logs[self.reported_lines :]
            self.reported_lines += len(lines)
            state = replace(status, logs=[]) if status.logs else status
            status = replace(state, logs=lines) if lines else state
        self._notice_start(state)
        is_news, self.reported = bool(lines) or state != self.reported, state
        if is_news:
            yield status

    def _notice_start(self, state: Status) -> None:
        """Note when the job starts, unless it may have started before the first state."""
        if self.reported is None:
            self._awaits_start = self.is_new or isinstance(state, Queued)
        if self._awaits_start and isinstance(state, InProgress):
            self.started_at, self._awaits_start = time.monotonic(), False


@dataclass(frozen=True)
class Result(Generic[OutputT]):
    """The result of a job, with the details of the response that it came in."""

    value: OutputT
    response: ResponseDetails


@dataclass(frozen=True)
class Job(Generic[OutputT]):
    """A request in the queue, with its URLs."""

    endpoint: BoundEndpoint[OutputT]
    request_id: str
    status_url: str
    response_url: str
    cancel_url: str
    accepted_at: float | None = None
    """When this process received the response to the submission, on the monotonic clock."""

    @cached_property
    def subject(self) -> Subject:
        """The subject of messages and errors."""
        return self.endpoint.subject(self.request_id)

    async def status(self, io: Io, *, with_logs: bool, deadline: Deadline = NEVER) -> Status:
        """Return the present status."""
        url = self._status_url(with_logs)
        request = self._request("GET", url)
        return interpreted(
            parse_status, body_of(await ask(io, request, STATUS, deadline)), self.subject
        )

    async def states(self, io: Io, watch: Watch) -> AsyncGenerator[Status, None]:
        """Yield each new state; the last is `Completed`.

        The server's stream reports each state at once, and costs one request. Without a stream,
        this requests the status now and then.
        """
        if watch.follow and watch.deadline.remaining(self.subject) > SILENCE:
            async with aclosing(self._follow(io, watch)) as states:
                async for state in states:
                    yield state
                    if isinstance(state, Completed):
                        return
        is_new = watch.is_new and watch.reported is None
        for pause in _pauses(io.tuning.status_pause, is_new=is_new):
            await io.sleep(min(pause, watch.deadline.remaining(self.subject)))
            status = await self.status(io, with_logs=watch.with_logs, deadline=watch.deadline)
            for news in watch.news(status, streamed=False):
                yield news
            if isinstance(status, Completed):
                return

    async def _follow(self, io: Io, watch: Watch) -> AsyncGenerator[Status, None]:
        """Yield new states from the stream, until the job or the stream ends.

        A stream may stay open without news of a job that is over, so the status is requested after
        each minute without news.
        """
        url = self._status_url(watch.with_logs, "/stream")
        request = self._request("GET", url)
        try:
            response = await deliver(io, request, FOLLOW, watch.deadline)
        except ConnectionFailed:
            return
        is_stream = response.headers.get("content-type", "").startswith("text/event-stream")
        if not (is_stream and response.is_success):
            return
        events, heard = EventParser(io.tuning.longest_event), time.monotonic()
        # Nothing ends a read of a silent stream early, so no stream is read close to the deadline.
        while watch.deadline.remaining(self.subject) > SILENCE:
            try:
                piece = await io.read(response)
                bodies = [json.loads(event) for event in events.feed(piece)]
                states = [parse_status(body) for body in bodies if self._is_mine(body)]
            except (httpx.RequestError, ValueError, RecursionError):
                return
            for status in states:
                if isinstance(status, Completed):
                    await io.finish(response, watch.deadline.end)
                for news in watch.news(status, streamed=True):
                    heard = time.monotonic()
                    yield news
            if not piece:
                return
            if time.monotonic() - heard >= io.tuning.without_news:
                status = await self.status(io, with_logs=watch.with_logs, deadline=watch.deadline)
                heard = time.monotonic()
                for news in watch.news(status, streamed=False):
                    yield news
                if isinstance(status, Completed):
                    await io.finish(response, watch.deadline.end)
                    return

    async def result(self, io: Io, watch: Watch) -> Result[OutputT]:
        """Wait until the job is over, and return its result."""
        return self.typed(await self.payload(io, watch))

    def typed(self, payload: Result[Any]) -> Result[OutputT]:
        """Return a result with its JSON as the endpoint's output."""
        subject = self.subject._replace(response=payload.response)
        return Result(self.endpoint.parse(payload.value, subject), payload.response)

    async def payload(self, io: Io, watch: Watch) -> Result[Any]:
        """Wait until the job is over, and return its result as JSON."""
        state: Status | None = None
        async with aclosing(self.states(io, watch)) as states:
            async for state in states:
                if watch.on_status is not None:
                    await io.notify(watch.on_status, state)
        assert isinstance(state, Completed)
        times = (state.inference_time, self._queue_time(watch))
        if state.state != "COMPLETED":  # a third party's state: the job may have no result
            body = {"status": state.state, "error": state.error, "metrics": state.metrics}
            details = ResponseDetails(self.request_id, 200, ResponseHeaders(), *times)
            subject = self.subject._replace(response=details)
            raise failure(str(state.error), body, subject, error_type=state.error_type)
        request = self._request("GET", self.response_url)
        # The result of a failed job is an error with more details than the status.
        response = await deliver(io, request, RESULT, watch.deadline)
        details = details_of(response, self.request_id, *times)
        subject = self.subject._replace(response=details)
        if not response.is_success:
            fail(response, subject)
        body = body_of(response)
        if is_pending(response):
            message = "the job is over, but the server does not have its result yet: try again"
            raise UnexpectedResponse(message, body, subject)
        if state.error is not None:
            raise failure(
                state.error,
                body,
                subject,
                headers=response.headers,
                error_type=state.error_type,
            )
        return Result(body, details)

    def _queue_time(self, watch: Watch) -> float | None:
        """Return the seconds between the submission and the start, if both were seen."""
        if watch.started_at is None or self.accepted_at is None:
            return None
        return watch.started_at - self.accepted_at

    async def cancel(self, io: Io, policy: Policy = READ, deadline: Deadline = NEVER) -> bool:
        """Ask the server to cancel the job, and return whether it does."""
        response = await deliver(io, self._request("PUT", self.cancel_url), policy, deadline)
        if response.status_code == 400:  # recorded for running jobs too, with only a `detail`
            body = json_object(body_of(response))
            if body.get("status") != "ALREADY_COMPLETED":
                logger.warning("%s: not cancelled (%s)", self.subject, short(body.get("detail")))
            return False
        checked(response, self.subject)
        logger.info("%s: cancelled", self.subject)
        return True

    def _is_mine(self, event: object) -> bool:
        """Return whether an event of the stream is about this job, or names none."""
        return json_object(event).get("request_id") in (None, self.request_id)

    def _request(self, method: Literal["GET", "PUT"], url: str) -> HttpRequest:
        key = self.endpoint.connection.key_for(url, self.subject)
        return HttpRequest(method, url, auth=key, subject=self.subject)

    def _status_url(self, with_logs: bool, suffix: str = "") -> str:
        path, _, query = self.status_url.partition("?")
        return f"{path}{suffix}?{f'{query}&' if query else ''}logs={1 if with_logs else 0}"


def known_job(endpoint: BoundEndpoint[OutputT], request_id: str) -> Job[OutputT]:
    """Return the job with the URLs that fal uses, which leave out the sub-path of an id.

    Raises:
        ValidationError: `request_id` cannot be an id, and might lead to another URL.
    """
    check_request_id(request_id, endpoint.subject())
    url = _request_url(endpoint, request_id)
    return Job(endpoint, request_id, f"{url}/status", url, f"{url}/cancel")


def accepted_job(
    endpoint: BoundEndpoint[OutputT], request_id: str, body: dict[str, Any]
) -> Job[OutputT]:
    """Return the job that the response to a submission describes.

    Only URLs of the configured origin are used: a proxy may pass on fal's own, and the key is sent
    to configured origins only.
    """
    queue, known = endpoint.connection.addresses.queue, _request_url(endpoint, request_id)

    def usable(name: str, default: str) -> str:
        url = body.get(name)
        if url == default:  # as fal answers; parsing a URL is slow
            return default
        return url if isinstance(url, str) and is_url(url) and same_origin(url, queue) else default

    return Job(
        endpoint,
        request_id,
        usable("status_url", f"{known}/status"),
        usable("response_url", known),
        usable("cancel_url", f"{known}/cancel"),
        accepted_at=time.monotonic(),
    )


def _request_url(endpoint: BoundEndpoint[Any], request_id: str) -> str:
    """Return the URL of a request, which leaves out the sub-path of the endpoint."""
    queue, app = endpoint.connection.addresses.queue, app_of(endpoint.endpoint_id)
    return f"{queue}/{app}/requests/{quote(request_id, safe='')}"


def _pauses(pause: float, *, is_new: bool) -> Iterator[float]:
    """Yield the seconds before each status request; 0 before the first unless the job is new."""
    if not is_new:
        yield 0.0
    elapsed = 0.0
    while True:
        yield pause
        elapsed += pause
        pause = min(pause * _GROWTH, max(_CEILING, elapsed * _SHARE), _LAST_CEILING)
