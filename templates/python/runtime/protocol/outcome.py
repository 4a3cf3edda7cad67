"""The outcome of one request of a batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, NoReturn, TypeAlias

from ..errors import FalError
from .operation import Output

if TYPE_CHECKING:
    from ..request import Request


@dataclass(frozen=True)
class Succeeded(Generic[Output]):
    """The outcome of a request with an output."""

    index: int
    """The index of the request in the batch, from 0."""
    request: Request[Output]
    output: Output
    error: None = None

    def result(self) -> Output:
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
class Failed(Generic[Output]):
    """The outcome of a request that failed."""

    index: int
    """The index of the request in the batch, from 0."""
    request: Request[Output] | None
    """The request; `None` if the row is not valid input."""
    error: FalError
    output: None = None

    def result(self) -> NoReturn:
        """Raise the error."""
        raise self.error.with_traceback(None)


Outcome: TypeAlias = Succeeded[Output] | Failed[Output]
"""The outcome of one request of a batch: its `output` if its `error` is `None`, else its `error`.

`result()` returns the output or raises the error.
"""
