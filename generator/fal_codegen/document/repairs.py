"""What was repaired in documents (see `normalise.RULES`), as lines for the user."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fal_codegen.document.normalise import RULES
from fal_codegen.ir import Endpoint

_SHOWN = 5
"""Places of a rule to show before the rest are only counted."""


def summary(endpoints: Iterable[Endpoint]) -> Iterator[str]:
    """Yield each rule that was applied, how often and why, and the first places of it."""
    for rule, places in _by_rule(endpoints):
        yield _heading(rule, places)
        yield from (f"  {place}" for place in places[:_SHOWN])
        if len(places) > _SHOWN:
            more = len(places) - _SHOWN
            yield f"  and {more} more; to see them all: fal-codegen list --repairs"


def listing(endpoints: Iterable[Endpoint]) -> Iterator[str]:
    """Yield each rule that was applied, how often and why, and every place of it."""
    for rule, places in _by_rule(endpoints):
        yield _heading(rule, places)
        yield from (f"  {place}" for place in places)


def _by_rule(endpoints: Iterable[Endpoint]) -> Iterator[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {rule: [] for rule in RULES}
    for endpoint in endpoints:
        for repair in endpoint.repairs:
            found[repair.rule].append(f"{endpoint.id} at {repair.pointer}")
    yield from ((rule, places) for rule, places in found.items() if places)


def _heading(rule: str, places: list[str]) -> str:
    count = "1 place" if len(places) == 1 else f"{len(places)} places"
    return f"repaired {rule} in {count}: {RULES[rule]}"
