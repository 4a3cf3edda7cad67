"""What a protocol flow may ask for.

The protocol is written once, as generators that do no I/O: a flow yields commands and is sent
their outcomes, or has their exceptions thrown into it. `drive` carries the commands out, either
blocking or on an event loop.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from math import inf, isnan
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeAlias, TypeVar

import httpx

from .errors import NOTHING, ClientTimeoutError, Subject


def _unnoted(sending: bool) -> None:
    pass


class Call(NamedTuple):
    """One HTTP request."""

    method: Literal["GET", "POST", "PUT"]
    url: str
    headers: Mapping[str, str] = MappingProxyType({})
    body: bytes | Callable[[], Iterator[bytes]] = b""
    """The body, or what opens it anew for each attempt: a file too large to hold in memory."""
    keyed: bool = True
    """Whether it carries the key."""
    once: bool = False
    """Whether sending it a second time would do harm: start, and bill, a second job."""
    note: Callable[[bool], object] = _unnoted
    """Told `True` right before it is sent, and `False` when it certainly was not accepted."""
    shielded: bool = False
    """Whether an interruption waits for the answer, and is raised at the command after it."""
    streamed: bool = False
    """Whether the body of a success is left to be read with `Read`."""
    patient: bool = False
    """Whether the answer may take longer than the client's own timeout."""
    timeout: float | None = None
    """Seconds for each network operation, if that is less than the client's own timeout."""
    end: float = inf
    """When the answer has to be there, headers and body, on the monotonic clock."""
    about: Subject = NOTHING


class Send(NamedTuple):
    """Send `call`; the outcome is the `httpx.Response`, read to its end unless it is streamed."""

    call: Call


class Read(NamedTuple):
    """Read on in a streamed response; the outcome is bytes, none at the end."""

    response: httpx.Response


class Sleep(NamedTuple):
    """Wait so many seconds."""

    seconds: float


class Notify(NamedTuple):
    """Call the caller's function; on an event loop, await what it returns if that can be."""

    function: Callable[[Any], object]
    argument: object


class Emit(NamedTuple):
    """Hand the next item to whoever iterates over the flow."""

    item: object


class Together(NamedTuple):
    """Run the flows at the same time; the outcome is their results, in any order.

    The first to fail ends the others.
    """

    flows: Sequence[Flow[Any]]


Command: TypeAlias = Send | Read | Sleep | Notify | Emit | Together

T = TypeVar("T")
Flow: TypeAlias = Generator[Command, Any, T]


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
