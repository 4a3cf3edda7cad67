"""Pairs of small documents, and their reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from documents import document, obj
from fal_codegen.drift import Change, Direction, Level, Report, compare

Json = Mapping[str, Any]

NOTHING = Level.NONE
BREAKING, BEHAVIOURAL = Level.BREAKING, Level.BEHAVIOURAL
ADDITIVE, COSMETIC = Level.ADDITIVE, Level.COSMETIC

INPUT, OUTPUT = Direction.INPUT, Direction.OUTPUT


def of_inputs(old: Json, new: Json, **components: Any) -> Report:
    """Compare two documents that differ in the schema of the input."""
    return compare(
        document(input=old, components=components), document(input=new, components=components)
    )


def of_outputs(old: Json, new: Json, **components: Any) -> Report:
    """Compare two documents that differ in the schema of the output."""
    return compare(
        document(output=old, components=components), document(output=new, components=components)
    )


def of_properties(direction: Direction, old: Json, new: Json, **components: Any) -> Report:
    """Compare two documents that differ in the schema of the optional property `x`."""
    compared = of_inputs if direction is INPUT else of_outputs
    return compared(obj({"x": old}, required=[]), obj({"x": new}, required=[]), **components)


def reported(report: Report) -> set[tuple[str, Level]]:
    """Return the rules and levels of a report."""
    return {(change.id, change.level) for change in report.changes}


def only(report: Report) -> Change:
    """Return the one change of a report."""
    assert len(report.changes) == 1, [change.text for change in report.changes]
    return report.changes[0]
