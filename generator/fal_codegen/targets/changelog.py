"""The changelog of a generated package: changes of its endpoints, and the version they suggest."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

from fal_codegen.history import Entry, Level
from fal_codegen.render import Untrusted

_SUGGESTED = {
    Level.BREAKING: "a new major version, or below 1.0 a new minor one",
    Level.BEHAVIOURAL: "a new minor version",
    Level.ADDITIVE: "a new minor version",
    Level.PRICE: "a new patch version",
}
"""The version that semantic versioning asks for after a change of each level."""


class EndpointChanges(NamedTuple):
    """The changes of one endpoint, most severe first: the level and the description of each."""

    id: Untrusted
    changes: tuple[tuple[str, Untrusted], ...]


class Day(NamedTuple):
    """The changes that were adopted on one day.

    Attributes:
        level: The level of the most severe change.
        suggested: The version to release after it.
    """

    date: str
    level: str
    suggested: str
    endpoints: tuple[EndpointChanges, ...]


def changelog(history: Iterable[Entry]) -> tuple[Day, ...]:
    """Return the days with changes that callers may notice, latest first."""
    noticed = [entry for entry in history if _level(entry) > Level.COSMETIC]
    noticed.sort(key=lambda entry: (entry.date, entry.endpoint, -_level(entry)))
    days = [_day(date, list(entries)) for date, entries in groupby(noticed, lambda e: e.date)]
    return tuple(reversed(days))


def _day(date: str, entries: list[Entry]) -> Day:
    level = max(map(_level, entries))
    return Day(
        date=date,
        level=level.name.lower(),
        suggested=_SUGGESTED[level],
        endpoints=tuple(
            EndpointChanges(
                Untrusted(endpoint),
                tuple((entry.level, Untrusted(entry.text)) for entry in changes),
            )
            for endpoint, changes in groupby(entries, lambda entry: entry.endpoint)
        ),
    )


def _level(entry: Entry) -> Level:
    return Level[entry.level.upper()]
