"""Text for a terminal: changes by endpoint, the most severe first, then the verdict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fal_codegen.drift.changes import Change, Report
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
from fal_codegen.drift.values import shown
from fal_codegen.drift.words import Tag, Words
from fal_codegen.errors import with_causes_once
from fal_codegen.history import Level
from fal_codegen.text import counted
from fal_codegen.text.escaping import line as one_line

_COLOURS = {
    Level.BREAKING: "31;1",
    Level.BEHAVIOURAL: "33",
    Level.ADDITIVE: "32",
    Level.PRICE: "36",
    Level.COSMETIC: "2",
    Level.NONE: "32",
}
"""ANSI colour codes (ECMA-48, SGR)."""

_WIDTH = len(name_of(Level.BEHAVIOURAL))


def render(drift: DriftReport, *, colour: bool = False) -> str:
    """Render a report as lines of text."""
    return "\n".join(_lines(drift, colour)) + "\n"


def _lines(drift: DriftReport, colour: bool) -> Iterator[str]:
    for report in drift.reports:
        yield from _report(drift, report, colour)
        yield ""
    for ignored in drift.ignored:
        change, until = ignored.change, ignored.exemption.expires
        yield f"ignored until {until}: {_where(change)} {one_line(change.text)}"
        yield f"  {one_line(ignored.exemption.reason)}"
    for exemption in drift.unused:
        entry = f"{exemption.fingerprint} ({one_line(exemption.reason)})"
        yield f"ignores nothing and can be removed: {entry}"
    for failure in with_causes_once(drift.failures):
        problem = f"{failure.endpoint or 'the document'}: {failure.message}"
        yield _painted(f"could not be compared: {one_line(problem)}", Level.BREAKING, colour)
        if failure.hint:
            yield f"  {one_line(failure.hint)}"
    yield from notices(drift)
    yield _painted(verdict(drift), Level.BREAKING if drift.failures else drift.level, colour)


def _report(drift: DriftReport, report: Report, colour: bool) -> Iterator[str]:
    yield _painted(one_line(report.endpoint) or "the document", report.level, colour)
    place: tuple[Level, str, str] | None = None
    for change, more in grouped(report):
        level = _painted(f"{name_of(change.level):<{_WIDTH}}", change.level, colour)
        text = change.text
        before, place = place, (change.level, change.operation, change.subject)
        if change.subject and place == before:  # group the changes of a property
            level, text = f"{'':<{_WIDTH}}", f"  and {text.removeprefix(f'{change.subject}: ')}"
        yield f"  {level}  {one_line(text)}  [{change.fingerprint}]"
        for note in _notes(drift, change):
            yield f"  {'':<{_WIDTH}}    {note}"
        if more:
            yield f"  {'':<{_WIDTH}}    and {more} more like it"
    cosmetics = cosmetic([report])
    if cosmetics:
        level = _painted(f"{name_of(Level.COSMETIC):<{_WIDTH}}", Level.COSMETIC, colour)
        yield f"  {level}  {counted(len(cosmetics), 'change')} of titles, descriptions and the like"
        for change in cosmetics:
            if runs := words(change):
                yield f"  {'':<{_WIDTH}}    {one_line(change.text)}  [{change.fingerprint}]"
                yield f"  {'':<{_WIDTH}}      {one_line(_marked(runs))}"


def _notes(drift: DriftReport, change: Change) -> Iterator[str]:
    if change.witness is not None:
        yield f"no longer valid: {shown(change.witness.value)}"
    yield from (note for note in (survival(change), reversal(drift, change)) if note)


def _marked(runs: Iterable[Words]) -> str:
    """Return the words of a text with the marks of `git diff --word-diff`."""
    marks = {Tag.KEPT: ("", ""), Tag.REMOVED: ("[-", "-]"), Tag.ADDED: ("{+", "+}")}
    return " ".join(text.join(marks[tag]) for tag, text in runs)


def _where(change: Change) -> str:
    return one_line(change.endpoint) or "the document"


def _painted(text: str, level: Level, colour: bool) -> str:
    return f"\033[{_COLOURS[level]}m{text}\033[0m" if colour else text
