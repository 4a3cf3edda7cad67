"""JUnit XML for test dashboards: one test case per endpoint.

Breaking and behavioural changes fail the case. Other changes pass and are listed.
"""

from __future__ import annotations

from xml.etree import ElementTree

from fal_codegen.drift.changes import Report
from fal_codegen.drift.formats.wording import name_of, notices, verdict
from fal_codegen.drift.report import DriftReport
from fal_codegen.history import Level
from fal_codegen.text import counted
from fal_codegen.text.escaping import xml


def render(drift: DriftReport) -> str:
    """Render a report as a test suite."""
    suite = ElementTree.Element(
        "testsuite",
        name="fal-codegen drift",
        tests=str(drift.compared + len(drift.failures)),
        failures=str(sum(map(_fails, drift.reports))),
        errors=str(len(drift.failures)),
    )
    for report in drift.reports:
        changes = "\n".join(f"{name_of(change.level)}: {change.text}" for change in report.changes)
        case = _case(suite, report.endpoint)
        if _fails(report):
            level = name_of(report.level)
            message = f"{counted(len(report.changes), 'change')}, {level}"
            ElementTree.SubElement(case, "failure", type=level, message=message).text = xml(changes)
        else:
            ElementTree.SubElement(case, "system-out").text = xml(changes)
    for error in drift.failures:
        found = ElementTree.SubElement(
            _case(suite, error.endpoint or ""), "error", message=xml(error.message)
        )
        found.text = xml(str(error))
    unchanged = drift.compared - len(drift.reports)
    if unchanged:
        _case(suite, f"{unchanged} unchanged")
    ElementTree.SubElement(suite, "system-out").text = xml(
        "\n".join([*notices(drift), verdict(drift)])
    )
    ElementTree.indent(suite)
    text = ElementTree.tostring(suite, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def _fails(report: Report) -> bool:
    return report.level >= Level.BEHAVIOURAL


def _case(suite: ElementTree.Element, name: str) -> ElementTree.Element:
    return ElementTree.SubElement(
        suite, "testcase", classname="fal-codegen.drift", name=xml(name) or "the document"
    )
