"""The history of a project's documents (`specs/history.jsonl`): one appended line per change.

It is the source of the changelogs in generated packages, and shows which changes revert earlier
ones.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path

from fal_codegen.document.json_values import canonical_text
from fal_codegen.drift.changes import Change, Level, Report
from fal_codegen.drift.rules import RULES
from fal_codegen.errors import ProjectError
from fal_codegen.paths import HISTORY, project_file
from fal_codegen.text.merge_conflicts import reject_conflict

_MAX_VALUE = 500
"""Characters of a value; of longer values, only the hash is kept."""

_NOTHING = canonical_text(None)


@dataclass(frozen=True)
class Entry:
    """One change of one endpoint, and the date on which it was found.

    Attributes:
        date: The date, such as `2026-06-05`.
        level: Name of the change's level, in lower case.
        direction: `input`, `output` or `endpoint`.
        old: The old value as JSON, or its hash.
        new: The new value as JSON, or its hash.
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
            entry = _entry(line)
        except (ValueError, RecursionError) as error:
            hint = "keep the lines of both sides, and remove those of git"
            reject_conflict(text, HISTORY, hint)
            raise ProjectError(
                f"{HISTORY}, line {number} is damaged: {error}",
                hint="restore it from version control, or remove the line",
            ) from error
        entries.append(entry)
    return tuple(entries)


def _entry(line: str) -> Entry:
    """Read a line of a history.

    Raises:
        ValueError: It is not an entry; the message gives the reason.
        RecursionError: It is nested too deep.
    """
    record = json.loads(line)
    if not isinstance(record, dict):
        raise ValueError("it is not a JSON object")
    names = [field.name for field in fields(Entry)]
    for name in names:
        if name not in record:
            raise ValueError(f"{name} is missing")
        if not isinstance(record[name], str):
            raise ValueError(f"{name} must be a string")
    if unknown := sorted(record.keys() - set(names)):
        raise ValueError(f"{unknown[0][:60]} is not known")
    entry = Entry(**record)
    if entry.level.upper() not in Level.__members__:
        raise ValueError(f"{entry.level[:60]!r} is not a level")
    try:
        date.fromisoformat(entry.date)
    except ValueError as error:
        raise ValueError(f"{entry.date[:60]!r} is not a date") from error
    return entry


def load(project: Path) -> tuple[Entry, ...]:
    """Read a project's history; empty if the file does not exist.

    Raises:
        ProjectError: A line of it is damaged.
    """
    path = project_file(project, HISTORY)
    return () if path is None else parse(path.read_bytes())


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


def text_of(history: Iterable[Entry]) -> str:
    """Return a history as the text of its file."""
    return "".join(f"{json.dumps(asdict(entry))}\n" for entry in history)


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
            for id in rule.opposites
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
