"""For pull requests: Markdown as GitHub reads it, no longer than it takes."""

from __future__ import annotations

import json
from collections.abc import Iterator

from fal_codegen.drift.changes import Change, Level
from fal_codegen.drift.formats.wording import cosmetic, echo, name_of, survival, told, verdict
from fal_codegen.drift.survey import Survey
from fal_codegen.markdown import code, text

_ROOM = 60_000
"""Characters of the tables; GitHub takes 65,536 in all."""


def tell(survey: Survey) -> str:
    """Return the survey as Markdown."""
    parts = [f"**{_safe(verdict(survey))}**"]
    rows = list(_rows(survey))
    if rows:
        parts.append(_table(["endpoint", "level", "what changed"], rows))
    parts += [f"- could not be compared: {_safe(str(error))}" for error in survey.failures]
    parts += [
        f"- ignored until {ignored.exemption.expires} ({_safe(ignored.exemption.reason)}): "
        f"{code(ignored.change.endpoint)} {_safe(ignored.change.text)}"
        for ignored in survey.ignored
    ]
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
            notes = [_safe(change.text)]
            if change.witness is not None:
                notes.append(f"no longer valid: {code(json.dumps(change.witness.value))}")
            notes += [note for note in (survival(change), echo(survey, change)) if note]
            notes += [f"and {more} more like it"] * bool(more)
            name = name_of(change.level)
            shown = f"**{name}**" if change.level is Level.BREAKING else name
            yield [code(report.endpoint), shown, "<br>".join(notes)]


def _cosmetic_row(change: Change) -> list[str]:
    return [code(change.endpoint), _safe(change.text)]


def _table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    room = _ROOM // 2
    for number, row in enumerate(rows):
        line = f"| {' | '.join(row)} |"
        room -= len(line) + 1
        if room < 0:
            return "\n".join(lines) + f"\n\nand {len(rows) - number} more"
        lines.append(line)
    return "\n".join(lines)


def _safe(value: str) -> str:
    # A mention would notify somebody; GitHub looks for them when the Markdown is HTML already.
    return text(value.replace("@", "@\N{ZERO WIDTH SPACE}"))
