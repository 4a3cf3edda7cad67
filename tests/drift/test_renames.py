"""Renames: one change that names both properties, instead of a removal and an addition."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from documents import document, obj
from fal_codegen.drift import compare
from fal_codegen.drift.history import entries_of, extended, reverted_dates
from fal_codegen.history import Entry

from .pairs import (
    ADDITIVE,
    BREAKING,
    INPUT,
    OUTPUT,
    Json,
    of_inputs,
    of_outputs,
    of_properties,
    only,
    reported,
)

STRING, INTEGER = {"type": "string"}, {"type": "integer"}
SEED = {**INTEGER, "description": "Where chance starts."}


def test_an_input_with_another_name() -> None:
    old, new = obj({"image": STRING}), obj({"image_url": STRING})
    change = only(of_inputs(old, new))
    assert (change.id, change.level) == ("request-property-renamed", BREAKING)
    assert (change.old, change.new) == ("image", "image_url")
    assert change.text == "input `image`: it was probably renamed to `image_url`"
    assert change.pointer.endswith("/properties/image")
    assert change.surface
    assert not change.survives  # the new name is required


def test_an_output_with_another_name() -> None:
    either: tuple[dict[str, Any], ...] = ({}, {"required": []})
    required, optional = (
        only(
            of_outputs(obj({"seed": INTEGER}, **keywords), obj({"used_seed": INTEGER}, **keywords))
        )
        for keywords in either
    )
    assert (required.id, required.level) == ("response-property-renamed", BREAKING)
    assert (required.survives, optional.survives) == (False, True)


def test_an_optional_input_that_an_open_object_goes_on_to_take() -> None:
    old, new = obj({"image": STRING}, required=[]), obj({"image_url": STRING}, required=[])
    assert only(of_inputs(old, new)).survives
    closed = {"additionalProperties": False}
    change = only(of_inputs({**old, **closed}, {**new, **closed}))
    assert not change.survives
    assert change.witness is not None
    assert change.witness.value == {"image": "a"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("image", "image_url"),
        ("imageUrl", "image_url"),
        ("num_steps", "num_inference_steps"),
        ("colour", "color"),
        ("guidance_scale", "guidance_scales"),
        ("reference_image_urls", "image_urls"),
    ],
)
def test_close_names_are_a_rename(one: str, other: str) -> None:
    for old, new in ((one, other), (other, one)):
        change = only(of_properties(INPUT, obj({old: STRING}), obj({new: STRING})))
        assert (change.old, change.new) == (old, new)


def test_the_same_description_says_as_much_as_a_close_name() -> None:
    assert only(of_inputs(obj({"seed": SEED}), obj({"noise": SEED}))).new == "noise"


SEPARATE: list[tuple[Json, Json]] = [
    (obj({"image": STRING}), obj({"taste": STRING})),
    (obj({"image_1": STRING}), obj({"image_2": STRING})),
    (obj({"image": STRING}), obj({"image_url": INTEGER})),
    (obj({"image": STRING}), obj({"image_url": {**STRING, "default": "a"}})),
    (obj({"image": STRING}), obj({"image_url": STRING}, required=[])),
    (obj({"image": STRING}), obj({"image_url": STRING, "image_file": STRING})),
    (obj({"image_url": STRING, "image_file": STRING}), obj({"image": STRING})),
    (obj({"a": SEED, "b": SEED}), obj({"noise": SEED})),
    *(
        (obj({one: INTEGER}), obj({other: INTEGER}))
        for one, other in (
            ("min_value", "max_value"),
            ("output_image", "input_image"),
            ("first_frame_url", "last_frame_url"),
            ("prompt", "negative_prompt"),
            ("mask_image", "image"),
            ("enable_safety_checker", "disable_safety_checker"),
        )
    ),
    (obj({"min_seed": SEED}), obj({"max_seed": SEED})),
]


@pytest.mark.parametrize(("old", "new"), SEPARATE, ids=range(len(SEPARATE)))
def test_what_is_not_plainly_a_rename_is_reported_as_two_changes(old: Json, new: Json) -> None:
    ids = {change.id for change in of_inputs(old, new).changes}
    assert not any(id.endswith("-renamed") for id in ids)
    assert "request-property-removed" in ids


def test_several_renames_are_found_in_one_object_and_in_objects_inside_it() -> None:
    old = obj({"image": STRING, "seed": INTEGER, "extra": obj({"mask": STRING})})
    new = obj({"image_url": STRING, "seeds": INTEGER, "extra": obj({"mask_url": STRING})})
    assert {(one.old, one.new) for one in of_inputs(old, new).changes} == {
        ("image", "image_url"),
        ("seed", "seeds"),
        ("mask", "mask_url"),
    }


def test_an_object_of_other_names_altogether_was_not_renamed() -> None:
    old = obj({f"a{number}": SEED for number in range(200)})
    new = obj({f"a{number}_b": SEED for number in range(200)})
    assert len(of_inputs(old, new).changes) == 400


def test_what_else_changed_of_it_is_reported_of_the_new_name() -> None:
    old = obj({"image": {**STRING, "title": "Image"}})
    new = obj({"image_url": {**STRING, "title": "Image URL"}})
    assert [(one.id, one.subject) for one in of_inputs(old, new).changes] == [
        ("request-property-renamed", "input `image`"),
        ("request-property-title-changed", "input `image_url`"),
    ]


def test_values_that_are_only_spelled_otherwise() -> None:
    old, new = {"enum": ["landscape_16_9", "square"]}, {"enum": ["Landscape-16-9", "square"]}
    for direction, name in ((INPUT, "request"), (OUTPUT, "response")):
        change = only(of_properties(direction, old, new))
        assert (change.id, change.level) == (f"{name}-property-enum-value-renamed", BREAKING)
        assert '"landscape_16_9"' in change.text
        assert '"Landscape-16-9"' in change.text
    assert change.survives  # an output is open to other values
    asked = only(of_properties(INPUT, old, new))
    assert asked.witness is not None
    assert asked.witness.value == {"x": "landscape_16_9"}


def test_values_that_are_close_are_two_values() -> None:
    assert reported(of_properties(INPUT, {"enum": ["v1", "x"]}, {"enum": ["v2", "x"]})) == {
        ("request-property-enum-value-removed", BREAKING),
        ("request-property-enum-value-added", ADDITIVE),
    }


def named(name: str) -> dict[str, Any]:
    return document(input=obj({name: STRING}))


def test_a_rename_back_is_known_to_take_the_first_one_back() -> None:
    there = compare(named("image"), named("image_url"))
    back = compare(named("image_url"), named("image"))
    known = entries_of(there.changes, "2026-06-05")
    assert reverted_dates(known, [there]) == {}
    assert reverted_dates(known, [back]) == {only(back).fingerprint: "2026-06-05"}


def test_a_name_that_went_there_and_back_may_go_there_again() -> None:
    known: tuple[Entry, ...] = ()
    for old, new in pairwise(["image", "image_url", "image", "image_url"]):
        changes = compare(named(old), named(new)).changes
        known = extended(known, entries_of(changes, "2026-06-05"))
        assert extended(known, entries_of(changes, "2026-06-05")) == known
    assert len(known) == 3
