"""Compare documents with the vendored ones: what changed, and the history that records it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, timezone
from pathlib import Path
from typing import NamedTuple

from fal_codegen.document.price import NO_PRICES, PriceList
from fal_codegen.document.read import Document
from fal_codegen.drift import ignore
from fal_codegen.drift.history import entries_of, extended
from fal_codegen.drift.pairing import parse_document
from fal_codegen.drift.prices import PricePair
from fal_codegen.drift.report import DocumentPair, DriftReport, compare_all
from fal_codegen.errors import CodegenError, MissingEndpointError
from fal_codegen.fetch.results import FetchResults
from fal_codegen.history import Entry
from fal_codegen.paths import DRIFT_IGNORE, project_file
from fal_codegen.project import history, lock
from fal_codegen.project.vendoring import vendored_text


class DriftContext(NamedTuple):
    """What a project records about drift.

    Attributes:
        exemptions: Changes that the project ignores.
        history: Earlier changes, the oldest first.
    """

    exemptions: tuple[ignore.Exemption, ...] = ()
    history: tuple[Entry, ...] = ()

    @classmethod
    def load(cls, project: Path) -> DriftContext:
        """Read the files of a project.

        Raises:
            ProjectError: One of them cannot be used, or an exemption has expired.
        """
        path = project_file(project, DRIFT_IGNORE)
        data = b"" if path is None else path.read_bytes()
        return cls(ignore.parse(data, _today()), history.load(project))


class Update(NamedTuple):
    """What changes when documents replace the vendored ones.

    Attributes:
        report: The changes.
        history: The project's history, including these changes.
    """

    report: DriftReport
    history: tuple[Entry, ...]

    def write_history(self, project: Path) -> None:
        """Write the project's history, if it changed."""
        if self.history != history.load(project):
            history.save(project, self.history)


def prepare_update(
    project: Path,
    results: FetchResults,
    accepted: Collection[str],
    context: DriftContext,
    prices: PriceList = NO_PRICES,
) -> Update:
    """Compare documents with the vendored ones, and extend the history. Writes nothing.

    Args:
        project: The project.
        results: For each endpoint id, its new document, or why there is none.
        accepted: Ids of the endpoints whose changes go into the history.
        context: What the project records about drift.
        prices: The present prices, where they were looked up.
    """
    result = compare_with_vendored(project, results, context, prices)
    removed = _removed(context.history)
    returned = [
        DocumentPair(endpoint_id, None, new.raw)
        for endpoint_id, new in results.items()
        if endpoint_id in removed and isinstance(new, Document)
    ]
    reports = (*result.reports, *compare_all(returned).reports)
    changes = [change for report in reports for change in report.changes]
    changes += [ignored.change for ignored in result.ignored]
    accepted_changes = [change for change in changes if change.endpoint in accepted]
    entries = entries_of(accepted_changes, _today().isoformat())
    return Update(result, extended(context.history, entries))


def compare_with_vendored(
    project: Path,
    results: FetchResults,
    context: DriftContext,
    prices: PriceList,
) -> DriftReport:
    """Compare the vendored documents with others. A removed endpoint is a change, not a failure."""
    pairs: list[DocumentPair] = []
    failures: list[CodegenError] = [*prices.errors.values()]
    entries = lock.load(project) if prices.prices else {}
    for endpoint_id, new in results.items():
        try:
            text = vendored_text(project, endpoint_id)
            old = None if text is None else parse_document(text, endpoint_id)
        except CodegenError as error:
            failures.append(error)
            continue
        if isinstance(new, CodegenError) and not (old and isinstance(new, MissingEndpointError)):
            failures.append(new)
            continue
        raw = new.raw if isinstance(new, Document) else None
        priced: PricePair | None = None
        if endpoint_id in prices.prices and endpoint_id in entries:
            priced = PricePair(entries[endpoint_id].price, prices.prices[endpoint_id])
        pairs.append(DocumentPair(endpoint_id, old, raw, priced))
    return compare_all(
        pairs,
        failures=failures,
        exemptions=context.exemptions,
        history=context.history,
        notices=[prices.notice] if prices.notice else (),
    )


def _removed(history: Iterable[Entry]) -> set[str]:
    """Return the endpoints that were removed, and did not return, according to a history."""
    latest = {
        entry.endpoint: entry.id
        for entry in history
        if entry.id in ("endpoint-gone", "endpoint-new")
    }
    return {endpoint for endpoint, id in latest.items() if id == "endpoint-gone"}


def _today() -> date:
    return datetime.now(timezone.utc).date()
