"""For GitHub's workflows: an annotation for each change (workflow commands of its runner)."""

from __future__ import annotations

from fal_codegen.drift.changes import Change, Level
from fal_codegen.drift.formats.wording import cosmetic, name_of, survival, told, verdict
from fal_codegen.drift.survey import Survey
from fal_codegen.drift.values import shown
from fal_codegen.text.positions import annotation, annotation_property, line

_COMMANDS = {Level.BREAKING: "error", Level.BEHAVIOURAL: "warning"}


def tell(survey: Survey) -> str:
    """Return the survey as workflow commands."""
    lines = [
        _annotation(
            _COMMANDS.get(change.level, "notice"),
            change.endpoint,
            _title(change),
            _said(change, more),
        )
        for report in survey.reports
        for change, more in told(report)
    ]
    unnoticed = len(cosmetic(survey.reports))
    if unnoticed:
        lines.append(_annotation("notice", "", "cosmetic", f"{unnoticed} of titles and the like"))
    lines += [
        _annotation("error", error.endpoint or "", "could not be compared", error.message)
        for error in survey.failures
    ]
    return "\n".join([*lines, line(verdict(survey))]) + "\n"


def _title(change: Change) -> str:
    return f"{name_of(change.level)}: {change.endpoint or 'the document'}"


def _said(change: Change, more: int) -> str:
    parts = [change.text, survival(change)]
    if change.witness is not None:
        parts.insert(1, f"no longer valid: {shown(change.witness.value)}")
    if more:
        parts.append(f"and {more} more like it")
    return "\n".join(part for part in parts if part)


def _annotation(command: str, endpoint: str, title: str, message: str) -> str:
    about = {"file": f"specs/{endpoint}.json"} if endpoint else {}
    properties = ",".join(
        f"{name}={annotation_property(value)}" for name, value in {**about, "title": title}.items()
    )
    return f"::{command} {properties}::{annotation(message)}"
