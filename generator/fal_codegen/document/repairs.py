"""Repairs: the rules that repair documents, and reports of where they did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, Protocol

from fal_codegen.text import counted

REPAIR_RULES: Mapping[str, str] = {
    "dangling-ref": "a $ref without a target accepts any value",
    "recursive-alias": "a component that is not an object and contains itself accepts any value",
    "not-a-schema": "an invalid schema is replaced by one that accepts any value",
    "unknown-type": "a type that is not one of JSON Schema accepts any value",
    "items-by-index": "items keyed by index, or prefixItems, become one schema for every item",
    "merged-all-of": "an allOf becomes one schema with the keywords of all its parts",
    "conditional-required": "a union that only states which properties are required is left out",
    "wide-union": "a union of more than 50 schemas accepts any value",
    "unusable-enum": "an enum that is empty, or lists objects or huge numbers, is not checked",
    "unusable-pattern": "a pattern that Rust's regular expressions cannot express is left out",
    "unusable-constraint": "a constraint with an invalid value is left out",
    "backtracking-pattern": "a pattern that JavaScript may match slowly is left out of zod schemas",
    "unportable-pattern": "a pattern that JavaScript cannot express is left out of zod schemas",
    "file-pattern": "a pattern of a file is left out: the URL of an upload need not match it",
    "unchecked-keyword": "the generated types do not check a keyword that they cannot express",
    "overlapping-one-of": "a oneOf accepts values that match several of its schemas",
    "required-unlisted": "a required property that is not listed is added and accepts any value",
    "unportable-name": "zod drops a property named __proto__",
    "unfit-default": "a default that its own schema rejects is only shown in the docs",
}
"""What each repair rule does, by name."""


class Repair(NamedTuple):
    """A repair of a document's schema, made before anything was generated from it.

    Attributes:
        rule: Name of the rule, see `REPAIR_RULES`.
        pointer: Where in the document.
    """

    rule: str
    pointer: str


class _Endpoint(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def repairs(self) -> tuple[Repair, ...]: ...


_MAX_PLACES = 5
"""Places that a summary lists for each rule; it counts the others."""


def summary(endpoints: Iterable[_Endpoint]) -> Iterator[str]:
    """Yield each rule that was applied: how often, why, and the first places."""
    for rule, places in _by_rule(endpoints):
        yield _heading(rule, places)
        yield from (f"  {place}" for place in places[:_MAX_PLACES])
        if len(places) > _MAX_PLACES:
            more = len(places) - _MAX_PLACES
            yield f"  and {more} more; to list them all, run: fal-codegen list --repairs"


def listing(endpoints: Iterable[_Endpoint]) -> Iterator[str]:
    """Yield each rule that was applied: how often, why, and every place."""
    for rule, places in _by_rule(endpoints):
        yield _heading(rule, places)
        yield from (f"  {place}" for place in places)


def _by_rule(endpoints: Iterable[_Endpoint]) -> Iterator[tuple[str, list[str]]]:
    places: dict[str, list[str]] = {rule: [] for rule in REPAIR_RULES}
    for endpoint in endpoints:
        for repair in endpoint.repairs:
            places[repair.rule].append(f"{endpoint.id} at {repair.pointer}")
    yield from ((rule, applied) for rule, applied in places.items() if applied)


def _heading(rule: str, places: list[str]) -> str:
    return f"repaired {rule} in {counted(len(places), 'place')}: {REPAIR_RULES[rule]}"
