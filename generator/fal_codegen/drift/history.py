"""The history of documents: which changes it records, and which of them a new change reverts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from fal_codegen.document.json_values import canonical_text
from fal_codegen.drift.changes import Change, Report
from fal_codegen.drift.rules import RULES, opposites
from fal_codegen.history import Entry, Level

_MAX_VALUE = 500
"""Characters of a value; of longer values, only the hash is kept."""

_NOTHING = canonical_text(None)


def entries_of(changes: Iterable[Change], date: str) -> list[Entry]:
    """Return the entries for changes that were found on a date."""
    return [
        Entry(
            date=date,
            endpoint=change.endpoint,
            id=change.id,
            level=change.level.name.lower(),
            direction=change.direction_name,
            pointer=change.pointer,
            old=_value(change.old),
            new=_value(change.new),
            text=change.text,
            fingerprint=change.fingerprint,
        )
        for change in changes
    ]


def extended(history: tuple[Entry, ...], added: Iterable[Entry]) -> tuple[Entry, ...]:
    """Append entries to a history, without those that an interrupted run has already added.

    The same change cannot happen twice unless its new value changed in between, or its old value
    came back.
    """
    standing: dict[str, Entry] = {}
    at_place: dict[tuple[str, ...], set[str]] = {}
    for entry in history:
        here = at_place.setdefault(_topic(entry), set())
        for fingerprint in [each for each in here if _reopens(entry, standing[each])]:
            here.remove(fingerprint)
            del standing[fingerprint]
        here.add(entry.fingerprint)
        standing[entry.fingerprint] = entry
    return (*history, *(entry for entry in added if entry.fingerprint not in standing))


def _reopens(later: Entry, earlier: Entry) -> bool:
    """Return whether, after a later change at the same place, an earlier one can happen again."""
    if later.fingerprint == earlier.fingerprint:
        return False
    return (
        (later.old, later.new) == (earlier.new, earlier.old)
        or later.new == earlier.old != _NOTHING
        or later.old == earlier.new != _NOTHING
    )


def reverted_dates(history: Iterable[Entry], reports: Iterable[Report]) -> dict[str, str]:
    """Return, by a change's fingerprint, the date of the latest change that it reverts."""
    earlier_at: dict[tuple[str, ...], list[Entry]] = {}
    for entry in history:
        earlier_at.setdefault((*_place(entry), entry.id, entry.old, entry.new), []).append(entry)
    dates: dict[str, str] = {}
    for entry in entries_of((change for report in reports for change in report.changes), ""):
        rule = RULES[entry.id]
        reverted = [
            earlier.date
            for id in opposites(rule)
            for earlier in earlier_at.get((*_place(entry), id, entry.new, entry.old), ())
            if earlier.fingerprint != entry.fingerprint
        ]
        if reverted and rule.level is not Level.COSMETIC:
            dates[entry.fingerprint] = max(reverted)
    return dates


def _topic(entry: Entry) -> tuple[str, ...]:
    """Return the place and topic of an entry; changes that share both can revert each other."""
    rule = RULES.get(entry.id)
    return (*_place(entry), rule.topic if rule else entry.id)


def _place(entry: Entry) -> tuple[str, str, str]:
    """Return the place of a change and its opposite: for a move, the object of both properties."""
    rule = RULES.get(entry.id)
    pointer = entry.pointer.rpartition("/")[0] if rule and rule.is_move else entry.pointer
    return entry.endpoint, entry.direction, pointer


def _value(value: object) -> str:
    text = canonical_text(value)
    if len(text) <= _MAX_VALUE:
        return text
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"
