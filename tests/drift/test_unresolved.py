"""A schema that cannot be resolved proves nothing about its values."""

from __future__ import annotations

from typing import Any

import pytest
from documents import obj

from .pairs import ADDITIVE, BREAKING, INPUT, NOTHING, OUTPUT, of_properties, only, reported

SIZE = obj({"width": {"type": "integer"}})
REF = {"$ref": "#/components/schemas/Size"}

UNRESOLVED: list[Any] = [
    *({"$ref": ref} for ref in ("#/components/schemas/Missing", "https://example.com/size.json")),
    *({"$ref": ref} for ref in ("#Size", ["#/components/schemas/Size"])),
    {"$ref": "#/components/schemas/BlenderInput/properties/x"},  # itself
    *(None, "abc", 5, [{"type": "string"}]),
    *({"type": 5}, {"type": []}, {"enum": "abc"}, {"anyOf": []}, {"oneOf": {}}, {"allOf": "abc"}),
    {"anyOf": [REF, {"$ref": "#/components/schemas/Missing"}]},
]


@pytest.mark.parametrize("schema", UNRESOLVED, ids=str)
def test_a_schema_that_can_no_longer_be_resolved_is_breaking(schema: Any) -> None:
    for direction in (INPUT, OUTPUT):
        change = only(of_properties(direction, REF, schema, Size=SIZE))
        assert change.id.endswith("-property-schema-unresolved")
        assert (change.level, change.survives, change.witness) == (BREAKING, False, None)
        assert change.text.endswith(
            "`x`: the schema can no longer be resolved, so it could not be compared; "
            "its type was object"
        )
        inside = {"type": "array", "items": schema}
        changed = of_properties(direction, {"type": "array", "items": REF}, inside, Size=SIZE)
        assert changed.level is BREAKING
        assert of_properties(direction, schema, schema, Size=SIZE).level is NOTHING


def test_a_schema_that_can_be_resolved_now_is_compared_with_anything() -> None:
    """As the client that was generated before accepts anything there."""
    missing = {"$ref": "#/components/schemas/Missing"}
    for direction, level in ((INPUT, BREAKING), (OUTPUT, ADDITIVE)):
        change = only(of_properties(direction, missing, REF, Size=SIZE))
        assert (change.level, change.surface) == (level, True)
        assert change.text.endswith("`x`: the schema can be resolved now: object")


@pytest.mark.parametrize("schema", [None, "abc", {"$ref": "#/components/schemas/Missing"}])
def test_additional_properties_that_cannot_be_resolved_are_not_open(schema: Any) -> None:
    old, new = ({"type": "object", "additionalProperties": it} for it in (REF, schema))
    assert of_properties(INPUT, old, new, Size=SIZE).level is BREAKING


@pytest.mark.parametrize("schema", [True, {}, {"title": "Size"}, {"allOf": []}])
def test_a_schema_that_states_nothing_allows_anything(schema: Any) -> None:
    changes = reported(of_properties(INPUT, REF, schema, Size=SIZE))
    assert ("request-property-type-generalized", ADDITIVE) in changes
