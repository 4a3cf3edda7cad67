"""Words that more than one format uses, and which changes are told together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from fal_codegen.drift.changes import Change, Level, Report
from fal_codegen.drift.survey import Survey
from fal_codegen.drift.words import Run, changed_words

LEVELS = (Level.BREAKING, Level.BEHAVIOURAL, Level.ADDITIVE, Level.COSMETIC)
"""Every level that a change can have, the gravest first."""

_TOLD = 3
"""Changes of one kind at one place that are told; more of them are counted."""


_NO_WITNESSES = (
    "no examples of inputs that are no longer valid: to get them, install fal-codegen with its "
    "extra `emulator`"
)


def name_of(level: Level) -> str:
    """Return the name of a level, as people write it."""
    return level.name.lower()


def verdict(survey: Survey) -> str:
    """Return what the whole survey comes to, in one line."""
    endpoints = counted(survey.compared, "endpoint")
    if not survey.compared:
        said = "nothing was compared"
    elif not survey.reports:
        said = f"nothing changed in {endpoints}"
    else:
        counts = (
            f"{survey.counts[level]} {name_of(level)}" for level in LEVELS if level in survey.counts
        )
        said = f"{len(survey.reports)} of {endpoints} changed: {', '.join(counts)}"
    if survey.ignored:
        said += f"; {len(survey.ignored)} ignored"
    if survey.failures:
        said += f"; {counted(len(survey.failures), 'endpoint')} could not be compared"
    return said


def told(report: Report) -> Iterator[tuple[Change, int]]:
    """Yield the changes to tell that are more than cosmetic, with how many more are like each.

    Where many values of an option come or go at once, a few stand for all.
    """

    def kind(change: Change) -> tuple[int, str, str, str]:
        return -change.level, change.operation, change.pointer, change.id

    noticed = sorted((one for one in report.changes if one.level > Level.COSMETIC), key=kind)
    for _, like in groupby(noticed, kind):
        changes = list(like)
        shown = changes if len(changes) <= _TOLD + 1 else changes[:_TOLD]
        for change in shown[:-1]:
            yield change, 0
        yield shown[-1], len(changes) - len(shown)


def cosmetic(reports: Iterable[Report]) -> list[Change]:
    """Return the changes that nobody's calls notice."""
    return [one for report in reports for one in report.changes if one.level is Level.COSMETIC]


def survival(change: Change) -> str:
    """Return what a change means to the project's own generated client; or nothing."""
    if not change.survives:
        return "the generated client breaks"
    is_breaking = change.level is Level.BREAKING
    return "the generated client still works" if is_breaking else ""


def words(change: Change) -> list[Run]:
    """Return what changed in a text that a document says of something; nothing of other changes."""
    old, new = change.old, change.new
    texts = [value for value in (old, new) if isinstance(value, str)]
    if change.level is not Level.COSMETIC or not texts or not _are_texts(old, new):
        return []
    return changed_words(old or "", new or "")


def _are_texts(*values: object) -> bool:
    return all(value is None or isinstance(value, str) for value in values)


def notices(survey: Survey) -> list[str]:
    """Return what a reader has to know of the survey itself."""
    return [_NO_WITNESSES] if survey.lacks_witnesses else []


def echo(survey: Survey, change: Change) -> str:
    """Return that a change takes an earlier one back; or nothing."""
    since = survey.echoes.get(change.fingerprint)
    return f"reverts the change of {since}" if since else ""


def counted(number: int, noun: str) -> str:
    """Return a number of things, the noun in the plural where there is not one."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
