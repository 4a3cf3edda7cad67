"""Constraints on values: how to parse, intersect and compare each, and write it as JSON Schema.

A kind of schema declares its constraints as fields: `max_length: int | None = constraint(…)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Generic, NamedTuple, TypeVar

from fal_codegen.document.stated_limits import size_in
from fal_codegen.drift import schema_rules
from fal_codegen.drift.rule_types import Limit, Pair, SchemaRule

Convert = Callable[[Any], Any]
"""Converts a schema of a document to JSON Schema."""

T = TypeVar("T")


class Changed(NamedTuple):
    """What changed about a constraint."""

    rule: SchemaRule
    old: Any = None
    new: Any = None


@dataclass(frozen=True, kw_only=True)
class Constraint(Generic[T]):
    """One constraint on values of a kind.

    Attributes:
        keywords: The keywords that it is parsed from.
        parse: Parses it from a schema; returns None if the schema does not have it.
        intersect: Combines two of them into one.
        changes: Returns the changes from one to another; None means no constraint.
        admits: Returns whether a scalar satisfies it.
        json_schema: Converts it to JSON Schema.
        size_beyond: For a limit of size, returns the nearest size that violates it.
        unjudged: Returns what of it `admits` cannot judge, so that it still matters if the schema
            lists its values; None if `admits` judges all of it.
        is_checked: Whether a validator checks it.
    """

    keywords: tuple[str, ...] = ()
    parse: Callable[[Mapping[str, Any]], T | None]
    intersect: Callable[[T, T], T]
    changes: Callable[[T | None, T | None], Iterable[Changed]]
    admits: Callable[[T, Any], bool] = lambda constraint, value: True
    json_schema: Callable[[T, Convert], Mapping[str, Any]] = lambda constraint, convert: {}
    size_beyond: Callable[[T], int] | None = None
    unjudged: Callable[[T], T | None] = lambda constraint: None
    is_checked: bool = True


def constraint(declared: Constraint[T]) -> T | None:
    """Declare a field as a constraint; None means no constraint."""
    value: T | None = field(default=None, metadata={"constraint": declared})
    return value


def constraints_of(kind: type[Any]) -> Mapping[str, Constraint[Any]]:
    """Return the constraints that a kind of schema declares, by field."""
    if kind not in _DECLARED:
        _DECLARED[kind] = {
            field.name: field.metadata["constraint"]
            for field in fields(kind)
            if "constraint" in field.metadata
        }
    return _DECLARED[kind]


_DECLARED: dict[type[Any], Mapping[str, Constraint[Any]]] = {}
"""The constraints of each kind, cached."""


def least(keyword: str, limit: Limit) -> Constraint[int]:
    """Return a constraint on the minimum size of a string, an array or an object."""
    return Constraint(
        keywords=(keyword,),
        parse=lambda schema: size_in(schema, keyword) or None,
        intersect=max,
        changes=lambda old, new: _limit_changes(limit, old, new),
        admits=lambda size, value: len(value) >= size,
        json_schema=lambda size, _: {keyword: size},
        size_beyond=lambda size: size - 1,
    )


def most(keyword: str, limit: Limit) -> Constraint[int]:
    """Return a constraint on the maximum size of a string, an array or an object."""
    return Constraint(
        keywords=(keyword,),
        parse=lambda schema: size_in(schema, keyword),
        intersect=min,
        changes=lambda old, new: _limit_changes(limit, old, new),
        admits=lambda size, value: len(value) <= size,
        json_schema=lambda size, _: {keyword: size},
        size_beyond=lambda size: size + 1,
    )


def flag(keyword: str, pair: Pair) -> Constraint[bool]:
    """Return a constraint that is either set or not."""
    return Constraint(
        keywords=(keyword,),
        parse=lambda schema: schema.get(keyword) is True or None,
        intersect=lambda one, other: True,
        changes=lambda old, new: [Changed(pair.set if new else pair.unset)] * (old != new),
        json_schema=lambda _set, _convert: {keyword: True},
    )


def _format_changes(old: tuple[str, ...] | None, new: tuple[str, ...] | None) -> Iterator[Changed]:
    if old != new:
        yield Changed(schema_rules.FORMAT.between(old, new), one_or_all(old), one_or_all(new))


FORMAT_CONSTRAINT: Constraint[tuple[str, ...]] = Constraint(
    parse=lambda schema: (schema["format"],) if isinstance(schema.get("format"), str) else None,
    intersect=lambda one, other: tuple(sorted({*one, *other})),
    changes=_format_changes,
    unjudged=lambda formats: formats,
    is_checked=False,
)
"""The formats of a string or a number, which validators treat as annotations."""


def one_or_all(values: Iterable[Any] | None, key: Callable[[Any], Any] | None = None) -> Any:
    """Return a single value itself, several values as a sorted list, and None for no value."""
    ordered = sorted(values or (), key=key)
    return ordered if len(ordered) > 1 else next(iter(ordered), None)


def _limit_changes(limit: Limit, old: int | None, new: int | None) -> Iterable[Changed]:
    return [Changed(limit.between(old, new), old, new)] if old != new else []
