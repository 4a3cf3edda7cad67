"""Whether a client generated before a change can read outputs after it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from conftest import Ran
from documents import document, obj, write
from fal_codegen.drift import Direction, compare
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from .pairs import OUTPUT, Json, of_outputs
from .random_schemas import Schema, changed, schemas, values

STRING, INTEGER = {"type": "string"}, {"type": "integer"}
TWO = obj({"x": STRING, "y": STRING}, required=["x"])

CASES: list[tuple[Json, Json, Any]] = [
    (obj({"x": {"enum": ["a"]}}), obj({"x": {"enum": ["a", "b"]}}), {"x": "b"}),
    (obj({"x": {"enum": ["a", "b"]}}), obj({"x": STRING}), {"x": "c"}),
    (obj({"x": {"const": "a"}}), obj({"x": {"const": "b"}}), {"x": "b"}),
    (TWO, obj({"x": STRING}), {"x": "a"}),
    (
        TWO,
        obj({"x": STRING, "y": {"type": ["string", "null"]}}, required=["x"]),
        {"x": "a", "y": None},
    ),
    (obj({"x": {**INTEGER, "maximum": 5}}), obj({"x": {**INTEGER, "maximum": 6}}), {"x": 6}),
    (obj({"x": {**STRING, "maxLength": 1}}), obj({"x": STRING}), {"x": "ab"}),
    (obj({"x": {**STRING, "pattern": "^a"}}), obj({"x": STRING}), {"x": "b"}),
    (
        obj({"x": {"type": "array", "items": STRING, "maxItems": 1}}),
        obj({"x": {"type": "array", "items": STRING}}),
        {"x": ["a", "b"]},
    ),
    (obj({"x": STRING}), obj({"x": STRING}, required=[]), {}),
    (obj({"x": STRING}), obj({"y": STRING}), {"y": "a"}),
    (obj({"x": STRING}), obj({"x": {"type": ["string", "null"]}}), {"x": None}),
    (obj({"x": INTEGER}), obj({"x": STRING}), {"x": "a"}),
    (obj({"x": INTEGER}), obj({"x": {"type": "number"}}), {"x": 0.5}),
    (obj({"x": STRING}), obj({"x": {"type": ["string", "integer"]}}), {"x": 5}),
]
"""Outputs before and after, and a value that only the new one allows."""

PROGRAM = """
import importlib, json, sys
from pydantic import ValidationError
for number, value in enumerate(json.load(sys.stdin)):
    module = importlib.import_module(f"fal_endpoints.acme.n{number}")
    try:
        module.Output.model_validate(value)
        print(True)
    except ValidationError:
        print(False)
"""


@dataclass(frozen=True)
class Pair:
    """Two documents that differ in one property, with values that may be sent or returned."""

    old: dict[str, Any]
    new: dict[str, Any]
    sent: list[Any]
    answered: list[Any]


def random_pairs(count: int) -> list[Pair]:
    """Return pairs of documents, the same in each run."""
    found: list[Pair] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(data=st.data(), was=schemas(), is_required=st.booleans())
    def collect(data: st.DataObject, was: Schema, is_required: bool) -> None:
        now = data.draw(changed(was))
        name, required = f"acme/n{len(found)}", ["x"] if is_required else []
        old, new = (
            document(name, input=obj({"x": one}, required=required), output=obj({"x": one}))
            for one in (was, now)
        )
        drawn = [data.draw(values(one)) for one in (was, now) for _ in range(4)]
        found.append(Pair(old, new, drawn, drawn[4:]))

    collect()
    return found


def component(content: dict[str, Any], name: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(content["components"]["schemas"][name])


CLIENT = """
import importlib, json, sys
from pydantic import ValidationError
def takes(model, value):
    try:
        model.model_validate({"x": value})
    except ValidationError:
        return False
    return True
for name, sent, answered in json.load(sys.stdin):
    module = importlib.import_module(f"fal_endpoints.acme.{name}")
    results = [[takes(module.Input, one) for one in sent]]
    results.append([takes(module.Output, one) for one in answered])
    print(json.dumps(results))
