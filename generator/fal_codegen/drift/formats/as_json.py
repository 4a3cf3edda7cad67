"""JSON for programs, with a stable schema (`survey.schema.json`); new keys may be added."""

from __future__ import annotations

from typing import Any

from fal_codegen.drift.changes import Change
from fal_codegen.drift.formats.wording import name_of, notices
from fal_codegen.drift.report import DriftReport
from fal_codegen.text.escaping import json_report


def render(drift: DriftReport) -> str:
    """Render a report as JSON."""
    data = {
        "level": name_of(drift.level),
        "compared": drift.compared,
        "changes": [
            _change(change, drift) for report in drift.reports for change in report.changes
        ],
        "ignored": [
            {
                **_change(ignored.change, drift),
                "reason": ignored.exemption.reason,
                "expires": ignored.exemption.expires.isoformat(),
            }
            for ignored in drift.ignored
        ],
        "failures": [
            {"endpoint": error.endpoint or "", "message": error.message, "hint": error.hint or ""}
            for error in drift.failures
        ],
        "notices": notices(drift),
    }
    return json_report(data) + "\n"


def _change(change: Change, drift: DriftReport) -> dict[str, Any]:
    fields = {
        "id": change.id,
        "level": name_of(change.level),
        "endpoint": change.endpoint,
        "direction": change.direction_name,
        "pointer": change.pointer,
        "old": change.old,
        "new": change.new,
        "text": change.text,
        "fingerprint": change.fingerprint,
        "survives": change.survives,
        "surface": change.surface,
    }
    if change.witness is not None:
        fields["witness"] = change.witness.value
    if change.fingerprint in drift.reverted:
        fields["repeats"] = drift.reverted[change.fingerprint]
    return fields
