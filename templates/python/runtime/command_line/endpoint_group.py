"""Commands with a form for each declared endpoint, such as `run ID --prompt …`."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from .action import Action
from .session import session_of


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
