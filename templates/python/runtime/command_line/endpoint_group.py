"""Commands with a form for each declared endpoint, such as `run ID --prompt …`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from .exit_codes import ExitCode
from .session import Session, session_of

if TYPE_CHECKING:
    from ..request import Request

INPUT = "input_file"
"""The name of the option `--input` among the parameters."""


@dataclass(frozen=True)
class Action:
    """What a command does with a request to an endpoint."""

    name: str
    summary: str
    run: Callable[[Session, Request[Any], Mapping[str, Any]], ExitCode]
    """Called with the values of `options`."""
    options: Callable[[], Sequence[click.Option]] = tuple
    """The options of the command itself."""


class EndpointGroup(click.Group):
    """The forms of a command, by the id of the endpoint; only that of the called one is made."""

    def __init__(self, action: Action) -> None:
        super().__init__(
            action.name,
            help=action.summary,
            options_metavar=None,
            subcommand_metavar="ID [OPTIONS]",
        )
        self._action = action

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the ids."""
        return list(session_of(ctx).endpoint_ids)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        """Return the form for an endpoint."""
        from .endpoint_commands import EndpointCommand  # here, because completion is to be quick

        return EndpointCommand(session_of(ctx).declared(cmd_name), self._action)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the ids, without importing their endpoints."""
        with formatter.section("Endpoints"):
            for endpoint_id in self.list_commands(ctx):
                formatter.write_text(endpoint_id)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the ids that continue a word, without importing their endpoints."""
        ids = [name for name in self.list_commands(ctx) if name.startswith(incomplete)]
        options = click.Command.shell_complete(self, ctx, incomplete)
        return [*map(CompletionItem, ids), *options]
