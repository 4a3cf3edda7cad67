"""The commands, and how each of them ends."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import click

from ..client import Client
from ..request import Request
from ..settle import main as settle_ledger
from . import failures
from .endpoint_commands import Action, EndpointGroup, output_option
from .exit_codes import ExitCode
from .results import print_json
from .session import Session, session_of


def run(client: type[Client], program: str, arguments: Sequence[str]) -> int:
    """Run a command, and return its exit code. No error leaves it as a traceback."""
    session = Session(client, program)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # commands show it as a line
            ended = commands.main(
                list(arguments),
                prog_name=program,
                complete_var=_completion_variable(program),
                standalone_mode=False,
                obj=session,
            )
            return int(ended or ExitCode.SUCCESS)
    except (click.Abort, KeyboardInterrupt):
        session.reporter.line("interrupted")
        return ExitCode.INTERRUPTED
    except Exception as error:
        return failures.report(error, session)


class _Commands(click.Group):
    """The commands in the order of their use, not of the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(cls=_Commands, context_settings={"max_content_width": 100})
def commands() -> None:
    """Call fal's endpoints from a shell.

    Results are JSON on standard output. Progress, logs and errors are on standard error. The key is
    read from FAL_KEY.
    """


@commands.command("list")
@click.pass_context
def list_(ctx: click.Context) -> None:
    """Print the ids of the endpoints."""
    for endpoint_id in session_of(ctx).endpoint_ids:
        click.echo(endpoint_id)


def _run(session: Session, request: Request[Any], options: Mapping[str, Any]) -> ExitCode:
    from . import jobs  # here, because completion does not need rich

    return jobs.run(session, request, options["output"])


def _submit(session: Session, request: Request[Any], options: Mapping[str, Any]) -> ExitCode:
    with session.reporter.waiting("sending the request") as wait:
        handle = request.submit(on_upload_progress=wait.show_progress)
    print_json({"endpoint_id": handle.endpoint_id, "request_id": handle.request_id})
    return ExitCode.SUCCESS


commands.add_command(
    EndpointGroup(
        Action(
            "run",
            "Call an endpoint, wait, and print its result.",
            _run,
            lambda: [output_option()],
        )
    )
)
commands.add_command(
    EndpointGroup(Action("submit", "Put a request into the queue, and print its id.", _submit))
)


@commands.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    short_help="Settle the uncertain requests of a batch.",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def settle(arguments: tuple[str, ...]) -> int:
    """List and settle the requests of a batch that were sent and not answered."""
    return settle_ledger(["settle", *arguments])  # without this extra, it works too


def _completion_variable(program: str) -> str:
    return f"_{program.replace('-', '_').upper()}_COMPLETE"
