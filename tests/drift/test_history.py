"""Genuine fal documents, saved on several days: `pytest --corpus=DIR`, or FAL_CORPUS."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from fal_codegen.document.json_schema import json_schemas
from fal_codegen.drift import Change, Level, Report, compare
from fal_codegen.drift.rules import RULES

pytestmark = pytest.mark.corpus

Document = dict[str, Any]
Pair = tuple[Document, Document]


@pytest.fixture(scope="module")
def days(request: pytest.FixtureRequest) -> list[Path]:
    given = request.config.getoption("--corpus")
    if not given:
        pytest.skip("needs genuine documents of fal: --corpus=DIR, or the variable FAL_CORPUS")
    found = sorted(path for path in Path(given).iterdir() if path.is_dir())
    if len(found) < 2:
        pytest.skip("needs a folder with documents of several days, each in a folder of its own")
    return found


def pairs(before: Path, after: Path) -> dict[str, Pair]:
    """Return the documents that both days have, by file name."""
    return {
        path.name: (loaded(path), loaded(after / path.name))
        for path in sorted(before.glob("*.json"))
        if (after / path.name).is_file()
    }


def loaded(path: Path) -> Document:
    document: Document = json.loads(path.read_text("utf-8"))
    return document


@pytest.fixture(scope="module")
def last_step(days: list[Path]) -> dict[str, Pair]:
    return pairs(*days[-2:])


@pytest.fixture(scope="module")
def first_step(days: list[Path]) -> dict[str, Pair]:
    return pairs(*days[:2])


def test_in_a_week_few_documents_change_in_meaning(last_step: dict[str, Pair]) -> None:
    changed = [name for name, pair in last_step.items() if compare(*pair).changes]
    assert 0 < len(changed) < len(last_step) * 0.05


def test_every_change_is_by_a_rule_and_reported_once(first_step: dict[str, Pair]) -> None:
    for pair in first_step.values():
        changes = compare(*pair).changes
        assert len({change.fingerprint for change in changes}) == len(changes)
        assert len({(c.text, c.operation, c.pointer) for c in changes}) == len(changes)
        for change in changes:
            rule = RULES[change.id]
            assert (rule.level, rule.direction) == (change.level, change.direction)


def test_every_witness_of_the_input_shows_its_own_change(days: list[Path]) -> None:
    """Compare each day with each later day."""
    found = 0
    for before, after in combinations(days, 2):
        for old, new in pairs(before, after).values():
            for change in compare(old, new).changes:
                if change.witness:
                    found += 1
                    assert accepts(old, change.operation, change.witness.value)
                    assert not accepts(new, change.operation, change.witness.value)
                    assert shows(change), change
    assert found > 10


LIMITS: dict[str, Callable[[Any, Any], bool]] = {
    "min-set": lambda value, limit: value < limit,
    "min-increased": lambda value, limit: value < limit,
    "max-set": lambda value, limit: value > limit,
    "max-decreased": lambda value, limit: value > limit,
    "min-length-set": lambda value, limit: len(value) < limit,
    "min-length-increased": lambda value, limit: len(value) < limit,
    "max-length-set": lambda value, limit: len(value) > limit,
    "max-length-decreased": lambda value, limit: len(value) > limit,
    "min-items-set": lambda value, limit: len(value) < limit,
    "min-items-increased": lambda value, limit: len(value) < limit,
    "max-items-set": lambda value, limit: len(value) > limit,
    "max-items-decreased": lambda value, limit: len(value) > limit,
    "became-enum": lambda value, listed: value not in listed,
    "became-not-nullable": lambda value, _: value is None,
}
"""The violation of a value at the place of a change, by the name of the rule."""


def shows(change: Change) -> bool:
    """Return whether a witness violates its change, at the place of the change.

    Rules without an entry in `LIMITS` always pass.
    """
    assert change.witness
    stem = change.id.removeprefix("request-property-")
    places: list[Any] = [change.witness.value]
    tokens = iter(change.pointer.partition("/schema/")[2].split("/"))
    for token in tokens:
        if token == "properties":
            name = next(tokens)
            places = [one[name] for one in places if isinstance(one, dict) and name in one]
        else:
            places = [item for one in places for item in (one if isinstance(one, list) else ())]
    if stem == "enum-value-removed":
        return change.old in places
    if stem.startswith(("new-required", "became-required")):
        return not places
    keeps_not_to = LIMITS.get(stem)
    return keeps_not_to is None or any(keeps_not_to(one, change.new) for one in places)


def accepts(document: Document, operation: str, value: Any) -> bool:
    method, _, path = operation.partition(" ")
    body = document["paths"][path][method.lower()]["requestBody"]
    schema = {
        **body["content"]["application/json"]["schema"],
        "components": {"schemas": json_schemas(document)},
    }
    return jsonschema_rs.Draft202012Validator(schema).is_valid(value)


def test_another_spelling_of_a_genuine_document_is_no_change(
    last_step: dict[str, Pair],
) -> None:
    for name, (_, document) in last_step.items():
        report: Report = compare(document, respelled(document))
        assert (name, report.level) == (name, Level.NONE)


def respelled(node: Any) -> Any:
    """Spell nullable as in OpenAPI 3.0, wrap references, and reverse the order of keys."""
    if isinstance(node, list):
        return [respelled(item) for item in node]
    if not isinstance(node, dict):
        return node
    result = {key: respelled(value) for key, value in reversed(node.items())}
    members = node.get("anyOf")
    is_nullable = isinstance(members, list) and len(members) == 2 and {"type": "null"} in members
    if is_nullable and "enum" not in node:
        inner = next(member for member in node["anyOf"] if member != {"type": "null"})
        del result["anyOf"]
        return {**respelled(inner), **result, "nullable": True}
    if set(node) == {"$ref"} and node["$ref"].startswith("#/components/schemas/"):
        return {"allOf": [result]}
    return result
