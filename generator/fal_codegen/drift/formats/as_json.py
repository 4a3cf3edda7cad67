"""For programs: JSON whose form stays (`survey.schema.json`); keys may be added to it."""

from __future__ import annotations

from typing import Any

from fal_codegen.drift.changes import Change
from fal_codegen.drift.formats.wording import name_of, notices
from fal_codegen.drift.survey import Survey
from fal_codegen.text.positions import json_report


def tell(survey: Survey) -> str:
    """Return the survey as JSON."""
    told = {
        "level": name_of(survey.level),
        "compared": survey.compared,
        "changes": [
            _change(change, survey) for report in survey.reports for change in report.changes
        ],
        "ignored": [
            {
                **_change(ignored.change, survey),
                "reason": ignored.exemption.reason,
                "expires": ignored.exemption.expires.isoformat(),
            }
            for ignored in survey.ignored
        ],
        "failures": [
            {"endpoint": error.endpoint or "", "message": error.message, "hint": error.hint or ""}
            for error in survey.failures
        ],
        "notices": notices(survey),
    }
    return json_report(told) + "\n"


def _change(change: Change, survey: Survey) -> dict[str, Any]:
    told = {
        "id": change.id,
        "level": name_of(change.level),
        "endpoint": change.endpoint,
        "direction": change.direction.value,
        "pointer": change.pointer,
        "old": change.old,
        "new": change.new,
        "text": change.text,
        "fingerprint": change.fingerprint,
        "survives": change.survives,
        "surface": change.surface,
    }
    if change.witness is not None:
        told["witness"] = change.witness.value
    if change.fingerprint in survey.echoes:
        told["repeats"] = survey.echoes[change.fingerprint]
    return told
