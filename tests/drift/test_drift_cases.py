"""Pairs of documents with the verdicts of oasdiff: `pytest --drift-cases=DIR`.

DIR has a folder for each pair, `NNN-…`, with `base.json`, `revision.json` and `expected.json`; the
last says which rules oasdiff reports, and its gravest level (INFO does not break anybody).
Where this project differs on purpose, `known_differences.json` says so by the pair's number.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from fal_codegen.drift import Level, compare
from fal_codegen.drift.rules import RULES

pytestmark = pytest.mark.drift_cases

KNOWN: dict[str, dict[str, Any]] = json.loads(
    Path(__file__).with_name("known_differences.json").read_text("utf-8")
)

TYPE_RULE = re.compile(
    "(type-changed|type-specialized|type-generalized|list-of-types-(narrowed|widened)"
    "|format-(changed|added|removed)|became-nullable|became-not-nullable)$"
)
"""Rules that oasdiff chooses by the spelling of a type, and this project by its values."""


def family(rule: str) -> str:
    return TYPE_RULE.sub("type", rule)


@pytest.fixture(scope="module")
def pairs(request: pytest.FixtureRequest) -> dict[str, Path]:
    given = request.config.getoption("--drift-cases")
    if not given:
        pytest.skip("needs pairs of documents with verdicts: --drift-cases=DIR, or FAL_DRIFT_CASES")
    return {folder.name[:3]: folder for folder in sorted(Path(given).iterdir()) if folder.is_dir()}


def loaded(folder: Path, name: str) -> Any:
    return json.loads((folder / f"{name}.json").read_text("utf-8"))


def difference(folder: Path) -> dict[str, Any]:
    """Return how this project differs: its verdict, and the rules that it does not report."""
    expected = loaded(folder, "expected")
    report = compare(loaded(folder, "base"), loaded(folder, "revision"))
    is_breaking = report.level is Level.BREAKING
    reported = {family(change.id) for change in report.changes}
    missing = [
        rule
        for rule in sorted({change["id"] for change in expected["changes"]} & RULES.keys())
        if family(rule) not in reported
    ]
    found: dict[str, Any] = {}
    if is_breaking != (expected["level"] != "INFO"):
        found["breaking"] = is_breaking
    if missing:
        found["missing"] = missing
    return found


def test_the_verdicts_are_those_of_oasdiff_or_known_to_differ(
    pairs: dict[str, Path],
) -> None:
    found = {number: difference(folder) for number, folder in pairs.items()}
    differing = {number: differs for number, differs in found.items() if differs}
    known = {
        number: {key: value for key, value in entry.items() if key != "why"}
        for number, entry in KNOWN.items()
    }
    assert differing == known


def test_every_known_difference_has_a_reason() -> None:
    assert all(entry["why"].endswith(".") for entry in KNOWN.values())


def test_most_verdicts_agree(pairs: dict[str, Path]) -> None:
    disputed = [number for number, entry in KNOWN.items() if "breaking" in entry]
    assert len(pairs) >= 200
    assert len(disputed) <= len(pairs) / 10


def test_every_change_of_a_pair_is_by_a_rule_at_its_level(pairs: dict[str, Path]) -> None:
    for folder in pairs.values():
        for change in compare(loaded(folder, "base"), loaded(folder, "revision")).changes:
            rule = RULES[change.id]
            assert (change.level, change.direction) == (rule.level, rule.direction)
