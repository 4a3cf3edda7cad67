"""The form of an endpoint's input: one field per value that can be set."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Literal

from fal_codegen.document.schema import (
    Anything,
    Array,
    Boolean,
    Enum,
    FileUrl,
    Integer,
    Map,
    Null,
    Number,
    Ref,
    Scalar,
    Schema,
    String,
    Union,
)
from fal_codegen.emulator.playground.markup import Span, spans
from fal_codegen.emulator.playground.numeric import attributes_of, inclusive, is_seed, slider
from fal_codegen.exhaustive import assert_never
from fal_codegen.ir import Endpoint, Model, Property
from fal_codegen.targets.prose import limits, pattern_of

__all__ = ["FormField", "form", "unplanned_form"]

Control = Literal[
    "choice",
    "file",
    "integer",
    "json",
    "lines",
    "list",
    "null",
    "number",
    "object",
    "options",
    "preset",
    "switch",
    "text",
    "union",
]
"""The controls of fields; the script has the same names."""

_MOST = 2000
"""Fields of a form, after which objects are entered as JSON."""

_ONE_LINE = 80
"""Characters that fit on one line."""

_FILTERED = 12
"""Options of a list above which the page has a filter for them."""


@dataclass(frozen=True)
class FormField:
    """One value of an input, and its description. Any string may come from a document.

    Attributes:
        id: Its id in the page.
        name: Its property's name; empty for an item of a list, and for a member of a union.
        label: Its name on the page.
        variant: For a member of a union, its type.
        description: What it is for, its default and its range.
        default: Its default as JSON; empty without one.
        attributes: Attributes of its control.
        slider: Attributes of the slider beside its control; None without one.
        has_dice: Whether a button sets a random number.
        options: The values to select from: as JSON, and as they are shown.
        fields: The properties of an object, the members of a union, the item of a list, or the
            value of a preset that is not one of its options.
    """

    id: str
    name: str
    label: str
    control: Control
    variant: str = ""
    required: bool = False
    nullable: bool = False
    description: tuple[Span, ...] = ()
    default: str = ""
    attributes: Mapping[str, str] | None = None
    slider: Mapping[str, str] | None = None
    has_dice: bool = False
    options: tuple[tuple[str, str], ...] = ()
    fields: tuple[FormField, ...] = ()

    @property
    def is_group(self) -> bool:
        """Whether it has inner fields or several controls instead of one."""
        return self.control in ("list", "object", "options", "union")

    @property
    def unset(self) -> str:
        """What its list of options shows if none is selected; empty if one always is."""
        if self.nullable and self.default:
            return "null"
        if any(value == self.default for value, _ in self.options):
            return ""
        return "choose" if self.required else "not set"

    @property
    def has_filter(self) -> bool:
        """Whether its options are too many to look through."""
        return len(self.options) > _FILTERED

    @property
    def required_fields(self) -> tuple[FormField, ...]:
        """Its inner fields that have to be set."""
        return tuple(field for field in self.fields if field.required)

    @property
    def optional_fields(self) -> tuple[FormField, ...]:
        """Its inner fields that can be left alone."""
        return tuple(field for field in self.fields if not field.required)


def form(endpoint: Endpoint) -> FormField:
    """Return the form of an endpoint's Input: an object."""
    return _Fields(endpoint.models).root()


def unplanned_form() -> FormField:
    """Return the form of an endpoint without a plan: its Input as JSON."""
    return FormField("f1", "", "Input", "json", required=True)


