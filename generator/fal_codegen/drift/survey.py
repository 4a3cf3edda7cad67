"""A survey: what the comparison of many endpoints came to. Every format tells one of these."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fal_codegen.drift import compare
from fal_codegen.drift.changes import Change, Direction, Level, Report
from fal_codegen.drift.history import Entry, echoes
from fal_codegen.drift.ignore import Exemption, Ignored, without_ignored
from fal_codegen.drift.rules import RULES
from fal_codegen.drift.witness import is_possible
from fal_codegen.errors import CodegenError
from fal_codegen.exit_codes import ExitCode


@dataclass(frozen=True)
class Pair:
    """Two documents of one endpoint.

    Attributes:
        name: The endpoint's id, or what else the documents are known by.
        old: The older document; None if there was none.
        new: The newer one; None if there is none any more.
    """

    name: str
    old: Mapping[str, Any] | None
    new: Mapping[str, Any] | None


@dataclass(frozen=True)
class Survey:
    """How the documents of endpoints changed.

    Attributes:
        compared: How many endpoints were compared.
        reports: Of those that changed, the gravest first, then by id.
        failures: Why others could not be compared, which is never the same as no change.
        ignored: Changes that are in no report, because the project ignores them for now.
        idle: Exemptions of the project's that ignore nothing.
        echoes: By a change's fingerprint, the day (`2026-06-05`) since when the opposite change
            was known: it flaps.
        lacks_witnesses: Whether changes that break inputs are without a witness because this
            machine has no validator to prove one with.
        folder: The project's folder below the root of its repository, such as `packages/fal/`;
            empty if it is the root.
        lines: By a change's fingerprint, the line of the vendored document that it is about.
    """

    compared: int
    reports: tuple[Report, ...] = ()
    failures: tuple[CodegenError, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    idle: tuple[Exemption, ...] = ()
    echoes: Mapping[str, str] = field(default_factory=dict)
    lacks_witnesses: bool = False
    folder: str = ""
    lines: Mapping[str, int] = field(default_factory=dict)

    def path(self, endpoint: str) -> str:
        """Return the path of an endpoint's vendored document in the repository."""
        return f"{self.folder}specs/{endpoint}.json"

    @property
    def level(self) -> Level:
        """The level of the gravest change."""
        return max((report.level for report in self.reports), default=Level.NONE)

    @property
    def counts(self) -> Mapping[Level, int]:
        """How many changes there are at each level that has any."""
        return Counter(change.level for report in self.reports for change in report.changes)

    def exit_code(self, threshold: Level) -> ExitCode:
        """Return what a command exits with.

        Returns:
            `FAILURE` if an endpoint could not be compared; else `BREAKING` if a change breaks
            callers; else `DIFFERENCE` if one is at or above the threshold; else `SUCCESS`.
        """
        if self.failures:
            return ExitCode.FAILURE
        if self.level is Level.BREAKING:
            return ExitCode.BREAKING
        is_reached = self.level >= threshold > Level.NONE
        return ExitCode.DIFFERENCE if is_reached else ExitCode.SUCCESS


def survey(
    pairs: Collection[Pair],
    *,
    failures: Iterable[CodegenError] = (),
    exemptions: Collection[Exemption] = (),
    history: Collection[Entry] = (),
) -> Survey:
    """Compare endpoints, and put together what it comes to.

    Args:
        pairs: The documents of each.
        failures: Why others cannot be compared.
        exemptions: Which changes to ignore.
        history: Changes of earlier days.
    """
    failed = list(failures)
    reports: list[Report] = []
    for pair in pairs:
        try:
            reports.append(_report(pair))
        except CodegenError as error:
            error.endpoint = error.endpoint or pair.name
            failed.append(error)
    kept, ignored, idle = without_ignored(reports, exemptions)
    changed = [report for report in kept if report.changes]
    return Survey(
        compared=len(reports),
        reports=tuple(sorted(changed, key=lambda report: (-report.level, report.endpoint))),
        failures=tuple(failed),
        ignored=ignored,
        idle=idle,
        echoes=echoes(history, changed),
        lacks_witnesses=not is_possible() and any(map(_lacks_witness, changed)),
    )


def _lacks_witness(report: Report) -> bool:
    return any(
        change.direction is Direction.INPUT and change.witness is None
        for change in report.at(Level.BREAKING)
    )


def _report(pair: Pair) -> Report:
    if pair.old is None:
        return Report(pair.name, (_whole(pair.name, "endpoint-new"),))
    if pair.new is None:
        return Report(pair.name, (_whole(pair.name, "endpoint-gone"),))
    report = compare(pair.old, pair.new)
    if report.endpoint:
        return report
    changes = tuple(replace(change, endpoint=pair.name) for change in report.changes)
    return Report(pair.name, changes)


def _whole(name: str, rule: str) -> Change:
    known = RULES[rule]
    return Change(
        id=rule,
        level=known.level,
        endpoint=name,
        operation="",
        direction=known.direction,
        pointer="",
        old=None,
        new=None,
        text=known.message,
        survives=known.level is not Level.BREAKING,
    )
