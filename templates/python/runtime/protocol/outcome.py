"""How one request of a batch ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, NoReturn, TypeAlias

from ..errors import FalError
from .operation import Output

if TYPE_CHECKING:
    from ..request import Request


@dataclass(frozen=True)
class Succeeded(Generic[Output]):
    """A request of a batch that has an output."""

    index: int
    """The request's place in the batch, from 0."""
    request: Request[Output]
    output: Output
    error: None = None

    def result(self) -> Output:
        """Return the output."""
        return self.output


@dataclass(frozen=True)
class Failed(Generic[Output]):
    """A request of a batch that ended with an error."""

    index: int
    """The request's place in the batch, from 0."""
    request: Request[Output] | None
    """`None` if the row is not valid input, so that there is no request."""
    error: FalError
    output: None = None

    def result(self) -> NoReturn:
        """Raise the error."""
        raise self.error.with_traceback(None)


Outcome: TypeAlias = Succeeded[Output] | Failed[Output]
"""How one request of a batch ended: its `output` if its `error` is `None`, else its `error`.

`result()` returns the output or raises the error.
"""
