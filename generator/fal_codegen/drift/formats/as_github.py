"""For GitHub's workflows: an annotation for each change (workflow commands of its runner)."""

from __future__ import annotations

from fal_codegen.drift.changes import Change, Level
from fal_codegen.drift.formats.wording import cosmetic, name_of, notices, survival, told, verdict
from fal_codegen.drift.survey import Survey
from fal_codegen.drift.values import shown
from fal_codegen.text.positions import annotation, annotation_property, line

_COMMANDS = {Level.BREAKING: "error", Level.BEHAVIOURAL: "warning"}


def tell(survey: Survey) -> str:
    """Return the survey as workflow commands."""
    lines = [
        _annotation(
            _COMMANDS.get(change.level, "notice"),
            _title(change),
            _said(change, more),
            path=survey.path(change.endpoint) if change.endpoint else "",
            at=survey.lines.get(change.fingerprint),
        )
        for report in survey.reports
        for change, more in told(report)
    ]
    unnoticed = len(cosmetic(survey.reports))
    if unnoticed:
        lines.append(
            _annotation("notice", "cosmetic", f"{unnoticed} of titles, descriptions and the like")
        )
    lines += [
        _annotation(
            "error",
            "could not be compared",
            error.message,
            path=survey.path(error.endpoint) if error.endpoint else "",
        )
        for error in survey.failures
    ]
    lines += [_annotation("notice", "about this report", notice) for notice in notices(survey)]
    return "\n".join([*lines, line(verdict(survey))]) + "\n"


def _title(change: Change) -> str:
    return f"{name_of(change.level)}: {change.endpoint or 'the document'}"


def _said(change: Change, more: int) -> str:
    parts = [change.text, survival(change)]
    if change.witness is not None:
        parts.insert(1, f"no longer valid: {shown(change.witness.value)}")
    if more:
        parts.append(f"and {more} more like it")
    parts.append(f"fingerprint {change.fingerprint}")
    return "\n".join(part for part in parts if part)


def _annotation(
    command: str, title: str, message: str, *, path: str = "", at: int | None = None
) -> str:
    about = {"file": path, "title": title, "line": str(at or "")}
    properties = ",".join(
        f"{name}={annotation_property(value)}" for name, value in about.items() if value
    )
    return f"::{command} {properties}::{annotation(message)}"
