"""Commands with a form for each declared endpoint, such as `run ID --prompt …`."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import click
from click.shell_completion import CompletionItem
from pydantic import BaseModel

from ..descriptions import descriptions
from ..endpoint import Endpoint
from ..json_values import json_object
from ..request import Request
from ..text import line
from .arguments import ArgumentOption, argument_options, flags_of, given_arguments
from .exit_codes import ExitCode
from .failures import named_as_options
from .session import CommandError, Session, session_of
from .values import STDIN

_LONGEST_TEXT = 2000
INPUT = "input_file"


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


class EndpointCommand(click.Command):
    """A command for one endpoint. Its `--help` has what the endpoint's page has."""

    def __init__(self, endpoint: Endpoint[Any, Any], action: Action) -> None:
        own = [_input_option(), *action.options()]
        taken = {flag for option in own for flag in option.opts} | {"--help"}
        types = endpoint.types
        arguments = argument_options(types.input, taken)
        super().__init__(
            endpoint.endpoint_id,
            params=[*arguments, *own],
            help=_paragraphs(inspect.getdoc(type(endpoint)) or ""),
            short_help=action.summary,
        )
        self._endpoint = endpoint
        self._types = types
        self._action = action

    def invoke(self, ctx: click.Context) -> ExitCode:
        """Make the request, and do with it what the command is for."""
        session = session_of(ctx)
        if self._types.deprecation:
            session.reporter.line(f"warning: {self._types.deprecation}")
        flags = flags_of(self)
        with named_as_options(flags, ctx.command_path):
            base = _read_input(ctx.params[INPUT])
            request = self._endpoint.bind(**given_arguments(self, ctx.params, base))
            return self._action.run(session, request, ctx.params)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the arguments, the options of the command, the result and the address."""
        arguments: list[tuple[str, str]] = []
        options: list[tuple[str, str]] = []
        for param in self.get_params(ctx):
            if (record := param.get_help_record(ctx)) is not None:
                (arguments if isinstance(param, ArgumentOption) else options).append(record)
        result = _fields(self._types.output)
        for title, records in ("Arguments", arguments), ("Options", options), ("Result", result):
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)
        with formatter.section("Documentation"):
            formatter.write_text(f"https://fal.ai/models/{self._endpoint.endpoint_id}")


def output_option() -> click.Option:
    """Return the option that downloads the files of a result."""
    return click.Option(
        ["output", "-o", "--output"],
        type=click.Path(path_type=Path),
        metavar="PATH",
        help="Download the result's file to PATH, which is replaced if it exists. Several files "
        "are numbered: out-1.png, out-2.png. In a folder, they get free names.",
    )


def _input_option() -> click.Option:
    return click.Option(
        [INPUT, "--input"],
        metavar="FILE",
        help="Read arguments from a JSON file, or from standard input with `-`. Options replace "
        "its values. Its strings are never local files.",
    )


def _read_input(path: str | None) -> dict[str, object]:
    """Return the arguments in a JSON file."""
    if path is None:
        return {}
    try:
        content = sys.stdin.buffer.read() if path == STDIN else Path(path).read_bytes()
    except OSError as error:
        raise CommandError(f"--input {path}: {error.strerror}", "pass a JSON file") from error
    try:
        arguments: object = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise CommandError(f"--input {path}: not JSON ({error})", _EXPECTED) from error
    if isinstance(arguments, dict):
        return json_object(cast("object", arguments))
    raise CommandError(f"--input {path}: not a JSON object", _EXPECTED)


_EXPECTED = 'write an object of arguments, such as {"prompt": "It waves"}'


def _fields(output: object) -> list[tuple[str, str]]:
    """Return the fields of an output with their descriptions."""
    if not (isinstance(output, type) and issubclass(output, BaseModel)):
        return []
    described = descriptions(output)
    return [(name, _line(described.get(name, ""))) for name in output.model_fields]


def _paragraphs(text: str) -> str:
    """Return text of a document for a terminal, with its paragraphs."""
    return "\n\n".join(map(_line, text.split("\n\n")))


def _line(text: str) -> str:
    return line(" ".join(text.split()), _LONGEST_TEXT)
