"""GitHub workflow commands: one annotation per change."""

from __future__ import annotations

from fal_codegen.drift.changes import Change
from fal_codegen.drift.formats.wording import cosmetic, grouped, name_of, notices, survival, verdict
from fal_codegen.drift.report import DriftReport
from fal_codegen.drift.values import shown
from fal_codegen.history import Level
from fal_codegen.text.escaping import annotation, annotation_property, line

_COMMANDS = {Level.BREAKING: "error", Level.BEHAVIOURAL: "warning"}


def render(drift: DriftReport) -> str:
    """Render a report as workflow commands."""
    lines = [
        _annotation(
            _COMMANDS.get(change.level, "notice"),
            _title(change),
            _message(change, more),
            path=drift.path(change.endpoint) if change.endpoint else "",
            at=drift.lines.get(change.fingerprint),
        )
        for report in drift.reports
        for change, more in grouped(report)
    ]
    count = len(cosmetic(drift.reports))
    if count:
        lines.append(
            _annotation("notice", "cosmetic", f"{count} of titles, descriptions and the like")
        )
    lines += [
        _annotation(
            "error",
            "could not be compared",
            error.message,
            path=drift.path(error.endpoint) if error.endpoint else "",
        )
        for error in drift.failures
    ]
    lines += [_annotation("notice", "about this report", notice) for notice in notices(drift)]
    return "\n".join([*lines, line(verdict(drift))]) + "\n"


def _title(change: Change) -> str:
    return f"{name_of(change.level)}: {change.endpoint or 'the document'}"


def _message(change: Change, more: int) -> str:
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
