"""For dashboards of tests: JUnit's XML, an endpoint being a case.

It fails if callers may notice what changed; what is new or only said otherwise is told and passes.
"""

from __future__ import annotations

from xml.etree import ElementTree

from fal_codegen.drift.changes import Level, Report
from fal_codegen.drift.formats.wording import counted, name_of, notices, verdict
from fal_codegen.drift.survey import Survey
from fal_codegen.text.positions import xml


def tell(survey: Survey) -> str:
    """Return the survey as a suite of tests."""
    suite = ElementTree.Element(
        "testsuite",
        name="fal-codegen drift",
        tests=str(survey.compared + len(survey.failures)),
        failures=str(sum(map(_fails, survey.reports))),
        errors=str(len(survey.failures)),
    )
    for report in survey.reports:
        changes = "\n".join(f"{name_of(one.level)}: {one.text}" for one in report.changes)
        case = _case(suite, report.endpoint)
        if _fails(report):
            kind = name_of(report.level)
            message = f"{counted(len(report.changes), 'change')}, {kind}"
            ElementTree.SubElement(case, "failure", type=kind, message=message).text = xml(changes)
        else:
            ElementTree.SubElement(case, "system-out").text = xml(changes)
    for error in survey.failures:
        found = ElementTree.SubElement(
            _case(suite, error.endpoint or ""), "error", message=xml(error.message)
        )
        found.text = xml(str(error))
    unchanged = survey.compared - len(survey.reports)
    if unchanged:
        _case(suite, f"{unchanged} unchanged")
    ElementTree.SubElement(suite, "system-out").text = xml(
        "\n".join([*notices(survey), verdict(survey)])
    )
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _fails(report: Report) -> bool:
    return report.level >= Level.BEHAVIOURAL


def _case(suite: ElementTree.Element, name: str) -> ElementTree.Element:
    return ElementTree.SubElement(
        suite, "testcase", classname="fal-codegen.drift", name=xml(name) or "the document"
    )
