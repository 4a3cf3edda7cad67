"""The history of a project's documents (`specs/history.jsonl`): one line per change, appended.

It is what the changelogs of generated packages are made from, and what shows that a change undoes
an earlier one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from fal_codegen.drift.changes import Change, Level, Report
from fal_codegen.drift.values import canonical
from fal_codegen.errors import ProjectError
from fal_codegen.project import HISTORY

_MAX_VALUE = 500
"""Characters of a value, above which only its hash is kept."""


@dataclass(frozen=True)
class Entry:
    """One change of one endpoint, and the day on which it was found.

    Attributes:
        date: The day, as `2026-06-05`.
        level: Name of the change's level, in small letters.
        old: What stood there before: JSON, or the hash of it.
        new: What stands there since.
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
    entries = []
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        try:
            entry = Entry(**json.loads(line))
            if not all(isinstance(value, str) for value in asdict(entry).values()):
                raise TypeError("a value is no text")
            Level[entry.level.upper()]
            date.fromisoformat(entry.date)
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise ProjectError(
                f"{HISTORY}, line {number} is damaged: {error}",
                hint="restore it from version control, or take the line out",
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


def entries_of(changes: Iterable[Change], day: str) -> list[Entry]:
    """Return the entries of changes that were found on a day."""
    return [
        Entry(
            date=day,
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

    What a run that was killed has already added is not added again: the same change cannot happen
    twice without its opposite in between.
    """
    last = {_place(entry): entry.fingerprint for entry in known}
    return (*known, *(one for one in added if last.get(_place(one)) != one.fingerprint))


def text_of(history: Iterable[Entry]) -> str:
    """Return a history as its file."""
    return "".join(f"{json.dumps(asdict(entry))}\n" for entry in history)


def echoes(history: Collection[Entry], reports: Iterable[Report]) -> dict[str, str]:
    """Return since when the opposite of changes is known, by fingerprint, where it is."""
    known = {(_place(entry), entry.old, entry.new): entry.date for entry in history}
    found: dict[str, str] = {}
    for report in reports:
        for change in report.changes:
            place = (change.endpoint, change.direction.value, change.pointer)
            old, new = _value(change.old), _value(change.new)
            since = known.get((place, new, old))
            if since is not None and old != new and change.level is not Level.COSMETIC:
                found[change.fingerprint] = since
    return found


def _place(entry: Entry) -> tuple[str, str, str]:
    return entry.endpoint, entry.direction, entry.pointer


def _value(value: object) -> str:
    text = canonical(value)
    if len(text) <= _MAX_VALUE:
        return text
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"
