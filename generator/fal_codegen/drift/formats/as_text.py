"""For people, in a terminal: by endpoint, the gravest first, the verdict last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fal_codegen.drift.changes import Change, Level, Report
from fal_codegen.drift.formats.wording import (
    cosmetic,
    counted,
    echo,
    name_of,
    notices,
    survival,
    told,
    verdict,
    words,
)
from fal_codegen.drift.survey import Survey
from fal_codegen.drift.values import one_line, shown
from fal_codegen.drift.words import Kind, Run

_COLOURS = {
    Level.BREAKING: "31;1",
    Level.BEHAVIOURAL: "33",
    Level.ADDITIVE: "32",
    Level.COSMETIC: "2",
    Level.NONE: "32",
}
"""Codes of ANSI (ECMA-48, SGR)."""

_WIDTH = len(name_of(Level.BEHAVIOURAL))


def tell(survey: Survey, *, colour: bool = False) -> str:
    """Return the survey as lines."""
    return "\n".join(_lines(survey, colour)) + "\n"


def _lines(survey: Survey, colour: bool) -> Iterator[str]:
    for report in survey.reports:
        yield from _report(survey, report, colour)
        yield ""
    for ignored in survey.ignored:
        change, until = ignored.change, ignored.exemption.expires
        yield f"ignored until {until}: {_where(change)} {one_line(change.text)}"
        yield f"  {one_line(ignored.exemption.reason)}"
    for exemption in survey.idle:
        told = f"{exemption.fingerprint} ({one_line(exemption.reason)})"
        yield f"ignores nothing and can be removed: {told}"
    for failure in survey.failures:
        said = f"{failure.endpoint or 'the document'}: {failure.message}"
        yield _painted(f"could not be compared: {one_line(said)}", Level.BREAKING, colour)
        if failure.hint:
            yield f"  {one_line(failure.hint)}"
    yield from notices(survey)
    yield _painted(verdict(survey), Level.BREAKING if survey.failures else survey.level, colour)


def _report(survey: Survey, report: Report, colour: bool) -> Iterator[str]:
    yield _painted(one_line(report.endpoint) or "the document", report.level, colour)
    place: tuple[Level, str, str] | None = None
    for change, more in told(report):
        level = _painted(f"{name_of(change.level):<{_WIDTH}}", change.level, colour)
        text = change.text
        before, place = place, (change.level, change.operation, change.subject)
        if change.subject and place == before:  # what is said of one property stands together
            level, text = f"{'':<{_WIDTH}}", f"  and {text.removeprefix(f'{change.subject}: ')}"
        yield f"  {level}  {one_line(text)}  [{change.fingerprint}]"
        for note in _notes(survey, change):
            yield f"  {'':<{_WIDTH}}    {note}"
        if more:
            yield f"  {'':<{_WIDTH}}    and {more} more like it"
    unnoticed = cosmetic([report])
    if unnoticed:
        level = _painted(f"{name_of(Level.COSMETIC):<{_WIDTH}}", Level.COSMETIC, colour)
        yield f"  {level}  {counted(len(unnoticed), 'change')} of titles, descriptions and the like"
        for change in unnoticed:
            if runs := words(change):
                yield f"  {'':<{_WIDTH}}    {one_line(change.text)}  [{change.fingerprint}]"
                yield f"  {'':<{_WIDTH}}      {one_line(_said(runs))}"


def _notes(survey: Survey, change: Change) -> Iterator[str]:
    if change.witness is not None:
        yield f"no longer valid: {shown(change.witness.value)}"
    yield from (note for note in (survival(change), echo(survey, change)) if note)


def _said(runs: Iterable[Run]) -> str:
    """Return what changed in a text as `git diff --word-diff` shows it."""
    marks = {Kind.KEPT: ("", ""), Kind.GONE: ("[-", "-]"), Kind.NEW: ("{+", "+}")}
    return " ".join(text.join(marks[kind]) for kind, text in runs)


def _where(change: Change) -> str:
    return one_line(change.endpoint) or "the document"


def _painted(text: str, level: Level, colour: bool) -> str:
    return f"\033[{_COLOURS[level]}m{text}\033[0m" if colour else text
