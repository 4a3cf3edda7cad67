"""The options of an endpoint: one for each argument, from the endpoint's own input model."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ..text import line
from ..type_hints import is_file, model_of, variants
from .values import FILE_MARK, choices, from_option, from_option_items, repeated_type

_PREFIX = "argument_"
_LONGEST_DESCRIPTION = 2000
_LONGEST_CHOICES = 60


class ArgumentOption(click.Option):
    """The option of one argument of an endpoint."""

    def __init__(self, name: str, flags: str, field: FieldInfo, description: str) -> None:
        self.argument = name
        self.wire_name = field.serialization_alias or name
        self._type = field.rebuild_annotation()
        self._item = repeated_type(self._type)
        self._is_flag = variants(self._type) == (bool,)
        required = "  [required]" if field.is_required() else ""
        super().__init__(
            [f"{_PREFIX}{name}", f"{flags}/--no-{flags[2:]}" if self._is_flag else flags],
            type=bool if self._is_flag else ArgumentType(self._item or self._type),
            default=None,
            multiple=self._item is not None,
            help=_help(description, self._item or self._type, self._item is not None) + required,
        )

    def value(self, given: Any) -> object:
        """Return the value of the argument for what was given on the command line."""
        if self._is_flag:
            return given
        if self._item is not None:
            return from_option_items(given, self._item)
        return from_option(given, self._type)


class ArgumentType(click.types.StringParamType):
    """The text of an option. It is read after all options are known: see `values`."""

    def __init__(self, hint: object) -> None:
        self._hint = hint
        self._choices = _choices(hint)
        self.name = _name_of(hint)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Return what `--help` shows as the value."""
        if not self._choices:
            return self.name.upper()
        if _are_long(self._choices):
            return "CHOICE"
        others = [] if choices(self._hint) else [self.name.upper()]
        return f"[{'|'.join([*map(line, self._choices), *others])}]"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the choices, or the files after an `@`."""
        if self.name == "file" and incomplete.startswith(FILE_MARK):
            return _files(incomplete.removeprefix(FILE_MARK))
        return [CompletionItem(choice) for choice in self._choices if choice.startswith(incomplete)]


def argument_options(
    model: type[BaseModel], described: Mapping[str, str], taken: Iterable[str]
) -> list[ArgumentOption]:
    """Return the options for the fields of an input.

    Args:
        model: The input.
        described: The description of each field that has one.
        taken: The options that the command has itself. The option of an argument with such a name
            ends in `-argument`.
    """
    used = set(taken)
    options: list[ArgumentOption] = []
    fields = sorted(model.model_fields.items(), key=lambda item: not item[1].is_required())
    for name, field in fields:
        flags = f"--{name.strip('_').replace('_', '-')}"
        while flags in used:
            flags += "-argument"
        used |= {flags, f"--no-{flags[2:]}"}
        options.append(ArgumentOption(name, flags, field, described.get(name, "")))
    return options


def given_arguments(
    command: click.Command, parameters: Mapping[str, Any], base: Mapping[str, object]
) -> dict[str, object]:
    """Return the arguments of a call: those of `base`, and over them those of the options."""
    arguments = dict(base)
    for option in command.params:
        if isinstance(option, ArgumentOption):
            given = parameters[f"{_PREFIX}{option.argument}"]
            if given is not None and given != ():
                arguments.pop(option.wire_name, None)
                arguments[option.argument] = option.value(given)
    return arguments


def flags_of(command: click.Command) -> dict[str, str]:
    """Return the option of each argument, by the argument's name."""
    return {
        option.argument: option.opts[0]
        for option in command.params
        if isinstance(option, ArgumentOption)
    }


def _help(description: str, hint: object, is_list: bool) -> str:
    """Return the description of an argument, with what the name of its type does not show."""
    parts = [" ".join(description.split())]
    if _are_long(found := _choices(hint)):
        parts.append(f"One of: {', '.join(found)}.")
    for model in filter(None, map(model_of, variants(hint))):
        parts.append(f"JSON with the fields {', '.join(model.model_fields)}.")
    if is_list:
        parts.append("Repeat the option for each item.")
    return line(" ".join(filter(None, parts)), _LONGEST_DESCRIPTION)


def _choices(hint: object) -> list[str]:
    """Return the named values of a type, as they are written on the command line."""
    found = [value for variant in variants(hint) for value in choices(variant)]
    return [value if isinstance(value, str) else json.dumps(value) for value in found]


def _are_long(found: Sequence[str]) -> bool:
    return sum(map(len, found)) > _LONGEST_CHOICES


def _name_of(hint: object) -> str:
    found = variants(hint)
    if any(map(is_file, found)):
        return "file"
    if str in found:
        return "text"
    if found == (int,):
        return "integer"
    if set(found) <= {int, float}:
        return "number"
    return "json"


def _files(start: str) -> list[CompletionItem]:
    folder, _, name = start.rpartition("/")
    base = f"{folder}/" if "/" in start else ""
    try:
        entries = sorted(Path(base or ".").expanduser().iterdir())
    except OSError:
        return []
    return [
        CompletionItem(f"{FILE_MARK}{base}{entry.name}{'/' if entry.is_dir() else ''}")
        for entry in entries
        if entry.name.startswith(name) and entry.name.isprintable()
    ]
