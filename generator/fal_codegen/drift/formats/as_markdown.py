"""Markdown for pull requests, within GitHub's size limit."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from fal_codegen.drift.changes import Change
from fal_codegen.drift.formats.wording import (
    cosmetic,
    grouped,
    name_of,
    notices,
    reversal,
    survival,
    verdict,
    words,
)
from fal_codegen.drift.report import DriftReport
from fal_codegen.drift.words import Tag, Words
from fal_codegen.history import Level
from fal_codegen.text.markdown import code, unlinked

_ROOM = 15_000
"""Characters in each of the four lists; GitHub accepts 65,536 in total."""


def render(drift: DriftReport) -> str:
    """Render a report as Markdown."""
    parts = [f"**{unlinked(verdict(drift))}**", *map(unlinked, notices(drift))]
    rows = list(_rows(drift))
    if rows:
        parts.append(_table(["endpoint", "level", "what changed"], rows))
    failures = [f"- could not be compared: {unlinked(str(error))}" for error in drift.failures]
    ignored = [
        f"- ignored until {exemption.expires} ({unlinked(exemption.reason)}): "
        f"{code(change.endpoint)} {unlinked(change.text)}"
        for change, exemption in drift.ignored
    ]
    parts += [_fitting(items) for items in (failures, ignored) if items]
    cosmetics = cosmetic(drift.reports)
    if cosmetics:
        table = _table(
            ["endpoint", "what changed"], [_cosmetic_row(change) for change in cosmetics]
        )
        parts.append(
            f"<details><summary>{len(cosmetics)} cosmetic</summary>\n\n{table}\n\n</details>"
        )
    return "\n\n".join(parts) + "\n"


def _rows(drift: DriftReport) -> Iterator[list[str]]:
    for report in drift.reports:
        for change, more in grouped(report):
            notes = [unlinked(change.text)]
            if change.witness is not None:
                notes.append(f"no longer valid: {code(json.dumps(change.witness.value))}")
            notes += [note for note in (survival(change), reversal(drift, change)) if note]
            notes += [f"and {more} more like it"] * bool(more)
            notes.append(code(change.fingerprint))
            name = name_of(change.level)
            shown = f"**{name}**" if change.level is Level.BREAKING else name
            yield [code(report.endpoint), shown, "<br>".join(notes)]


def _cosmetic_row(change: Change) -> list[str]:
    notes = [unlinked(change.text), _marked(words(change)), code(change.fingerprint)]
    return [code(change.endpoint), "<br>".join(note for note in notes if note)]


def _marked(runs: Iterable[Words]) -> str:
    """Return the words of a text, with removed words struck through and added ones underlined."""
    marks = {
        Tag.KEPT: ("", ""),
        Tag.REMOVED: ("<del>", "</del>"),
        Tag.ADDED: ("<ins>", "</ins>"),
    }
    return " ".join(unlinked(text).join(marks[tag]) for tag, text in runs)


def _table(heads: list[str], rows: list[list[str]]) -> str:
    head = f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}\n"
    return head + _fitting([f"| {' | '.join(row)} |" for row in rows])


def _fitting(lines: list[str]) -> str:
    """Return as many lines as fit, and the number of omitted ones."""
    room = _ROOM
    for number, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            return "\n".join(lines[:number]) + f"\n\nand {len(lines) - number} more"
    return "\n".join(lines)
