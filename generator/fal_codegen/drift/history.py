"""The history of a project's documents (`specs/history.jsonl`): one line per change, appended.

The changelogs of generated packages are rendered from it, and it shows which changes revert earlier
ones.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from fal_codegen.document.json_values import canonical
from fal_codegen.drift.changes import Change, Level, Report
from fal_codegen.drift.rules import RULES
from fal_codegen.errors import ProjectError
from fal_codegen.paths import HISTORY
from fal_codegen.text.merge_conflicts import reject_conflict

_MAX_VALUE = 500
"""Characters of a value, above which only its hash is kept."""

_NOTHING = canonical(None)


@dataclass(frozen=True)
class Entry:
    """One change of one endpoint, and the date on which it was found.

    Attributes:
        date: The date, as `2026-06-05`.
        level: Name of the change's level, in lower case.
        old: The old value: JSON, or the hash of it.
        new: The new value.
    """

    date: str
    endpoint: str
    id: str
    level: str
    direction: str
    pointer: str
    old: str
    new: str
    text: str
    fingerprint: str


def parse(data: bytes) -> tuple[Entry, ...]:
    """Read a history.

    Raises:
        ProjectError: A line of it is damaged.
    """
    text = data.decode("utf-8", "replace")
    entries = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            entry = Entry(**json.loads(line))
            if not all(isinstance(value, str) for value in asdict(entry).values()):
                raise TypeError("a value is not a string")
            Level[entry.level.upper()]
            date.fromisoformat(entry.date)
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            hint = "keep the lines of both sides, and remove those of git"
            reject_conflict(text, HISTORY, hint)
            raise ProjectError(
                f"{HISTORY}, line {number} is damaged: {error}",
                hint="restore it from version control, or remove the line",
            ) from error
        entries.append(entry)
    return tuple(entries)


def load(project: Path) -> tuple[Entry, ...]:
    """Return a project's history; most have none yet.

    Raises:
        ProjectError: A line of it is damaged.
    """
    path = project / HISTORY
    return parse(path.read_bytes()) if path.is_file() else ()


def entries_of(changes: Iterable[Change], date: str) -> list[Entry]:
    """Return the entries of changes that were found on a date."""
    return [
        Entry(
            date=date,
            endpoint=change.endpoint,
            id=change.id,
            level=change.level.name.lower(),
            direction=change.direction.value,
            pointer=change.pointer,
            old=_value(change.old),
            new=_value(change.new),
            text=change.text,
            fingerprint=change.fingerprint,
        )
        for change in changes
    ]


def extended(known: tuple[Entry, ...], added: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return a history with entries added.

    An entry that a killed run has added already is not added again: the same change cannot happen
    twice unless its new value changed in between, or its old value came back.
    """
    standing: dict[str, Entry] = {}
    at_place: dict[tuple[str, ...], set[str]] = {}
    for entry in known:
        here = at_place.setdefault(_about(entry), set())
        for fingerprint in [one for one in here if _reopens(entry, standing[one])]:
            here.remove(fingerprint)
            del standing[fingerprint]
        here.add(entry.fingerprint)
        standing[entry.fingerprint] = entry
    return (*known, *(one for one in added if one.fingerprint not in standing))


def _reopens(later: Entry, earlier: Entry) -> bool:
    """Return whether a later change at the same place allows an earlier one to be repeated."""
    if later.fingerprint == earlier.fingerprint:
        return False
    return (
        (later.old, later.new) == (earlier.new, earlier.old)
        or later.new == earlier.old != _NOTHING
        or later.old == earlier.new != _NOTHING
    )


def text_of(history: Iterable[Entry]) -> str:
    """Return the text of a history's file."""
    return "".join(f"{json.dumps(asdict(entry))}\n" for entry in history)


def reverted_dates(history: Iterable[Entry], reports: Iterable[Report]) -> dict[str, str]:
    """Return the date of the last earlier change that each change reverts, by fingerprint."""
    known: dict[tuple[str, ...], list[Entry]] = {}
    for entry in history:
        known.setdefault((*_place(entry), entry.id, entry.old, entry.new), []).append(entry)
    found: dict[str, str] = {}
    for entry in entries_of((change for report in reports for change in report.changes), ""):
        rule = RULES[entry.id]
        reverted = [
            earlier.date
            for id in rule.opposites
            for earlier in known.get((*_place(entry), id, entry.new, entry.old), ())
            if earlier.fingerprint != entry.fingerprint
        ]
        if reverted and rule.level is not Level.COSMETIC:
            found[entry.fingerprint] = max(reverted)
    return found


def _about(entry: Entry) -> tuple[str, ...]:
    """Return what an entry is about: changes of it can revert, or follow, each other."""
    rule = RULES.get(entry.id)
    return (*_place(entry), rule.topic if rule else entry.id)


def _place(entry: Entry) -> tuple[str, str, str]:
    """Return where a change and its opposite are: for a move, the object of both properties."""
    rule = RULES.get(entry.id)
    pointer = entry.pointer.rpartition("/")[0] if rule and rule.is_move else entry.pointer
    return entry.endpoint, entry.direction, pointer


def _value(value: object) -> str:
    text = canonical(value)
    if len(text) <= _MAX_VALUE:
        return text
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"
