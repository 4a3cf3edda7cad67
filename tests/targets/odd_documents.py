"""Documents whose shapes and text are hard to show on a page, and to write programs for."""

from __future__ import annotations

from typing import Any

from documents import document, obj

TEXT = {"type": "string"}
HOSTILE = 'it\'s "$HOME" `id` $(id) \\n ``` | <b> é \u2028 \u202e {{ x }}\nEND */ </script>'


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


NESTED = document(
    "acme/nested",
    about="Puts things into each other:\n\n- one in **another**\n- see [how](https://example.com/how)",
    input=obj(
        {
            "scene": _ref("Scene"),
            "layers": {"type": "array", "items": _ref("Layer"), "minItems": 2, "maxItems": 9},
            "size": {"anyOf": [_ref("Size"), {"type": "string", "enum": ["square", "wide"]}]},
            "weights": {"type": "object", "additionalProperties": {"type": "number"}},
            "class": {"type": "boolean"},
            "model-config": {"type": "integer", "exclusiveMinimum": 0, "multipleOf": 8},
            "__proto__": {"type": "string", "maxLength": 3},
            "steps": {"type": "integer", "minimum": 1, "maximum": 50, "default": 28},
        },
        required=["scene", "layers", "size", "weights", "class", "model-config", "__proto__"],
    ),
    output=obj({"tree": _ref("Branch"), "images": {"type": "array", "items": _ref("Picture")}}),
    components={
        "Scene": obj(
            {"light": _ref("Light"), "title": {**TEXT, "examples": [HOSTILE]}},
            description="What is to be seen.",
        ),
        "Light": obj({"angle": {"type": "number", "minimum": 0.5, "exclusiveMaximum": 1.5}}),
        "Layer": obj({"image_url": TEXT, "x-y": {"type": "number", "default": 0}}, required=[]),
        "Size": obj({"width": {"type": "integer", "minimum": 64}, "height": {"type": "integer"}}),
        "Branch": obj({"twigs": {"type": "array", "items": _ref("Branch")}}, required=[]),
        "Picture": obj({"url": TEXT, "file_size": {"type": "integer"}}, required=["url"]),
    },
)
FILES = document(
    "acme/files",
    about="Joins files.",
    input=obj(
        {
            "image_urls": {"type": "array", "items": TEXT, "minItems": 1},
            "mask_url": {
                "anyOf": [TEXT, {"type": "null"}],
                "examples": ["https://example.com/first-frame.png"],
            },
            "video_url": {**TEXT, "examples": ["https://example.com/a'b.mp4"]},
        },
        required=["image_urls", "video_url"],
    ),
)
CHOICES = document(
    "acme/choices",
    about="",
    input=obj(
        {
            "voice": {"type": "string", "enum": [f"voice {number}" for number in range(40)]},
            "count": {"enum": [1, 2, 4]},
            "ratio": {"type": "string", "pattern": r"^\d+:\d+$"},
            "style": {"type": "string", "enum": ["a|b", "`", HOSTILE], "default": "a|b"},
        },
        required=["voice", "count", "ratio"],
    ),
    output=obj({"mood": {"type": "string", "enum": ["calm", "wild"]}}),
)
HOSTILE_TEXT = document(
    "acme/hostile/index",
    about=HOSTILE,
    input=obj(
        {
            "prompt": {**TEXT, "description": HOSTILE, "examples": [HOSTILE]},
            HOSTILE: {**TEXT, "description": "# One\n\n| a | b |\n|---|---|\n<script>x</script>"},
            "quotes": {**TEXT, "examples": ["'''\"\"\"'\\'"]},
        },
        required=["prompt", HOSTILE],
    ),
)
NOTHING = document(
    "acme/hostile",
    about="Takes nothing.",
    input={"type": "object", "properties": {}},
    output={"anyOf": [{"type": "string"}, _ref("Thing")]},
    components={"Thing": obj({"name": TEXT})},
)
ODD: list[dict[str, Any]] = [NESTED, FILES, CHOICES, HOSTILE_TEXT, NOTHING]
_CATEGORIES = ["text-to-image", "", "b/<i>", "text-to-image", "text"]
for _document, _category in zip(ODD, _CATEGORIES, strict=True):
    _document["info"]["x-fal-metadata"]["category"] = _category
