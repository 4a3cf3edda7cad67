"""The outcome of one request of a batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, NoReturn, TypeAlias

from ..errors import FalError
from .bound_endpoint import OutputT

if TYPE_CHECKING:
    from ..request import Request


@dataclass(frozen=True)
class Succeeded(Generic[OutputT]):
    """The outcome of a request with an output."""

    index: int
    """The index of the request in the batch, from 0."""
    request: Request[OutputT]
    output: OutputT
    error: None = None

    def result(self) -> OutputT:
        """Return the output.

        Example:
            ```python
            from fal_endpoints import Fal

            endpoint = Fal().fal_ai.pika.v2_2.image_to_video
            rows = [{"image_url": "https://example.com/a.png", "prompt": "It waves"}]
            outputs = [outcome.result() for outcome in endpoint.map(rows)]
            ```
        """
        return self.output


@dataclass(frozen=True)
class Failed(Generic[OutputT]):
    """The outcome of a request that failed."""

    index: int
    """The index of the request in the batch, from 0."""
    request: Request[OutputT] | None
    """The request; `None` if the row is not valid input."""
    error: FalError
    output: None = None

    def result(self) -> NoReturn:
        """Raise the error."""
        raise self.error.with_traceback(None)


Outcome: TypeAlias = Succeeded[OutputT] | Failed[OutputT]
"""The outcome of one request of a batch: its `output` if its `error` is `None`, else its `error`.

`result()` returns the output or raises the error.
"""
