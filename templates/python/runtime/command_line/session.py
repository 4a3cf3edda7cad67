"""What the commands of one call share."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click

from ..text import did_you_mean
from .exit_codes import ExitCode

if TYPE_CHECKING:
    from ..client import Client
    from ..endpoint import Endpoint
    from .reporter import Reporter


@dataclass(frozen=True)
class Session:
    """The client and the reporter, which are made when they are used."""

    client_type: type[Client]
    program: str

    @cached_property
    def client(self) -> Client:
        """The client, with the key and the addresses of the environment."""
        return self.client_type()

    @cached_property
    def reporter(self) -> Reporter:
        """Standard error."""
        from .reporter import Reporter  # here, because completion does not need rich

        return Reporter()

    @cached_property
    def endpoint_ids(self) -> tuple[str, ...]:
        """The ids of the declared endpoints."""
        return self.client.endpoint_ids

    def command(self, *words: object) -> str:
        """Return a command to show as the next step, with its words quoted for a shell."""
        return f"`{shlex.join([self.program, *map(str, words)])}`"

    def declared(self, endpoint_id: str) -> Endpoint[Any, Any]:
        """Return a declared endpoint.

        Raises:
            CommandError: The package does not declare it.
        """
        if endpoint_id not in self.endpoint_ids:
            raise CommandError(
                f"{endpoint_id!a} is not an endpoint of this package"
                f"{did_you_mean(endpoint_id, self.endpoint_ids)}",
                f"{self.command('list')} prints the ids",
            )
        return self.client.endpoint(endpoint_id)


class CommandError(click.ClickException):
    """The command cannot be done.

    Args:
        message: What is wrong; further lines say where.
        hint: The next step.
        code: The exit code.
    """

    def __init__(
        self, message: str, hint: str | None = None, code: ExitCode = ExitCode.INVALID
    ) -> None:
        super().__init__(message)
        self.hint = hint
        self.code = code


def session_of(ctx: click.Context) -> Session:
    """Return the session of a command."""
    session = ctx.find_root().obj
    assert isinstance(session, Session)
    return session
