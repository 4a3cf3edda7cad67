"""What a command such as `run` does with a request; the form of the endpoint makes the request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from .exit_codes import ExitCode
from .session import Session

if TYPE_CHECKING:
    from ..request import Request


@dataclass(frozen=True)
class Action:
    """What a command does with a request to an endpoint."""

    name: str
    summary: str
    run: Callable[[Session, Request[Any], Mapping[str, Any]], ExitCode]
    """Called with the values of `options`."""
    options: Callable[[], Sequence[click.Option]] = tuple
    """The options of the command itself."""
