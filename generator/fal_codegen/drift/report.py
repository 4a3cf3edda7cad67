"""The report on many endpoints, which every format renders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fal_codegen.document.models import Direction
from fal_codegen.drift import compare, operation_rules
from fal_codegen.drift.changes import Change, Report
from fal_codegen.drift.history import reverted_dates
from fal_codegen.drift.ignore import Exemption, Ignored, without_ignored
from fal_codegen.drift.prices import PricePair, price_changes
from fal_codegen.drift.rule_types import Rule
from fal_codegen.drift.witness import is_possible
from fal_codegen.errors import CodegenError
from fal_codegen.history import Entry, Level


@dataclass(frozen=True)
class DocumentPair:
    """Two documents of one endpoint.

    Attributes:
        name: The endpoint's id, or the path of the documents if they name no endpoint.
        old: The older document; None if the endpoint is new.
        new: The newer one; None if the endpoint was removed.
        prices: Two prices of the endpoint; None if they were not looked up.
    """

    name: str
    old: Mapping[str, Any] | None
    new: Mapping[str, Any] | None
    prices: PricePair | None = None


@dataclass(frozen=True)
class DriftReport:
    """The changes in the documents of endpoints.

    Attributes:
        compared: Number of compared endpoints.
        reports: One report per changed endpoint, the most severe first, then by id.
        failures: Errors of endpoints that could not be compared. A failed comparison never counts
            as unchanged.
        ignored: Changes that the project ignores, which are in no report.
        unused: Exemptions that no change matches.
        reverted: By a change's fingerprint, the date (`2026-06-05`) of the earlier change that it
            reverts.
        notices: What was not compared, and why, if that is no failure.
        lacks_witnesses: Whether breaking input changes have no witness because the validator is
            not installed.
        folder: The project's folder below the root of its repository, such as `packages/fal/`;
            empty if it is the root.
        lines: The line of each change in the vendored document, by fingerprint.
        files: Paths of documents that are not the vendored ones, by endpoint.
    """

    compared: int
    reports: tuple[Report, ...] = ()
    failures: tuple[CodegenError, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    unused: tuple[Exemption, ...] = ()
    reverted: Mapping[str, str] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    lacks_witnesses: bool = False
    folder: str = ""
    lines: Mapping[str, int] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    def path(self, endpoint: str) -> str:
        """Return the path of an endpoint's document in the repository."""
        return self.files.get(endpoint) or f"{self.folder}specs/{endpoint}.json"

    @property
    def level(self) -> Level:
        """The level of the most severe change."""
        return max((report.level for report in self.reports), default=Level.NONE)

    @property
    def counts(self) -> Mapping[Level, int]:
        """The number of changes at each level that has any."""
        return Counter(change.level for report in self.reports for change in report.changes)


def compare_all(
    pairs: Collection[DocumentPair],
    *,
    failures: Iterable[CodegenError] = (),
    exemptions: Collection[Exemption] = (),
    history: Collection[Entry] = (),
    notices: Iterable[str] = (),
) -> DriftReport:
    """Compare the documents of endpoints.

    Args:
        pairs: The documents of each endpoint.
        failures: Errors of endpoints that cannot be compared.
        exemptions: Changes to ignore.
        history: Earlier changes.
        notices: See `DriftReport`.
    """
    failed = list(failures)
    reports: list[Report] = []
    for pair in pairs:
        try:
            reports.append(_report(pair))
        except CodegenError as error:
            failed.append(error.complete(endpoint=pair.name))
    kept, ignored, unused = without_ignored(reports, exemptions)
    changed = [report for report in kept if report.changes]
    return DriftReport(
        compared=len(reports),
        reports=tuple(sorted(changed, key=lambda report: (-report.level, report.endpoint))),
        failures=tuple(failed),
        ignored=ignored,
        unused=unused,
        reverted=reverted_dates(history, changed),
        notices=tuple(notices),
        lacks_witnesses=not is_possible() and any(map(_lacks_witness, changed)),
    )


def _lacks_witness(report: Report) -> bool:
    return any(
        change.direction is Direction.INPUT and change.witness is None
        for change in report.at(Level.BREAKING)
    )


def _report(pair: DocumentPair) -> Report:
    if pair.old is None:
        return Report(pair.name, (_endpoint_change(pair.name, operation_rules.ENDPOINT.added),))
    if pair.new is None:
        return Report(pair.name, (_endpoint_change(pair.name, operation_rules.ENDPOINT.removed),))
    report = compare(pair.old, pair.new)
    changes = report.changes
    if not report.endpoint:
        changes = tuple(replace(change, endpoint=pair.name) for change in report.changes)
    if pair.prices is not None:
        priced = (*changes, *price_changes(pair.name, pair.prices))
        changes = tuple(sorted(priced, key=lambda change: -change.level))
    return Report(report.endpoint or pair.name, changes)


def _endpoint_change(name: str, rule: Rule) -> Change:
    return Change(
        id=rule.id,
        level=rule.level,
        endpoint=name,
        text=rule.message,
        survives=rule.level is not Level.BREAKING,
    )
