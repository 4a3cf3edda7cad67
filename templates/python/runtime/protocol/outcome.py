"""The outcome of one request, from a batch or on its own."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, NoReturn, TypeAlias

from ..errors import ConfigurationError, FalError, ValidationError
from ..response_details import ResponseDetails
from .bound_endpoint import OutputT
from .job import Result

if TYPE_CHECKING:
    from ..request import Request


@dataclass(frozen=True)
class Succeeded(Generic[OutputT]):
    """The outcome of a request with an output."""

    index: int
    """The index of the request in its batch, from 0; 0 without a batch."""
    request: Request[OutputT] | None
    """The request; `None` for a handle, which does not know it."""
    output: OutputT
    response: ResponseDetails
    """The details of the response with the output: what it cost, how long it took."""
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
    """The index of the request in its batch, from 0; 0 without a batch."""
    request: Request[OutputT] | None
    """The request; `None` if the row is not valid input, and for a handle."""
    error: FalError
    output: None = None

    @property
    def response(self) -> ResponseDetails | None:
        """The details of the response that the error comes from; `None` without a response."""
        return self.error.response

    def result(self) -> NoReturn:
        """Raise the error."""
        raise self.error.with_traceback(None)


Outcome: TypeAlias = Succeeded[OutputT] | Failed[OutputT]
"""How one request ended: its `output` if its `error` is `None`, else its `error`.

`result()` returns the output or raises the error. `response` has the details of the response.
"""


async def outcome_of(
    flow: Awaitable[Result[OutputT]], request: Request[OutputT] | None
) -> Outcome[OutputT]:
    """Return how a flow ended.

    Raises:
        ConfigurationError, ValidationError: The caller made a mistake, and nothing was sent.
    """
    try:
        result = await flow
    except (ConfigurationError, ValidationError):
        raise
    except FalError as error:
        return Failed(0, request, error)
    return Succeeded(0, request, result.value, result.response)
