"""The facts of `docs/protocol.md`, and what was observed about them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PAGE = "docs/protocol.md"
ROOT = Path(__file__).parents[2]

_ROW = re.compile(r"\| `([a-z-]+)` \| .+ \| (.+) \| (✓?) ?\|")


@dataclass(frozen=True)
class Fact:
    """A fact.

    Attributes:
        line: Its line of the page.
        source: Where it is known from, and as of when.
        is_compared: Whether the emulator is compared with fal about it.
    """

    line: int
    source: str
    is_compared: bool


def facts() -> dict[str, Fact]:
    """Return the facts of the page, by id."""
    lines = (ROOT / PAGE).read_text("utf-8").splitlines()
    rows = ((number, _ROW.fullmatch(line)) for number, line in enumerate(lines, 1))
    return {row[1]: Fact(number, row[2], bool(row[3])) for number, row in rows if row}


@dataclass
class Observations:
    """What a server did: for each fact, values by what they are of.

    Values are compared as they are, so they have nothing in them that differs from run to run.
    """

    values: dict[tuple[str, str], Any] = field(default_factory=dict)

    def note(self, fact: str, what: str, value: Any) -> None:
        """Add a value."""
        self.values[fact, what] = value

    @property
    def facts(self) -> frozenset[str]:
        """The ids of the facts that were observed."""
        return frozenset(fact for fact, _ in self.values)


@dataclass(frozen=True)
class Difference:
    """A fact about which fal and the emulator differ."""

    fact: str
    what: str
    emulated: Any
    actual: Any

    def __str__(self) -> str:
        line = facts()[self.fact].line
        return (
            f"{PAGE}:{line}: {self.fact}: {self.what}: "
            f"the emulator has {self.emulated}, fal has {self.actual}"
        )


def differences(emulated: Observations, actual: Observations) -> list[Difference]:
    """Return where two servers differ; what only one of them showed is no difference."""
    return [
        Difference(fact, f"{what}{place}", one, other)
        for (fact, what), value in emulated.values.items()
        if (fact, what) in actual.values
        for place, one, other in _unequal(value, actual.values[fact, what])
    ]


def shape(value: Any, *without: str) -> dict[str, str]:
    """Return the types in a JSON value by JSON Pointer, `*` for any item; some places left out."""
    kinds: dict[str, set[str]] = {}
    for place, kind in _kinds(value, ""):
        if not any(place == left_out or place.startswith(f"{left_out}/") for left_out in without):
            kinds.setdefault(place, set()).add(kind)
    return {place: " or ".join(sorted(found)) for place, found in kinds.items()}


def _kinds(value: Any, place: str) -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            yield place, "object"
            for name, inner in value.items():
                yield from _kinds(inner, f"{place}/{name}")
        case list():
            yield place, "array"
            for inner in value:
                yield from _kinds(inner, f"{place}/*")
        case None:
            yield place, "null"
        case bool():
            yield place, "boolean"
        case int() | float():
            yield place, "number"
        case _:
            yield place, "string"


def _unequal(one: Any, other: Any) -> Iterable[tuple[str, Any, Any]]:
    """Yield the places where two values differ; those of objects by name."""
    if not isinstance(one, Mapping) or not isinstance(other, Mapping):
        return [("", repr(one), repr(other))] if one != other else []
    return [
        (f" at {name or 'its root'}", one.get(name, "nothing"), other.get(name, "nothing"))
        for name in sorted(one.keys() | other.keys())
        if one.get(name) != other.get(name)
    ]
