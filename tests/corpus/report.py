"""The report of a run on genuine documents, as Markdown, from what its tests recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_NOT_RUN = "Not run."


def markdown(recorded: Mapping[str, Any], outcomes: Mapping[str, int]) -> str:
    """Return the report.

    Args:
        recorded: The records of the tests that ran, by name.
        outcomes: The number of tests by outcome.
    """
    return "\n".join(_lines(recorded, outcomes)) + "\n"


def _lines(recorded: Mapping[str, Any], outcomes: Mapping[str, int]) -> Iterator[str]:
    yield "# Generated clients on genuine documents"
    yield ""
    yield f"Tests: {', '.join(f'{count} {name}' for name, count in outcomes.items() if count)}."
    yield from _documents(recorded.get("documents"), recorded.get("refused", {}))
    yield from _section("Repairs by rule")
    yield from [f"- {line}" for line in recorded.get("repairs", [_NOT_RUN])] or ["None."]
    yield from _inputs(recorded.get("taken"), recorded.get("refused_inputs", {}))
    yield from _disagreements(recorded.get("disagreements", {}))
    yield from _section("Results that were parsed, with nothing of them lost")
    yield from _table(("kind", "results"), sorted(recorded.get("outputs", {}).items()))
    wrong = {**recorded.get("wrong_inputs", {}), **recorded.get("wrong_outputs", {})}
    yield from _section("Examples and defaults that are not what their own document says")
    yield from (f"- `{place}`" for place in sorted(wrong))
    yield from _section("Calls")
    called = recorded.get("called")
    yield f"{called} endpoints were called and gave their typed result." if called else _NOT_RUN


def _documents(count: int | None, refused: Mapping[str, str]) -> Iterator[str]:
    yield from _section("Documents")
    if count is None:
        yield _NOT_RUN
        return
    yield f"{count} documents, {count - len(refused)} generated, {len(refused)} refused:"
    yield ""
    yield from (f"- `{endpoint}`: {reason}" for endpoint, reason in refused.items())


def _inputs(taken: Mapping[str, int] | None, refused: Mapping[str, int]) -> Iterator[str]:
    yield from _section("Inputs on which client and document agree")
    if taken is None:
        yield _NOT_RUN
        return
    kinds = sorted({*taken, *refused})
    rows = [(kind, taken.get(kind, 0), refused.get(kind, 0)) for kind in kinds]
    total = ("all", sum(taken.values()), sum(refused.values()))
    yield from _table(("kind", "both take", "both refuse"), [*rows, total])


def _disagreements(rules: Mapping[str, tuple[int, str]]) -> Iterator[str]:
    yield from _section("Inputs on which they are meant to disagree")
    rows = [(name, count, reason) for name, (count, reason) in rules.items()]
    yield from _table(("rule", "inputs", "reason"), rows)


def _section(title: str) -> Iterator[str]:
    yield from ("", f"## {title}", "")


def _table(heading: tuple[str, ...], rows: list[tuple[Any, ...]]) -> Iterator[str]:
    for row in (heading, ("---",) * len(heading), *rows):
        yield f"| {' | '.join(map(str, row))} |"
