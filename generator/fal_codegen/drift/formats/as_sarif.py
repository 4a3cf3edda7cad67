"""SARIF 2.1.0 (OASIS) for code scanning: one result per change."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from fal_codegen import __version__
from fal_codegen.drift.changes import Change
from fal_codegen.drift.formats.wording import name_of, notices
from fal_codegen.drift.report import DriftReport
from fal_codegen.drift.rules import RULES
from fal_codegen.history import Level
from fal_codegen.text.escaping import json_report, sarif

_LEVELS = {Level.BREAKING: "error", Level.BEHAVIOURAL: "warning"}


def render(drift: DriftReport) -> str:
    """Render a report as a log with one run."""
    changes = [change for report in drift.reports for change in report.changes]
    ids = sorted({change.id for change in changes})
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "fal-codegen",
                        "version": __version__,
                        "rules": [_rule(id) for id in ids],
                    }
                },
                "invocations": [
                    {
                        "executionSuccessful": not drift.failures,
                        "toolExecutionNotifications": [
                            {"level": "error", "message": {"text": sarif(str(error))}}
                            for error in drift.failures
                        ]
                        + [
                            {"level": "note", "message": {"text": notice}}
                            for notice in notices(drift)
                        ],
                    }
                ],
                "results": [_result(drift, change, ids.index(change.id)) for change in changes],
            }
        ],
    }
    return json_report(log) + "\n"


def _rule(id: str) -> dict[str, Any]:
    rule = RULES[id]
    return {
        "id": id,
        "shortDescription": {"text": sarif(re.sub(r"\{\w+\}", "…", rule.message))},
        "defaultConfiguration": {"level": _LEVELS.get(rule.level, "note")},
    }


def _result(drift: DriftReport, change: Change, index: int) -> dict[str, Any]:
    # A document that names no endpoint is not part of a project.
    uri = quote(drift.path(change.endpoint), errors="replace") if change.endpoint else ""
    place = {
        "physicalLocation": {
            "artifactLocation": {"uri": uri},
            "region": {"startLine": drift.lines.get(change.fingerprint, 1)},
        }
    }
    return {
        "ruleId": change.id,
        "ruleIndex": index,
        "level": _LEVELS.get(change.level, "note"),
        "message": {"text": sarif(change.text)},
        "locations": [place] if uri else [],
        "partialFingerprints": {"change/v1": change.fingerprint},
        "properties": {"level": name_of(change.level), "survives": change.survives},
    }
