"""Wording and grouping of changes that several formats share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from fal_codegen.drift.changes import Change, Report
from fal_codegen.drift.report import DriftReport
from fal_codegen.drift.words import Words, changed_words
from fal_codegen.history import Level
from fal_codegen.text import counted

LEVELS = (Level.BREAKING, Level.BEHAVIOURAL, Level.ADDITIVE, Level.PRICE, Level.COSMETIC)
"""Levels of changes, the most severe first."""

_MAX_ALIKE = 3
"""Similar changes at one place that are listed one by one; the others are counted."""

_NO_WITNESSES = (
    "no examples of inputs that are no longer valid: to get them, install fal-codegen with its "
    "extra `drift`"
)


def name_of(level: Level) -> str:
    """Return the name of a level in lower case."""
    return level.name.lower()


def verdict(drift: DriftReport) -> str:
    """Summarise the comparison in one line."""
    endpoints = counted(drift.compared, "endpoint")
    if not drift.compared:
        text = "nothing was compared"
    elif not drift.reports:
        text = f"nothing changed in {endpoints}"
    else:
        counts = (
            f"{drift.counts[level]} {name_of(level)}" for level in LEVELS if level in drift.counts
        )
        text = f"{len(drift.reports)} of {endpoints} changed: {', '.join(counts)}"
    if drift.ignored:
        text += f"; {len(drift.ignored)} ignored"
    if drift.failures:
        text += f"; {counted(len(drift.failures), 'endpoint')} could not be compared"
    return text


def grouped(report: Report) -> Iterator[tuple[Change, int]]:
    """Yield each change that is not cosmetic, with the number of similar changes omitted after it.

    If many values of an enum are added or removed at once, only a few are listed.
    """

    def key(change: Change) -> tuple[int, str, str, str]:
        return -change.level, change.operation, change.pointer, change.id

    noticed = sorted((each for each in report.changes if each.level > Level.COSMETIC), key=key)
    for _, like in groupby(noticed, key):
        changes = list(like)
        shown = changes if len(changes) <= _MAX_ALIKE + 1 else changes[:_MAX_ALIKE]
        for change in shown[:-1]:
            yield change, 0
        yield shown[-1], len(changes) - len(shown)


def cosmetic(reports: Iterable[Report]) -> list[Change]:
    """Return the cosmetic changes of reports."""
    return [change for report in reports for change in report.at(Level.COSMETIC)]


def survival(change: Change) -> str:
    """Return what happens to the generated client; empty if it works and nothing breaks."""
    if not change.survives:
        return "the generated client breaks"
    is_breaking = change.level is Level.BREAKING
    return "the generated client still works" if is_breaking else ""


def words(change: Change) -> list[Words]:
    """Return the changed words of a text annotation; empty for any other change."""
    match change.old, change.new:
        case (str() | None) as old, (str() | None) as new if change.level is Level.COSMETIC:
            return changed_words(old or "", new or "")
        case _:
            return []


def notices(drift: DriftReport) -> list[str]:
    """Return notes about the report itself."""
    return [*drift.notices, *([_NO_WITNESSES] if drift.lacks_witnesses else [])]


def reversal(drift: DriftReport, change: Change) -> str:
    """Return a note if a change reverts an earlier one; otherwise an empty string."""
    date = drift.reverted.get(change.fingerprint)
    return f"reverts the change of {date}" if date else ""
