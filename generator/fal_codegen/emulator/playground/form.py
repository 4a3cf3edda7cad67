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
    "text",
    "union",
]
"""The controls of fields; the script has the same names."""

_LONG_TEXTS = ("prompt", "text", "description", "lyrics", "script", "instruction", "caption")
"""Words in the names of properties that have more than one line."""

_MOST = 2000
"""Fields of a form, after which objects are entered as JSON."""

_LONG = 80
"""Characters of an example above which a property has more than one line."""


@dataclass(frozen=True)
class FormField:
    """One value of an input, and its description. Any string may come from a document.

    Attributes:
        id: Its id in the page.
        name: Its property's name; empty for an item of a list, and for a member of a union.
        label: Its name on the page.
        variant: For a member of a union, its type.
        description: What it is for, its default and its range.
        attributes: Attributes of its control.
        options: For a choice, its values: as JSON, and as they are shown.
        fields: The properties of an object, the members of a union, or the item of a list.
    """

    id: str
    name: str
    label: str
    control: Control
    variant: str = ""
    required: bool = False
    nullable: bool = False
    description: str = ""
    attributes: Mapping[str, str] | None = None
    options: tuple[tuple[str, str], ...] = ()
    fields: tuple[FormField, ...] = ()

    @property
    def is_group(self) -> bool:
        """Whether it has inner fields instead of a control."""
        return self.control in ("list", "object", "union")


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
            case Union(members):
                return FormField(
                    control="union", fields=self._variants(members, label, within), **made
                )
            case Array(items):
                item = self._field(items, label, within, required=True)
                return FormField(control="list", fields=(item,), **made)
            case Enum(values):
                return FormField(control="choice", options=_options(values), **made)
            case Boolean():
                return FormField(control="choice", options=_options((True, False)), **made)
            case Integer():
                return FormField(control="integer", attributes=_attributes(schema, "1"), **made)
            case Number():
                return FormField(control="number", attributes=_attributes(schema, "any"), **made)
            case String():
                is_long = any(word in label.lower() for word in _LONG_TEXTS)
                return FormField(control="lines" if is_long else "text", **made)
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
            description=" · ".join(_description(prop)),
        )
        return _with_room(field, prop)

    def _variants(
        self, schemas: Iterable[Schema], label: str, within: tuple[str, ...]
    ) -> tuple[FormField, ...]:
        return tuple(
            self._field(schema, f"{label}, {noun}", within, variant=noun, required=True)
            for schema, noun in ((schema, _noun(schema)) for schema in schemas)
        )


def _description(prop: Property) -> Iterator[str]:
    if prop.deprecated:
        yield "Deprecated."
    if prop.description:
        yield prop.description
    if prop.default is not None:
        yield f"Default: {_json(prop.default.value)}"
    yield from limits(prop.schema)
    if (pattern := pattern_of(prop.schema)) is not None:
        yield f"matches {pattern}"


def _with_room(field: FormField, prop: Property) -> FormField:
    """Return a field with several lines if an example of the document needs them."""
    texts = [example for example in prop.examples if isinstance(example, str)]
    is_long = any(len(text) > _LONG or "\n" in text for text in texts)
    return replace(field, control="lines") if field.control == "text" and is_long else field


def _options(values: Iterable[Scalar]) -> tuple[tuple[str, str], ...]:
    return tuple((_json(value), _shown(value)) for value in values)


def _attributes(schema: Integer | Number, step: str) -> Mapping[str, str]:
    """Return the bounds and the step of a control for numbers."""
    low, high = schema.minimum, schema.maximum
    given = {
        "min": schema.exclusive_minimum if low is None else low,
        "max": schema.exclusive_maximum if high is None else high,
        "step": step if schema.multiple_of is None else schema.multiple_of,
    }
    return {name: str(value) for name, value in given.items() if value is not None}


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
