"""The changelog of a generated package: what changed in its endpoints, and what that suggests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from fal_codegen.drift import Level
from fal_codegen.drift.history import Entry
from fal_codegen.render import Untrusted

_SUGGESTED = {
    Level.BREAKING: "a new major version, or below 1.0 a new minor one",
    Level.BEHAVIOURAL: "a new minor version",
    Level.ADDITIVE: "a new minor version",
}
"""What semantic versioning asks for after changes of a level."""


@dataclass(frozen=True)
class EndpointChanges:
    """What changed in one endpoint, the gravest first: the level of each change, and its words."""

    id: Untrusted
    changes: tuple[tuple[str, Untrusted], ...]


@dataclass(frozen=True)
class Day:
    """What was taken over on one day.

    Attributes:
        level: The level of the gravest change.
        suggested: The version to release because of it.
    """

    date: str
    level: str
    suggested: str
    endpoints: tuple[EndpointChanges, ...]


def changelog(history: Iterable[Entry]) -> tuple[Day, ...]:
    """Return the days on which something changed that callers may notice, the latest first."""
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
                tuple((one.level, Untrusted(one.text)) for one in changes),
            )
            for endpoint, changes in groupby(entries, lambda entry: entry.endpoint)
        ),
    )


def _level(entry: Entry) -> Level:
    return Level[entry.level.upper()]