class _Fields:
    """Makes fields, each with its own id."""

    def __init__(self, models: Iterable[Model]) -> None:
        self._models = {model.name: model for model in models}
        self._numbers = count(1)

    def root(self) -> FormField:
        return self._field(Ref("Input"), "Input", (), required=True)

    def _field(
        self, schema: Schema, label: str, within: tuple[str, ...], **attributes: Any
    ) -> FormField:
        """Return the field of a schema; `within` names the models that contain it."""
        number = next(self._numbers)
        made = {"id": f"f{number}", "name": "", "label": label, **attributes}
        match schema:
            case Ref(name):
                if name in within or number > _MOST:  # a recursive model has no end
                    return FormField(control="json", **made)
                properties = self._models[name].properties
                fields = tuple(self._property(prop, (*within, name)) for prop in properties)
                return FormField(control="object", fields=fields, **made)
            case Union((Enum(values), other)) | Union((other, Enum(values))):
                custom = self._field(other, f"{label}, custom", within, required=True)
                return FormField(
                    control="preset", options=_options(values), fields=(custom,), **made
                )
            case Union(members):
                return FormField(
                    control="union", fields=self._variants(members, label, within), **made
                )
            case Array(Enum(values), unique_items=True):
                return FormField(control="options", options=_options(values), **made)
            case Array(items):
                item = self._field(items, label, within, required=True)
                return FormField(control="list", fields=(item,), **made)
            case Enum(values):
                return FormField(control="choice", options=_options(values), **made)
            case Boolean():
                has_value = made.get("required") or made.get("default") in ("true", "false")
                if has_value and not made.get("nullable"):
                    return FormField(control="switch", **made)
                return FormField(control="choice", options=_options((True, False)), **made)
            case Integer() | Number():
                return FormField(
                    control="integer" if isinstance(schema, Integer) else "number",
                    attributes=attributes_of(schema),
                    slider=slider(schema),
                    has_dice=is_seed(schema, made["name"]),
                    **made,
                )
            case String():
                return FormField(control="text", **made)
            case FileUrl():
                return FormField(control="file", **made)
            case Null():
                return FormField(control="null", **made)
            case Map() | Anything():
                return FormField(control="json", **made)
            case _:
                assert_never(schema)

    def _property(self, prop: Property, within: tuple[str, ...]) -> FormField:
        field = self._field(
            prop.schema,
            prop.name,
            within,
            name=prop.name,
            required=prop.required,
            nullable=prop.nullable,
            description=_description(prop),
            default="" if prop.default is None else _json(prop.default.value),
        )
        if isinstance(prop.schema, String):
            return _with_room(field, prop, prop.schema)
        return field

    def _variants(
        self, schemas: Iterable[Schema], label: str, within: tuple[str, ...]
    ) -> tuple[FormField, ...]:
        return tuple(
            self._field(schema, f"{label}, {noun}", within, variant=noun, required=True)
            for schema, noun in ((schema, _noun(schema)) for schema in schemas)
        )


def _description(prop: Property) -> tuple[Span, ...]:
    parts = [spans(prop.description)] if prop.description else []
    parts += ([Span("text", fact)] for fact in _facts(prop))
    separated = ([Span("text", " · "), *part] if at else part for at, part in enumerate(parts))
    return tuple(span for part in separated for span in part)


def _facts(prop: Property) -> Iterator[str]:
    if prop.deprecated:
        yield "Deprecated."
    if prop.default is not None and prop.default.value not in ("", [], {}):
        yield f"Default: {_json(prop.default.value)}"
    yield from limits(inclusive(prop.schema))
    if (pattern := pattern_of(prop.schema)) is not None:
        yield f"matches {pattern}"


def _with_room(field: FormField, prop: Property, schema: String) -> FormField:
    """Return the field of a string with as many lines as its values are likely to have.

    A control of one line drops line ends, so it is only for strings that are certainly short.
    """
    default = prop.default.value if prop.default else None
    texts = [text for text in (*prop.examples, default) if isinstance(text, str) and text]
    is_long = any(len(text) > _ONE_LINE or "\n" in text for text in texts)
    most = schema.max_length
    if is_long or (most is not None and most > _ONE_LINE) or (prop.required and _is_prose(texts)):
        return replace(field, control="lines", attributes={"rows": "4"})
    is_short = most is not None or schema.pattern is not None or (texts and not _is_prose(texts))
    return field if is_short else replace(field, control="lines", attributes={"rows": "1"})


def _is_prose(texts: Iterable[str]) -> bool:
    return any(" " in text for text in texts)


def _options(values: Iterable[Scalar]) -> tuple[tuple[str, str], ...]:
    return tuple((_json(value), _shown(value)) for value in values)


def _noun(schema: Schema) -> str:
    """Return the type of a member of a union, as the page shows it."""
    match schema:
        case Ref(name):
            return name
        case Enum():
            return "enum"
        case FileUrl():
            return "file"
        case Array():
            return "list"
        case Boolean():
            return "yes or no"
        case String():
            return "string"
        case Integer():
            return "integer"
        case Number():
            return "number"
        case Null():
            return "null"
        case Map() | Anything() | Union():
            return "JSON"
        case _:
            assert_never(schema)


def _shown(value: object) -> str:
    return value if isinstance(value, str) and value else _json(value)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
