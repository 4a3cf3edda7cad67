"""Properties of any two schemas: every break is reported, and spelling is no change."""

from __future__ import annotations

import copy
from typing import Any

import jsonschema_rs
from documents import document, obj
from fal_codegen.drift import Direction, Level, compare
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from property_tests import examples

from .pairs import INPUT, OUTPUT, of_properties
from .random_schemas import Respelled, Schema, changed, nodes, schemas, values

many = settings(
    max_examples=examples(25),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def open_to_more(schema: Schema) -> Schema:
    """Return a schema for a reader, which ignores unlisted properties."""
    opened = copy.deepcopy(schema)
    for node in nodes(opened):
        if node.get("additionalProperties") is False:
            del node["additionalProperties"]
    return opened


def none_is_lost(data: st.DataObject, before: Schema, after: Schema) -> None:
    """Assert that values of one schema are valid for another."""
    was, now = jsonschema_rs.Draft202012Validator(before), jsonschema_rs.Draft202012Validator(after)
    for _ in range(6):
        value = data.draw(values(before))
        assert now.is_valid(value) or not was.is_valid(value), (value, before, after)


@many
@given(data=st.data(), old=schemas())
def test_an_input_that_was_valid_still_is_unless_a_break_is_reported(
    data: st.DataObject, old: Schema
) -> None:
    new = data.draw(changed(old))
    if of_properties(INPUT, old, new).level is not Level.BREAKING:
        none_is_lost(data, old, new)


@many
@given(data=st.data(), old=schemas())
def test_an_output_can_be_read_as_before_unless_a_break_is_reported(
    data: st.DataObject, old: Schema
) -> None:
    new = data.draw(changed(old))
    if of_properties(OUTPUT, old, new).level is not Level.BREAKING:
        none_is_lost(data, new, open_to_more(old))


@many
@given(data=st.data(), schema=schemas())
def test_another_spelling_is_no_change(data: st.DataObject, schema: Schema) -> None:
    def spelled(one: Schema, components: Any = None) -> dict[str, Any]:
        parts = obj({"x": one}), obj({"x": one}, required=[])
        return document(input=parts[0], output=parts[1], components=components)

    other = Respelled(data.draw)
    respelled = other.schema(schema)
    report = compare(spelled(schema), spelled(respelled, other.components))
    assert [change.text for change in report.changes] == []


@many
@given(data=st.data(), schema=schemas())
def test_there_and_back_is_reported_the_other_way_round(
    data: st.DataObject, schema: Schema
) -> None:
    """If a change is reported in one direction, a change is reported in the other too."""
    new = data.draw(changed(schema))
    there = of_properties(Direction.INPUT, schema, new)
    back = of_properties(Direction.INPUT, new, schema)
    assert bool(there.changes) == bool(back.changes)
