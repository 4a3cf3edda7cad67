"""The changes of one endpoint over a year, step by step."""

from __future__ import annotations

from typing import Any

from documents import document, obj
from fal_codegen.drift import Direction, Level, compare

from .pairs import ADDITIVE, BEHAVIOURAL, BREAKING, COSMETIC, Json, only, reported

STRING, INTEGER = {"type": "string"}, {"type": "integer"}
FILE = obj(
    {
        "url": STRING,
        "content_type": STRING,
        "file_size": INTEGER,
        "file_data": {"type": "string", "format": "binary"},
    },
    required=["url"],
)
SEED: Json = INTEGER
SEED_OR_NULL: Json = {"anyOf": [INTEGER, {"type": "null"}]}


def video(*, duration: Json, seed: Json = SEED, file: Json = FILE) -> dict[str, Any]:
    properties = {
        "prompt": STRING,
        "seed": seed,
        "resolution": {"enum": ["720p", "1080p"], "default": "720p"},
        "duration": duration,
    }
    return document(
        "acme/video",
        input=obj(properties, required=["prompt"]),
        output=obj({"video": {"$ref": "#/components/schemas/File"}}),
        components={"File": file},
    )


SECONDS = {"type": "integer", "default": 5}
WORDS = {"type": "string", "enum": ["5", "10"], "default": "5"}
CHOICE = {"type": "integer", "enum": [5, 10], "default": 5}


def test_a_duration_that_became_text_breaks_callers() -> None:
    report = compare(video(duration=SECONDS), video(duration=WORDS))
    assert report.endpoint == "acme/video"
    assert report.level is Level.BREAKING
    assert reported(report) == {
        ("request-property-type-changed", BREAKING),
        ("request-property-default-value-changed", BEHAVIOURAL),
    }
    change = report.changes[0]
    assert change.text == "input `duration`: the type changed from integer to string"
    assert change.operation == "POST /acme/video"
    assert change.direction is Direction.INPUT
    assert change.pointer == (
        "/paths/~1acme~1video/post/requestBody/content/application~1json/schema/properties/duration"
    )
    assert change.witness is not None
    assert change.witness.value == {"prompt": "a", "duration": 0}
    assert not change.survives


def test_and_then_a_choice_of_numbers() -> None:
    report = compare(video(duration=WORDS), video(duration=CHOICE))
    assert reported(report) == {
        ("request-property-type-changed", BREAKING),
        ("request-property-default-value-changed", BEHAVIOURAL),
    }
    change = report.changes[0]
    assert change.witness is not None
    assert change.witness.value == {"prompt": "a", "duration": "5"}


def test_both_steps_at_once_only_limit_the_numbers() -> None:
    change = only(compare(video(duration=SECONDS), video(duration=CHOICE)))
    assert change.id == "request-property-became-enum"
    assert change.new == [10, 5]
    assert change.witness is not None
    assert change.witness.value == {"prompt": "a", "duration": 0}


def test_a_seed_that_may_be_null() -> None:
    change = only(compare(video(duration=CHOICE), video(duration=CHOICE, seed=SEED_OR_NULL)))
    assert (change.id, change.level) == ("request-property-became-nullable", ADDITIVE)
    assert change.survives
    back = only(compare(video(duration=CHOICE, seed=SEED_OR_NULL), video(duration=CHOICE)))
    assert back.witness is not None
    assert back.witness.value == {"prompt": "a", "seed": None}


def test_a_file_that_lost_a_field_is_read_all_the_same_by_a_generated_client() -> None:
    lighter = obj({key: FILE["properties"][key] for key in ("url", "content_type", "file_size")})
    lighter["required"] = ["url"]
    change = only(compare(video(duration=CHOICE), video(duration=CHOICE, file=lighter)))
    assert (change.id, change.level) == ("response-optional-property-removed", BREAKING)
    assert change.text == "output `video.file_data`: the property was removed"
    assert change.operation == "GET /acme/video/requests/{request_id}"
    assert change.survives
    without_url = {**lighter, "required": []}
    worse = compare(video(duration=CHOICE, file=lighter), video(duration=CHOICE, file=without_url))
    assert only(worse).id == "response-property-became-optional"
    assert not worse.survives


def test_a_component_of_another_name_changes_the_names_of_classes_only() -> None:
    def with_style(name: str) -> dict[str, Any]:
        ref = {"$ref": f"#/components/schemas/{name}"}
        schema = obj({"prompt": STRING, "styles": {"type": "array", "items": ref}})
        return document(input=schema, components={name: obj({"id": STRING})})

    change = only(compare(with_style("Style"), with_style("KreaStyle")))
    assert (change.id, change.level) == ("request-property-component-renamed", COSMETIC)
    assert change.surface
    assert compare(with_style("Krea_Style"), with_style("KreaStyle")).level is Level.NONE


def test_the_order_of_values_says_nothing_and_the_order_of_properties_little() -> None:
    def ordered(*values: str, order: list[str]) -> dict[str, Any]:
        schema = obj({"a": STRING, "mood": {"enum": list(values)}})
        return document(input={**schema, "x-fal-order-properties": order})

    sad, happy = ordered("sad", "happy", order=["a", "mood"]), ["a", "mood"]
    assert compare(sad, ordered("happy", "sad", order=happy)).level is Level.NONE
    moved = only(compare(sad, ordered("sad", "happy", order=["mood", "a"])))
    assert (moved.id, moved.level) == ("request-body-order-changed", COSMETIC)
