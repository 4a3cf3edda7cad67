"""Decide whether a typed schema accepts a value.

For the schemas of a document, which have more keywords, a validator of `json_schema` decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from fal_codegen.document.json_values import canonical_text, is_multiple, is_number, same
from fal_codegen.document.models import Model
from fal_codegen.document.patterns.rust import matches
from fal_codegen.document.schema import (
    Anything,
    Array,
    Boolean,
    Enum,
    FileUrl,
    Integer,
    Keyword,
    Map,
    Null,
    Number,
    Ref,
    Schema,
    String,
    Union,
    constraints,
)
from fal_codegen.exhaustive import assert_never

_FILE_URL = re.compile(r"https?://[^/?#\s]|data:", re.IGNORECASE)
"""The start of a URL that the generated client accepts for a file."""

_MOST_CHECKS = 10_000
"""Schemas to check a value against, after which it is rejected."""


def fits(value: object, schema: Schema) -> bool:
    """Return whether a value is of a schema's type, or in its enum; objects never are.

    Bounds and lengths are ignored: some defaults of servers are outside them.
    """
    match schema:
        case Union(members):
            return any(fits(value, member) for member in members)
        case Enum(values):
            return any(same(value, listed) for listed in values)
        case Array(items):
            return isinstance(value, list) and all(fits(item, items) for item in value)
        case Map():
            return value == {}
        case Boolean():
            return isinstance(value, bool)
        case Integer():
            return isinstance(value, int) and not isinstance(value, bool)
        case Number():
            return is_number(value)
        case String():
            return isinstance(value, str)
        case Anything():
            return isinstance(value, (str, int, float))
        case Null() | FileUrl() | Ref():
            return False
        case _:
            assert_never(schema)


class Acceptor:
    """Checks values as a strict client does: types, constraints and the properties of models.

    Args:
        models: The models that schemas refer to.
    """

    def __init__(self, models: Iterable[Model]) -> None:
        self._models = {model.name: model for model in models}
        self._checks_left = 0

    def accepts(self, value: object, schema: Schema) -> bool:
        """Return whether a schema accepts a value."""
        self._checks_left = _MOST_CHECKS
        return self._accepts(value, schema)

    def _accepts(self, value: object, schema: Schema) -> bool:
        self._checks_left -= 1
        if self._checks_left < 0:
            return False
        match schema:
            case Anything():
                return self._accepts_anything(value)
            case Ref(name):
                return isinstance(value, dict) and self._is_model(value, self._models[name])
            case Union(members):
                return any(self._accepts(value, member) for member in members)
            case Null():
                return value is None
            case Array(items):
                return (
                    isinstance(value, list)
                    and all(self._accepts(item, items) for item in value)
                    and _is_within_limits(value, schema)
                )
            case Map(values):
                return isinstance(value, dict) and all(
                    self._accepts(item, values) for item in value.values()
                )
            case FileUrl():
                return (
                    isinstance(value, str)
                    and _FILE_URL.match(value) is not None
                    and _is_within_limits(value, schema)
                )
            case String() | Integer() | Number():
                return fits(value, schema) and _is_within_limits(value, schema)
            case Boolean() | Enum():
                return fits(value, schema)
            case _:
                assert_never(schema)

    def _accepts_anything(self, value: object) -> bool:
        if isinstance(value, (list, dict)):
            inner = value if isinstance(value, list) else value.values()
            return all(self._accepts(item, Anything()) for item in inner)
        return fits(value, Anything())

    def _is_model(self, value: Mapping[str, Any], model: Model) -> bool:
        listed = {prop.name: prop for prop in model.properties}
        return (
            all(prop.name in value for prop in model.properties if prop.required)
            and (model.is_open or value.keys() <= listed.keys())
            and all(
                (listed[name].nullable and item is None) or self._accepts(item, listed[name].schema)
                for name, item in value.items()
                if name in listed
            )
        )


def _is_within_limits(value: Any, schema: Schema) -> bool:
    """Return whether a value of a schema's type satisfies the constraints of the schema itself."""
    return all(_satisfies(value, *constraint) for constraint in constraints(schema).items())


def _satisfies(value: Any, keyword: Keyword, limit: Any) -> bool:
    match keyword:
        case "minimum":
            return bool(value >= limit)
        case "exclusiveMinimum":
            return bool(value > limit)
        case "maximum":
            return bool(value <= limit)
        case "exclusiveMaximum":
            return bool(value < limit)
        case "multipleOf":
            return is_multiple(value, limit)
        case "minLength" | "minItems":
            return len(value) >= int(limit)
        case "maxLength" | "maxItems":
            return len(value) <= int(limit)
        case "pattern":
            return matches(limit, value)
        case "uniqueItems":
            return len(set(map(canonical_text, value))) == len(value)
        case _:
            assert_never(keyword)