"""


def test_what_survives_is_accepted_and_read_by_the_generated_client(
    project: Path, tmp_path: Path, cli: Callable[..., Ran]
) -> None:
    pairs = random_pairs(80)
    folder = write(tmp_path / "old", *(pair.old for pair in pairs))
    assert cli("add", "--project", project, "--from", folder).code == 0
    ran = subprocess.run(
        [sys.executable, "-c", CLIENT],
        input=json.dumps([[f"n{i}", one.sent, one.answered] for i, one in enumerate(pairs)]),
        env={**os.environ, "PYTHONPATH": str(project / "generated/python")},
        capture_output=True,
        text=True,
        check=True,
    )
    failed: Counter[tuple[Direction, bool]] = Counter()
    for pair, line in zip(pairs, ran.stdout.splitlines(), strict=True):
        sends, reads = json.loads(line)
        changes = compare(pair.old, pair.new).changes
        survives = {
            direction: all(one.survives for one in changes if one.direction is direction)
            for direction in (Direction.INPUT, Direction.OUTPUT)
        }
        accepts = component(pair.new, "BlenderInput")
        answers = component(pair.new, "BlenderOutput")
        breaks = {
            Direction.INPUT: [
                value
                for value, is_sent in zip(pair.sent, sends, strict=True)
                if is_sent and not accepts.is_valid({"x": value})
            ],
            Direction.OUTPUT: [
                value
                for value, is_read in zip(pair.answered, reads, strict=True)
                if not is_read and answers.is_valid({"x": value})
            ],
        }
        for direction, found in breaks.items():
            assert not (survives[direction] and found), (direction, pair, changes)
            failed[direction, bool(found)] += not survives[direction]
    # A few random values show that what does not survive fails, unless no value is valid at all.
    assert all(failed[direction, True] > 10 for direction in breaks)


def test_survival_is_what_a_generated_client_does(
    project: Path, tmp_path: Path, cli: Callable[..., Ran]
) -> None:
    olds = [document(f"acme/{number}", output=old) for number, (old, _, _) in enumerate(CASES)]
    assert cli("add", "--project", project, "--from", write(tmp_path / "old", *olds)).code == 0
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps([value for _, _, value in CASES]),
        env={**os.environ, "PYTHONPATH": str(project / "generated/python")},
        capture_output=True,
        text=True,
        check=True,
    )
    reads = [line == "True" for line in ran.stdout.split()]
    reports = [of_outputs(old, new) for old, new, _ in CASES]
    assert [report.survives for report in reports] == reads
    assert reads == [True] * 9 + [False] * 6
    assert all(change.direction is OUTPUT for report in reports for change in report.changes)


WIDE, NARROW = {"x-fal": {"max_width": 9, "timeout": 20}}, {"max_width": 8}
NULL = {"type": "null"}


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        ({**STRING, **WIDE}, {**STRING, **NARROW}),
        ({"anyOf": [STRING, NULL], **WIDE}, {"anyOf": [STRING, NULL], **NARROW}),
        ({"anyOf": [{**STRING, **WIDE}, NULL]}, {"anyOf": [{**STRING, **NARROW}, NULL]}),
        ({"type": "array", "items": STRING, **WIDE}, {"type": "array", "items": STRING, **NARROW}),
        ({"type": "array", "items": STRING | WIDE}, {"type": "array", "items": STRING | NARROW}),
    ],
)
def test_an_old_client_sends_files_that_only_its_own_limits_allow(wide: Json, narrow: Json) -> None:
    def survives(old: Json, new: Json) -> bool:
        """Return whether a change of a limit survives; there is no other that a client notices."""
        report = compare(document(input=obj({"x_url": old})), document(input=obj({"x_url": new})))
        (change,) = (change for change in report.changes if "file-limit" in change.id)
        assert not change.surface
        return change.survives

    assert not survives(wide, narrow)
    assert survives(narrow, wide)
