"""datamodel-code-generator decides the Python types: those that are known are what it answers."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from documents import document, obj, write
from fal_codegen.document.schema import (
    Anything,
    Array,
    Boolean,
    Enum,
    Integer,
    Map,
    Null,
    Number,
    Schema,
    String,
    Union,
)
from fal_codegen.ir import Direction, Endpoint, Model, Property
from fal_codegen.targets.python.datamodel_types import KNOWN, ask
from fal_codegen.targets.python.types import python_types
from projects import OUTPUT, Cli

ENDPOINT = "acme/blender"
MODULE = "fal_endpoints/acme/blender/__init__.py"
ANSWERS: list[dict[str, Any]] = json.loads(KNOWN.read_bytes())

TYPES: Sequence[tuple[Schema, str]] = (
    (Anything(), "Any"),
    (Boolean(), "bool"),
    (Integer(), "int"),
    (Integer(minimum=0), "Annotated[int, Field(ge=0)]"),
    (Integer(minimum=-5, maximum=2**53), "Annotated[int, Field(ge=-5, le=9007199254740992)]"),
    (Integer(minimum=0.5, multiple_of=3), "Annotated[int, Field(ge=1, multiple_of=3)]"),
    (Integer(exclusive_minimum=0, exclusive_maximum=1.5), "Annotated[int, Field(gt=0, le=1)]"),
    (Integer(minimum=1.5, exclusive_minimum=7), "Annotated[int, Field(ge=2, gt=7)]"),
    (Integer(minimum=3.0), "Annotated[int, Field(ge=3)]"),
    (Number(minimum=0, maximum=1), "Annotated[float, Field(ge=0.0, le=1.0)]"),
    (
        Number(minimum=-0.25, maximum=1e300, multiple_of=0.001),
        "Annotated[float, Field(ge=-0.25, le=1e+300, multiple_of=0.001)]",
    ),
    (Number(exclusive_minimum=0, exclusive_maximum=7), "Annotated[float, Field(gt=0.0, lt=7.0)]"),
    (Number(minimum=1, maximum=10**400), "Annotated[float, Field(ge=1.0, le=float('inf'))]"),
    (String(min_length=0), "Annotated[str, Field(min_length=0)]"),
    (
        String(min_length=1, max_length=1, pattern=r"^(?=\d)\"'é"),
        "Annotated[str, Field(max_length=1, min_length=1, pattern='^(?=\\\\d)\\\\\"\\'é')]",
    ),
    (String(pattern="pattern"), "Annotated[str, Field(pattern='pattern')]"),
    (Enum(("one",)), "Literal['one']"),
    (
        Enum(("", "values", "Inner0", "it's", "a\nb", "{{ x }}", "\\")),
        "Literal['', 'values', 'Inner0', \"it's\", 'a\\nb', '{{ x }}', '\\\\']",
    ),
    (Enum((5, 10, -1)), "Literal[5, 10, -1]"),
    (Enum(("a", 1)), "Annotated[Literal['a', 1], OneOf('a', 1)]"),
    (Array(String(), max_items=0), "Annotated[ListInput[str], Field(max_length=0)]"),
    (
        Array(Array(Number(minimum=1), min_items=3, max_items=4)),
        "ListInput[Annotated[ListInput[Annotated[float, Field(ge=1.0)]], "
        "Field(max_length=4, min_length=3)]]",
    ),
    (Map(Anything()), "MapInput[Any]"),
    (Map(Array(Integer(maximum=9))), "MapInput[ListInput[Annotated[int, Field(le=9)]]]"),
    (Union((String(), Integer(), Null())), "str | int | None"),
    (
        Union((Null(), Array(Enum(("a", "b"))), Map(Boolean()), Number(maximum=1))),
        "ListInput[Literal['a', 'b']] | MapInput[bool] | Annotated[float, Field(le=1.0)] | None",
    ),
    (
        Union((Integer(minimum=1, maximum=2), Number(minimum=1, maximum=2))),
        "Annotated[int, Field(ge=1, le=2)] | Annotated[float, Field(ge=1.0, le=2.0)]",
    ),
    (Array(Union((Map(String()), Null()))), "ListInput[MapInput[str] | None]"),
)


@pytest.mark.parametrize("known", ANSWERS, ids=lambda known: json.dumps(known["schema"]))
def test_what_is_known_is_its_answer(known: dict[str, Any]) -> None:
    assert ask(known["schema"]) == known["type"]


def test_each_schema_is_known_once() -> None:
    schemas = [json.dumps(known["schema"]) for known in ANSWERS]
    assert len(set(schemas)) == len(schemas)


@pytest.mark.parametrize(("schema", "expected"), TYPES, ids=[str(schema) for schema, _ in TYPES])
def test_a_type_has_the_values_of_its_schema(schema: Schema, expected: str) -> None:
    prop = Property("field", schema, True, False, None, "", (), False)
    model = Model("Input", Direction.INPUT, "", (prop,), False, False, {})
    endpoint = Endpoint("acme/a", "A", "", "", "", (model,), Anything(), (), "")
    [found] = python_types(endpoint, lambda model: model.name).fields["Input"]
    assert found.text == expected


@pytest.mark.parametrize("limits", [{"minimum": 1, "maximum": 9}, {"minimum": 0.5, "maximum": 9}])
def test_it_is_imported_only_for_what_is_not_known(
    filled: Path, cli: Cli, limits: dict[str, float]
) -> None:
    changed = document(ENDPOINT, input=obj({"steps": {"type": "integer", **limits}}))
    added = cli("add", "--project", filled, "--from", write(filled / "in", changed))
    assert added.code == 0
    shutil.rmtree(filled / OUTPUT)
    code = (
        "import sys; from fal_codegen.cli import run; run(sys.argv[1:]); "
        "print('datamodel_code_generator' in sys.modules)"
    )
    command = [sys.executable, "-c", code, "generate", "--project", str(filled)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    is_imported = done.stdout.splitlines()[-1] == "True"
    assert is_imported == ("0.5" in json.dumps(limits))
    assert "Field(ge=1, le=9)" in (filled / OUTPUT / MODULE).read_text("utf-8")
