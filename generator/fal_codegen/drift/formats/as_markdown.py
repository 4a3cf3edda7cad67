"""For pull requests: Markdown as GitHub reads it, no longer than it takes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from fal_codegen.drift.changes import Change, Level
from fal_codegen.drift.formats.wording import (
    cosmetic,
    echo,
    name_of,
    notices,
    survival,
    told,
    verdict,
    words,
)
from fal_codegen.drift.survey import Survey
from fal_codegen.drift.words import Kind, Run
from fal_codegen.text.markdown import code, unlinked

_ROOM = 15_000
"""Characters of each of the four lists; GitHub takes 65,536 in all."""


def tell(survey: Survey) -> str:
    """Return the survey as Markdown."""
    parts = [f"**{unlinked(verdict(survey))}**", *map(unlinked, notices(survey))]
    rows = list(_rows(survey))
    if rows:
        parts.append(_table(["endpoint", "level", "what changed"], rows))
    failures = [f"- could not be compared: {unlinked(str(error))}" for error in survey.failures]
    ignored = [
        f"- ignored until {one.exemption.expires} ({unlinked(one.exemption.reason)}): "
        f"{code(one.change.endpoint)} {unlinked(one.change.text)}"
        for one in survey.ignored
    ]
    parts += [_fitting(items) for items in (failures, ignored) if items]
    unnoticed = cosmetic(survey.reports)
    if unnoticed:
        table = _table(["endpoint", "what changed"], [_cosmetic_row(one) for one in unnoticed])
        parts.append(
            f"<details><summary>{len(unnoticed)} cosmetic</summary>\n\n{table}\n\n</details>"
        )
    return "\n\n".join(parts) + "\n"


def _rows(survey: Survey) -> Iterator[list[str]]:
    for report in survey.reports:
        for change, more in told(report):
            notes = [unlinked(change.text)]
            if change.witness is not None:
                notes.append(f"no longer valid: {code(json.dumps(change.witness.value))}")
            notes += [note for note in (survival(change), echo(survey, change)) if note]
            notes += [f"and {more} more like it"] * bool(more)
            notes.append(code(change.fingerprint))
            name = name_of(change.level)
            shown = f"**{name}**" if change.level is Level.BREAKING else name
            yield [code(report.endpoint), shown, "<br>".join(notes)]


def _cosmetic_row(change: Change) -> list[str]:
    notes = [unlinked(change.text), _said(words(change)), code(change.fingerprint)]
    return [code(change.endpoint), "<br>".join(note for note in notes if note)]


def _said(runs: Iterable[Run]) -> str:
    """Return what changed in a text: what is gone struck through, what is new underlined."""
    marks = {Kind.KEPT: ("", ""), Kind.GONE: ("<del>", "</del>"), Kind.NEW: ("<ins>", "</ins>")}
    return " ".join(unlinked(text).join(marks[kind]) for kind, text in runs)


def _table(heads: list[str], rows: list[list[str]]) -> str:
    head = f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}\n"
    return head + _fitting([f"| {' | '.join(row)} |" for row in rows])


def _fitting(lines: list[str]) -> str:
    """Return as many lines as there is room for, and how many are left."""
    room = _ROOM
    for number, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            return "\n".join(lines[:number]) + f"\n\nand {len(lines) - number} more"
    return "\n".join(lines)
