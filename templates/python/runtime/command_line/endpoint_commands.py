"""The form of one endpoint: its arguments as options, and help like its page."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any, cast

import click

from ..documentation import Documentation, documentation_of
from ..endpoint import Endpoint
from ..json_values import json_object
from ..text import line
from ..type_hints import model_of
from .action import Action
from .arguments import ArgumentOption, argument_options, flags_of, given_arguments
from .exit_codes import ExitCode
from .failures import named_as_options
from .session import CommandError, session_of
from .standard_input import STDIN, read_stdin

_INPUT = "input_file"
"""The name of the option `--input` among the parameters."""

_LONGEST_TEXT = 2000


class EndpointCommand(click.Command):
    """A command for one endpoint. Its `--help` has what the endpoint's page has."""

    def __init__(self, endpoint: Endpoint[Any, Any], action: Action) -> None:
        own = [_input_option(), *action.options()]
        taken = {flag for option in own for flag in option.opts} | {"--help"}
        types = endpoint.types
        documentation = documentation_of(endpoint.endpoint_id)
        described = documentation.of_fields(types.input)
        arguments = argument_options(types.input, described, taken)
        super().__init__(
            endpoint.endpoint_id,
            params=[*arguments, *own],
            help="\n\n".join(map(_line, _paragraphs(documentation))),
            short_help=action.summary,
        )
        self._endpoint = endpoint
        self._types = types
        self._documentation = documentation
        self._action = action

    def invoke(self, ctx: click.Context) -> ExitCode:
        """Make the request, and do with it what the command is for."""
        session = session_of(ctx)
        if self._types.deprecation:
            session.reporter.line(f"warning: {self._types.deprecation}")
        flags = flags_of(self)
        with named_as_options(flags, ctx.command_path):
            base = _read_input(ctx.params[_INPUT], flags.values())
            request = self._endpoint.bind(**given_arguments(self, ctx.params, base))
            return self._action.run(session, request, ctx.params)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the arguments, the options of the command, the result and the address."""
        arguments: list[tuple[str, str]] = []
        options: list[tuple[str, str]] = []
        for param in self.get_params(ctx):
            if (record := param.get_help_record(ctx)) is not None:
                (arguments if isinstance(param, ArgumentOption) else options).append(record)
        result = _fields(self._types.output, self._documentation)
        for title, records in ("Arguments", arguments), ("Options", options), ("Result", result):
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)
        with formatter.section("Documentation"):
            formatter.write_text(f"https://fal.ai/models/{self._endpoint.endpoint_id}")


def _input_option() -> click.Option:
    return click.Option(
        [_INPUT, "--input"],
        metavar="FILE",
        help="Read arguments from a JSON file, or from standard input with `-`. Options replace "
        "its values. Its strings are never local files.",
    )


def _read_input(path: str | None, flags: Collection[str]) -> dict[str, object]:
    """Return the arguments in a JSON file.

    Args:
        path: The file, if there is one.
        flags: The options of the arguments, for messages.
    """
    if path is None:
        return {}
    is_argument = "--input-argument" in flags
    or_argument = "; for the argument `input`, use --input-argument" if is_argument else ""
    expected = f'write an object of arguments, such as {{"prompt": "It waves"}}{or_argument}'
    try:
        content = read_stdin() if path == STDIN else Path(path).read_bytes()
    except OSError as error:
        hint = f"pass a JSON file{or_argument}"
        raise CommandError(f"--input {path}: {error.strerror}", hint) from error
    try:
        arguments: object = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise CommandError(f"--input {path}: not JSON ({error})", expected) from error
    if isinstance(arguments, dict):
        return json_object(cast("object", arguments))
    raise CommandError(f"--input {path}: not a JSON object", expected)


def _fields(output: object, documentation: Documentation) -> list[tuple[str, str]]:
    """Return the fields of an output with their descriptions."""
    if (model := model_of(output)) is None:
        return []
    described = documentation.of_fields(model)
    return [(name, _line(described.get(name, ""))) for name in model.model_fields]


def _paragraphs(documentation: Documentation) -> list[str]:
    """Return what an endpoint is for, and its price."""
    prices = [f"Price: {documentation.price}"] if documentation.price else []
    return [*documentation.description.split("\n\n"), *prices]


def _line(text: str) -> str:
    return line(" ".join(text.split()), _LONGEST_TEXT)
