"""Whether a client that was generated before a change reads what comes after it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from conftest import Ran
from documents import document, obj, write

from .pairs import OUTPUT, Json, of_outputs

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
"""An output, what became of it, and a value that only a reader of the new one expects."""

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
