"""Words that several formats use, and the grouping of changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from fal_codegen.drift.changes import Change, Level, Report
from fal_codegen.drift.report import DriftReport
from fal_codegen.drift.words import Run, changed_words

LEVELS = (Level.BREAKING, Level.BEHAVIOURAL, Level.ADDITIVE, Level.COSMETIC)
"""Every level that a change can have, the gravest first."""

_MAX_ALIKE = 3
"""Changes of one kind at one place that are reported one by one; others are counted."""


_NO_WITNESSES = (
    "no examples of inputs that are no longer valid: to get them, install fal-codegen with its "
    "extra `emulator`"
)


def name_of(level: Level) -> str:
    """Return the name of a level, as people write it."""
    return level.name.lower()


def verdict(drift: DriftReport) -> str:
    """Return the result of the whole comparison, in one line."""
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
    """Yield changes that are more than cosmetic, each with the number of others that it stands for.

    If many values of an option are added or removed at once, a few stand for all.
    """

    def kind(change: Change) -> tuple[int, str, str, str]:
        return -change.level, change.operation, change.pointer, change.id

    noticed = sorted((one for one in report.changes if one.level > Level.COSMETIC), key=kind)
    for _, like in groupby(noticed, kind):
        changes = list(like)
        shown = changes if len(changes) <= _MAX_ALIKE + 1 else changes[:_MAX_ALIKE]
        for change in shown[:-1]:
            yield change, 0
        yield shown[-1], len(changes) - len(shown)


def cosmetic(reports: Iterable[Report]) -> list[Change]:
    """Return the changes that no call notices."""
    return [one for report in reports for one in report.changes if one.level is Level.COSMETIC]


def survival(change: Change) -> str:
    """Return what a change does to the generated client; empty if that is not worth a note."""
    if not change.survives:
        return "the generated client breaks"
    is_breaking = change.level is Level.BREAKING
    return "the generated client still works" if is_breaking else ""


def words(change: Change) -> list[Run]:
    """Return the changed words if a change is of an annotation that is text; else nothing."""
    old, new = change.old, change.new
    texts = [value for value in (old, new) if isinstance(value, str)]
    if change.level is not Level.COSMETIC or not texts or not _are_texts(old, new):
        return []
    return changed_words(old or "", new or "")


def _are_texts(*values: object) -> bool:
    return all(value is None or isinstance(value, str) for value in values)


def notices(drift: DriftReport) -> list[str]:
    """Return what a reader has to know about the report itself."""
    return [_NO_WITNESSES] if drift.lacks_witnesses else []


def reversal(drift: DriftReport, change: Change) -> str:
    """Return that a change reverts an earlier one; empty if it does not."""
    date = drift.reverted.get(change.fingerprint)
    return f"reverts the change of {date}" if date else ""


def counted(number: int, noun: str) -> str:
    """Return a number of things, with the noun in the plural unless there is one."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
