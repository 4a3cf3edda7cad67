"""The commands, and how each of them ends.

A command imports what it needs when it is called, because completion is to be quick.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem, get_completion_class

from .action import Action
from .endpoint_group import EndpointGroup
from .exit_codes import ExitCode
from .headers import header_option
from .session import Session, session_of
from .standard_input import STDIN, read_stdin

if TYPE_CHECKING:
    from ..client import Client
    from ..request import Request


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
        from .failures import report

        return report(error, session)


def _output_option() -> click.Option:
    """Return the option that downloads the files of a result."""
    return click.Option(
        ["output", "-o", "--output"],
        type=click.Path(path_type=Path),
        callback=_writable,
        metavar="PATH",
        help="Download the result's file to PATH, which is replaced if it exists. Several files "
        "are numbered: out-1.png, out-2.png. In a folder, they get free names.",
    )


def _writable(ctx: click.Context, param: click.Parameter, path: Path | None) -> Path | None:
    """Reject a path that cannot be written, before the result is paid for."""
    if path is not None:
        folder = path if path.is_dir() else path.parent
        if not (folder.is_dir() and os.access(folder, os.W_OK)):
            raise click.BadParameter(f"{folder} is not a folder that can be written", ctx, param)
    return path


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
    from . import jobs

    return jobs.run(session, request, options["output"], options["headers"])


def _submit(session: Session, request: Request[Any], options: Mapping[str, Any]) -> ExitCode:
    from . import jobs

    return jobs.submit(session, request, options["headers"])


commands.add_command(
    EndpointGroup(
        Action(
            "run",
            "Call an endpoint, wait, and print its result. Ctrl-C cancels the job.",
            _run,
            lambda: [header_option(), _output_option()],
        )
    )
)
commands.add_command(
    EndpointGroup(
        Action(
            "submit",
            "Put a request into the queue, and print its id.",
            _submit,
            lambda: [header_option()],
        )
    )
)


def _ids(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    ids = session_of(ctx).endpoint_ids
    return [CompletionItem(name) for name in ids if name.startswith(incomplete)]


_endpoint_id = click.argument("endpoint_id", metavar="ID", shell_complete=_ids)
_request_id = click.argument("request_id", metavar="REQUEST_ID")


@commands.command()
@_endpoint_id
@_request_id
@click.pass_context
def status(ctx: click.Context, endpoint_id: str, request_id: str) -> ExitCode:
    """Print the state of a request as JSON, and its logs on standard error."""
    from . import jobs

    session = session_of(ctx)
    return jobs.show_status(session, session.declared(endpoint_id).handle(request_id))


@commands.command(params=[_output_option()])
@_endpoint_id
@_request_id
@click.pass_context
def result(ctx: click.Context, endpoint_id: str, request_id: str, output: Path | None) -> ExitCode:
    """Wait for a request, and print its result. Ctrl-C leaves the job running."""
    from . import jobs

    session = session_of(ctx)
    return jobs.fetch(session, session.declared(endpoint_id).handle(request_id), output)


@commands.command()
@_endpoint_id
@_request_id
@click.pass_context
def cancel(ctx: click.Context, endpoint_id: str, request_id: str) -> ExitCode:
    """Ask fal to cancel a request, and print whether it does."""
    from . import jobs

    session = session_of(ctx)
    return jobs.cancel(session.declared(endpoint_id).handle(request_id))


class _Count(click.IntRange):
    name = "number"  # in messages


class _Amount(click.FloatRange):
    name = "amount, such as 2.50"


@commands.command("map", params=[header_option()])
@_endpoint_id
@click.argument("rows", metavar="ROWS", type=click.Path())
@click.option(
    "--ledger",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Record the requests in FILE, so that the same command continues after an interruption "
    "and submits nothing twice.",
)
@click.option(
    "--concurrency",
    type=_Count(1),
    default=16,
    show_default=True,
    help="The number of jobs at a time.",
)
@click.option(
    "--retry",
    type=click.Choice(["retryable", "failed"]),
    default="retryable",
    show_default=True,
    help="Which failed requests of an earlier run are sent again.",
)
@click.option(
    "--max-cost",
    type=_Amount(0),
    metavar="USD",
    help="The most that the batch may cost. A request that does not fit is not submitted.",
)
@click.pass_context
def map_(ctx: click.Context, /, endpoint_id: str, rows: str, **options: Any) -> ExitCode:
    """Call an endpoint for each row of a file, and print a line of JSON for each outcome.

    ROWS is a CSV file, whose first line names the arguments, or a .jsonl file with an object of
    arguments on each line; `-` reads such lines from standard input. Strings of rows are never
    local files: upload those first.
    """
    from . import batch

    session = session_of(ctx)
    return batch.run(session, session.declared(endpoint_id), rows, **options)


@commands.command()
@click.argument("file", metavar="FILE", type=click.Path(allow_dash=True))
@click.pass_context
def upload(ctx: click.Context, file: str) -> ExitCode:
    """Upload a file to fal's storage, and print its URL. `-` is standard input."""
    from .failures import named_as_options

    session = session_of(ctx)
    source = read_stdin() if file == STDIN else Path(file)
    with (
        named_as_options({"source": "FILE"}, ctx.command_path),
        session.reporter.waiting(f"uploading {file}") as wait,
    ):
        url = session.client.upload(source, on_progress=wait.show_progress)
    click.echo(url)
    return ExitCode.SUCCESS


@commands.command()
@_endpoint_id
@click.pass_context
def estimate(ctx: click.Context, endpoint_id: str) -> ExitCode:
    """Print what a unit of an endpoint's output costs, and what its past calls cost on average."""
    from . import prices

    session = session_of(ctx)
    return prices.show(session, session.declared(endpoint_id))


@commands.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> ExitCode:
    """Print a script that completes commands, ids and options in a shell.

    Source it in the startup file of the shell.
    """
    program = session_of(ctx).program
    complete = get_completion_class(shell)
    assert complete is not None
    click.echo(complete(commands, {}, program, _completion_variable(program)).source())
    return ExitCode.SUCCESS


@commands.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    short_help="Settle the uncertain requests of a batch.",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def settle(ctx: click.Context, arguments: tuple[str, ...]) -> int:
    """List and settle the requests of a batch that were sent and not answered."""
    from ..settle import main as settle_ledger

    session = session_of(ctx)  # without this extra, it works too
    return settle_ledger(session.program, ["settle", *arguments])


@commands.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    short_help="Offer the endpoints as tools to an agent.",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def mcp(ctx: click.Context, arguments: tuple[str, ...]) -> int:
    """Offer the endpoints as tools to an agent, by the Model Context Protocol."""
    from ..mcp_server import main as serve_tools

    session = session_of(ctx)  # without this extra, it works too
    return serve_tools(session.client_type, f"{session.program} mcp", arguments)


def _completion_variable(program: str) -> str:
    return f"_{program.replace('-', '_').upper()}_COMPLETE"
