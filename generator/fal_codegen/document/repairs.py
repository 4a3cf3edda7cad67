"""Repairs: the rules by which documents are repaired, and reports of what was repaired."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

RULES: Mapping[str, str] = {
    "dangling-ref": "a $ref that leads nowhere admits anything",
    "recursive-alias": "a component that is not an object and contains itself admits anything",
    "not-a-schema": "what is not a schema where one belongs admits anything",
    "unknown-type": "a type that JSON Schema does not know admits anything",
    "items-by-index": "items keyed by index, or prefixItems, become one schema for every item",
    "merged-all-of": "an allOf becomes one schema with the keywords of all its parts",
    "conditional-required": "a union that only lists which properties go together is left out",
    "wide-union": "a union of more than 50 schemas admits anything",
    "unusable-enum": "an enum of objects, huge numbers or nothing is not checked here",
    "unusable-pattern": "a pattern that Rust's regular expressions cannot express is left out",
    "unusable-constraint": "a constraint whose value makes no sense is left out",
    "backtracking-pattern": "a pattern that JavaScript may match slowly is left out of zod schemas",
    "unportable-pattern": "a pattern that JavaScript cannot express is left out of zod schemas",
    "file-pattern": "a pattern of a file is left out: its value may be the URL of an upload",
    "unchecked-keyword": "a keyword that no generated type can express is not checked here",
    "overlapping-one-of": "a oneOf of schemas that overlap admits values of several of them",
    "required-unlisted": "a required property that is not listed is added, admitting anything",
    "unportable-name": "a property named __proto__ is lost in zod, which drops that name",
    "unfit-default": "a default that is not a value of its own schema is only shown in the docs",
}
"""The repair rules: name and reason."""


@dataclass(frozen=True)
class Repair:
    """A correction made to a document's schema before anything was generated from it.

    Attributes:
        rule: Name of the rule, see `RULES`.
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
"""Places of a rule that a summary lists; it counts the others."""


def summary(endpoints: Iterable[_Endpoint]) -> Iterator[str]:
    """Yield each rule that was applied: how often, why, and the first places."""
    for rule, places in _by_rule(endpoints):
        yield _heading(rule, places)
        yield from (f"  {place}" for place in places[:_MAX_PLACES])
        if len(places) > _MAX_PLACES:
            more = len(places) - _MAX_PLACES
            yield f"  and {more} more; to see them all: fal-codegen list --repairs"


def listing(endpoints: Iterable[_Endpoint]) -> Iterator[str]:
    """Yield each rule that was applied: how often, why, and every place."""
    for rule, places in _by_rule(endpoints):
        yield _heading(rule, places)
        yield from (f"  {place}" for place in places)


def _by_rule(endpoints: Iterable[_Endpoint]) -> Iterator[tuple[str, list[str]]]:
    places: dict[str, list[str]] = {rule: [] for rule in RULES}
    for endpoint in endpoints:
        for repair in endpoint.repairs:
            places[repair.rule].append(f"{endpoint.id} at {repair.pointer}")
    yield from ((rule, applied) for rule, applied in places.items() if applied)


def _heading(rule: str, places: list[str]) -> str:
    count = "1 place" if len(places) == 1 else f"{len(places)} places"
    return f"repaired {rule} in {count}: {RULES[rule]}"
