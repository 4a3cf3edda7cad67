"""Genuine documents of fal, saved on several days: `pytest --corpus=DIR`, or FAL_CORPUS."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from fal_codegen.document.json_schema import json_schemas
from fal_codegen.drift import Level, Report, compare
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


def test_every_change_is_by_a_rule_and_told_once(first_step: dict[str, Pair]) -> None:
    for pair in first_step.values():
        changes = compare(*pair).changes
        assert len({change.fingerprint for change in changes}) == len(changes)
        assert len({(c.text, c.operation, c.pointer) for c in changes}) == len(changes)
        for change in changes:
            rule = RULES[change.id]
            assert (rule.level, rule.direction) == (change.level, change.direction)


def test_every_witness_of_the_input_is_valid_before_and_refused_now(
    first_step: dict[str, Pair],
) -> None:
    found = 0
    for old, new in first_step.values():
        for change in compare(old, new).changes:
            if change.witness:
                found += 1
                assert accepts(old, change.operation, change.witness.value)
                assert not accepts(new, change.operation, change.witness.value)
    assert found > 10


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
    """Spell nullable as OpenAPI 3.0 does, wrap references, and turn the order of keys around."""
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
