"""What the protocol needs of the world, and the calls it makes.

The protocol is written once, as coroutines over an `Io`. `blocking` and `event_loop` each have one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from concurrent.futures import Future
from math import inf, isnan
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, Protocol, TypeVar

import httpx

from ..errors import NOTHING, ClientTimeoutError, Subject

T = TypeVar("T")


def _unnoted(sending: bool) -> None:
    pass


def _allowed() -> None:
    pass


class Call(NamedTuple):
    """One HTTP request."""

    method: Literal["GET", "POST", "PUT"]
    url: str
    headers: Mapping[str, str] = MappingProxyType({})
    body: bytes | Callable[[], Iterator[bytes]] = b""
    """The body, or what opens it anew for each attempt: a file too large to hold in memory."""
    auth: httpx.Auth | None = None
    """Adds the credentials at the last moment."""
    once: bool = False
    """Whether sending it a second time would do harm: start, and bill, a second job."""
    note: Callable[[bool], object] = _unnoted
    """Told `True` right before any of it is written, and `False` if it then certainly was not
    accepted."""
    before_writing: Callable[[], object] = _allowed
    """Called right before the body of a call that is sent `once` is handed to the transport."""
    about_a_job: bool = False
    """Whether it only asks how a job is, so that an error of fal's is never the job's own."""
    shielded: bool = False
    """Whether an interruption waits for the answer, and is raised at the next step after it."""
    streamed: bool = False
    """Whether the body of a success is left to be read with `Io.read`."""
    patient: bool = False
    """Whether the answer may take longer than the client's own timeout."""
    timeout: float | None = None
    """Seconds for each network operation, if that is less than the client's own timeout."""
    end: float = inf
    """When the answer has to be there, headers and body, on the monotonic clock."""
    about: Subject = NOTHING


class Unacceptable(httpx.RequestError):
    """What this client does not send or take, and would not if it were tried again."""


class Io(Protocol):
    """Carries out what a flow asks for: blocking, or on an event loop."""

    is_blocking: bool
    """Whether nothing else runs in the thread while a flow waits."""

    async def send(self, call: Call) -> httpx.Response:
        """Send a call; the response is read to its end unless it is streamed."""
        ...

    async def read(self, response: httpx.Response) -> bytes:
        """Read on in a streamed response; nothing at the end."""
        ...

    async def finish(self, response: httpx.Response) -> None:
        """Leave a streamed response whose end may come any moment.

        If it comes at once, the connection serves again; else it is closed.
        """
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...

    async def notify(self, function: Callable[[Any], object], argument: object) -> None:
        """Call the caller's function; on an event loop, await what it returns if that can be."""
        ...

    async def offload(self, function: Callable[[], T]) -> T:
        """Call a function that waits for the disk; on an event loop, in a thread."""
        ...

    async def wait(self, future: Future[T]) -> T:
        """Wait for what another flow is at."""
        ...

    async def gather(self, flows: Iterable[Callable[[Io], Coroutine[Any, Any, T]]]) -> list[T]:
        """Run flows at the same time; the first to fail ends the others."""
        ...


class Deadline:
    """When the caller's patience ends: so many seconds from now, or never."""

    def __init__(self, seconds: float | None) -> None:
        if seconds is not None and isnan(seconds):
            raise ValueError("client_timeout must be a number of seconds")
        self._seconds = seconds
        self.end = inf if seconds is None else time.monotonic() + seconds

    def remaining(self, about: Subject) -> float:
        """Return the seconds left. Raises ClientTimeoutError when none are."""
        left = self.end - time.monotonic()
        if left <= 0:
            raise ClientTimeoutError(f"not completed within {self._seconds} seconds", about)
        return left


NEVER = Deadline(None)
