"""HTTP requests, how they are sent, and the `Io` that flows send them through.

The protocol is written once, as coroutines over an `Io`: its flows. `blocking` and `event_loop`
each have an `Io`. A flow passes each `HttpRequest`, with its `Policy`, to `protocol.retry.deliver`,
which calls `Io.send` once for each attempt. CONTRIBUTING.md of fal-codegen ("Where to look")
follows `request.subscribe()` from the call to the first byte.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from enum import Enum
from math import inf
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, NoReturn, Protocol, TypeAlias, TypeVar

import httpx

from ..errors import NOTHING, ClientTimeoutError, Subject
from ..text import line
from ..tuning import Tuning
from .permit import Permit

T = TypeVar("T")

AT_ONCE = 10
"""The most flows of `Io.gather` that run at the same time: fal-client sends as many parts."""
MOMENT = 0.1
"""Seconds to wait for the end of a stream after its last event."""
LONGEST_WAIT = 1e6
"""Seconds of a longer limit are no limit: some systems cannot wait for 25 days."""


OnSent: TypeAlias = Callable[[int], object]
"""Takes how many bytes of a body have been sent; on an event loop, its result is awaited if it is
awaitable."""


class HttpRequest(NamedTuple):
    """One HTTP request."""

    method: Literal["GET", "POST", "PUT", "DELETE"]
    url: str
    headers: Mapping[str, str] = MappingProxyType({})
    body: bytes | Callable[[], Iterator[bytes]] = b""
    """The body, or a function that opens it for each attempt: a file too large for memory."""
    auth: httpx.Auth | None = None
    """Adds the credentials at the last moment."""
    subject: Subject = NOTHING
    on_sent: OnSent | None = None
    """Called after each piece of a body that is opened for each attempt."""

    def __str__(self) -> str:
        """Return the request for a message, without the query, which may hold a signature."""
        return f"{self.method} {self.url.partition('?')[0]}"


@dataclass(frozen=True, eq=False)
class HttpResponse:
    """The response to one HTTP request."""

    status_code: int
    reason_phrase: str
    headers: httpx.Headers
    content: bytes = b""
    """The decoded body; empty if it is streamed."""

    def __str__(self) -> str:
        """Return the status for a message."""
        return line(f"{self.status_code} {self.reason_phrase}")

    @property
    def is_success(self) -> bool:
        """Return whether the status is a 2xx."""
        return 200 <= self.status_code < 300


class Verdict(Enum):
    """What a response proves about the request."""

    ACCEPTED = "accepted"
    """The server acted on it."""
    REJECTED = "rejected"
    """The server did not act on it, and would not if it were sent again."""
    TURNED_AWAY = "turned away"
    """Sending it again does no harm, and may help."""
    UNCERTAIN = "uncertain"
    """The server may have acted on it, so it must not be sent again."""


@dataclass(frozen=True)
class Policy:
    """How a kind of request is sent, and when it is sent again."""

    judge: Callable[[HttpResponse], Verdict]
    attempts: float = inf
    """How often it is sent at most, if the client's `Retries` do not say less."""
    once: bool = False
    """Whether acting on it twice does harm: it starts, and bills, a second job."""
    timeout: float | None = None
    """Seconds for one network operation, at most the client's own timeout, which is the default.
    `inf` waits for as long as the server takes."""
    streamed: bool = False
    """Whether the body of a success is left to be read with `Io.read`."""
    shielded: bool = False
    """Whether an interruption waits for the response, and is raised at the next step after it."""


class CallbackFailed(BaseException):
    """Carries an exception of the caller's own function past what handles failed requests."""

    def __init__(self, error: Exception) -> None:
        super().__init__(error)
        self.error = error


class Unacceptable(httpx.RequestError):
    """A request or response that this client rejects each time."""


class Io(Protocol):
    """Carries out what a flow asks for: blocking, or on an event loop."""

    is_blocking: bool
    """Whether nothing else runs in the thread while a flow waits."""
    tuning: Tuning
    """The waits and sizes of its client."""

    async def send(
        self, request: HttpRequest, policy: Policy, end: float = inf, permit: Permit | None = None
    ) -> HttpResponse:
        """Send a request once; the response is read to its end unless the policy streams it.

        Args:
            request: The request.
            policy: How it is sent.
            end: When the response has to be complete, on the monotonic clock.
            permit: Used right before the body is handed to the transport.
        """
        ...

    async def read(self, response: HttpResponse, end: float = inf) -> bytes:
        """Return the next bytes of a streamed response; none at its end.

        Raises:
            httpx.ReadTimeout: None came before `end`, on the monotonic clock.
        """
        ...

    async def finish(self, response: HttpResponse, end: float = inf) -> None:
        """Close a streamed response that may end at any moment.

        If its end comes at once, the connection is kept for other requests.

        Args:
            response: The response.
            end: When its caller stops waiting, on the monotonic clock.
        """
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...

    async def notify(self, function: Callable[[Any], object], argument: object) -> None:
        """Call the caller's function; on an event loop, await its result if it is awaitable."""
        ...

    async def offload(self, function: Callable[[], T]) -> T:
        """Call a function that waits for the disk; on an event loop, in a thread."""
        ...

    async def wait(self, future: Future[T]) -> T:
        """Return the result of another flow's future."""
        ...

    async def gather(self, flows: Iterable[Callable[[Io], Coroutine[Any, Any, T]]]) -> list[T]:
        """Run flows at the same time; the first to fail ends the others."""
        ...


class Deadline:
    """When the caller stops waiting: after some seconds, or never."""

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds
        if seconds is None or seconds >= LONGEST_WAIT:
            self.end = inf
        else:
            self.end = time.monotonic() + seconds

    def remaining(self, subject: Subject) -> float:
        """Return the seconds left. Raises ClientTimeoutError when none are."""
        left = self.end - time.monotonic()
        if left <= 0:
            raise ClientTimeoutError(f"not completed within {self._seconds} seconds", subject)
        return left


NEVER = Deadline(None)


def too_late() -> NoReturn:
    """Raise the error that httpx would, if it had a timeout for complete responses."""
    raise httpx.ReadTimeout("no complete response in time")
