"""The file of a project's history, `specs/history.jsonl`: one line for each change."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from fal_codegen.errors import ProjectError
from fal_codegen.history import Entry, Level
from fal_codegen.merge_conflicts import reject_conflict
from fal_codegen.paths import HISTORY, project_file
from fal_codegen.project.atomic_files import write_atomic


def load(project: Path) -> tuple[Entry, ...]:
    """Read a project's history; empty if the file does not exist.

    Raises:
        ProjectError: A line of it is damaged.
    """
    path = project_file(project, HISTORY)
    return () if path is None else parse(path.read_bytes())


def save(project: Path, history: Iterable[Entry]) -> None:
    """Write a project's history."""
    write_atomic(
        project / HISTORY, "".join(f"{json.dumps(entry._asdict())}\n" for entry in history)
    )


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
            hint = "keep the lines of both sides, and remove the lines that git added"
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
    for name in Entry._fields:
        if name not in record:
            raise ValueError(f"{name} is missing")
        if not isinstance(record[name], str):
            raise ValueError(f"{name} must be a string")
    if unknown := sorted(record.keys() - {*Entry._fields}):
        raise ValueError(f"{unknown[0][:60]} is not known")
    entry = Entry(**record)
    if entry.level.upper() not in Level.__members__:
        raise ValueError(f"{entry.level[:60]!r} is not a level")
    try:
        date.fromisoformat(entry.date)
    except ValueError as error:
        raise ValueError(f"{entry.date[:60]!r} is not a date") from error
    return entry
