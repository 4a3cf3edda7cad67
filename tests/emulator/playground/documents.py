"""Endpoints of all shapes, which the playground serves in its tests."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

from fal_codegen.document.price import UnitPrice

from emulator.conftest import PAINT
from emulator.documents import Schema, document

ROOT = Path(__file__).parents[3]


PIKA = "fal-ai/pika/v2.2/image-to-video"


SHAPES = "acme/shapes"


HOSTILE = "acme/hostile"


UNPLANNED = "acme/unplanned"


CHOICES = "acme/defaults"


FILES = "acme/mesh"


OPTIONAL = "acme/optional"


IMAGES = "acme/images"


FILM = "acme/film"


NULL: Schema = {"type": "null"}


SHAPES_INPUT: Schema = {
    "type": "object",
    "required": ["prompt", "picture_url", "corner", "note"],
    "properties": {
        "prompt": {"type": "string", "description": "What to draw.", "examples": ["a fox"]},
        "word": {"type": "string", "maxLength": 20},
        "count": {"type": "integer", "minimum": 1, "maximum": 9, "default": 2},
        "weight": {"type": "number", "maximum": 1.5},
        "exact": {"type": "boolean", "default": True},
        "level": {"enum": [1, 2, "1"]},
        "note": {"anyOf": [{"type": "string"}, NULL]},
        "picture_url": {
            "type": "string",
            "examples": ["https://example.com/a.png"],
            "x-fal": {"max_file_size": 10 << 20, "min_width": 8},
        },
        "corner": {"$ref": "#/components/schemas/Corner"},
        "other_corner": {"anyOf": [{"$ref": "#/components/schemas/Corner"}, NULL]},
        "words": {"type": "array", "items": {"type": "string"}},
        "corners": {"type": "array", "items": {"$ref": "#/components/schemas/Corner"}},
        "rows": {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}},
        "size": {
            "anyOf": [{"$ref": "#/components/schemas/Size"}, {"enum": ["square", "wide"]}, NULL]
        },
        "amount": {"anyOf": [{"type": "integer"}, {"$ref": "#/components/schemas/Corner"}]},
        "styles": {
            "type": "array",
            "items": {"enum": [f"styles {number}" for number in range(1, 278)]},
            "uniqueItems": True,
            "default": ["styles 277"],
        },
        "tags": {"type": "object", "additionalProperties": {"type": "string"}},
        "anything": {},
        "tree": {"$ref": "#/components/schemas/Tree"},
    },
}


SHAPES_OUTPUT: Schema = {
    "type": "object",
    "required": ["images", "video", "audio"],
    "properties": {
        "images": {
            "type": "array",
            "items": {"$ref": "#/components/schemas/File"},
            "examples": [[{"url": "https://example.com/a.png", "content_type": "image/png"}]],
        },
        "video": {"$ref": "#/components/schemas/File"},
        "audio": {"$ref": "#/components/schemas/File"},
    },
}


COMPONENTS: dict[str, Schema] = {
    "Corner": {
        "type": "object",
        "required": ["x"],
        "properties": {"x": {"type": "integer"}, "y": {"type": "integer"}},
    },
    "Frame": {
        "type": "object",
        "required": ["is_closed", "colour"],
        "properties": {
            "is_closed": {"type": "boolean"},
            "colour": {"type": "string", "default": "black"},
        },
    },
    "Tree": {
        "type": "object",
        "properties": {
            "leaf": {"type": "string"},
            "branch": {"$ref": "#/components/schemas/Tree"},
        },
    },
}


WORST = "</textarea></option>\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7 * 7 }}"


HOSTILE_INPUT: Schema = {
    "type": "object",
    "required": [WORST],
    "properties": {
        WORST: {"type": "string", "description": WORST, "examples": [WORST], "pattern": WORST},
        "one_of": {"enum": [WORST, "plain"]},
        "default": {"type": "string", "default": WORST},
        "either": {"anyOf": [{"type": "integer"}, {"enum": [WORST]}]},
        "many": {"type": "array", "items": {"enum": [WORST]}, "description": WORST},
    },
}


CHOICES_INPUT: Schema = {
    "type": "object",
    "properties": {
        "mood": {"anyOf": [{"enum": ["calm", "wild"]}, NULL], "default": "calm"},
        "strength": {
            "type": "number",
            "minimum": 0,
            "maximum": 1,
            "default": 0.5,
            "description": "How much to change: `0` **keeps** all.\n"
            "See [Strength](https://example.com/strength).",
        },
        "checked": {"type": "boolean", "default": True},
        "negative": {"type": "string", "default": "blurry"},
        "size": {
            "anyOf": [{"$ref": "#/components/schemas/Size"}, {"enum": ["square", "wide"]}],
            "default": "square",
        },
        "side": {
            "type": "integer",
            "exclusiveMinimum": 0,
            "maximum": 14142,
            "description": "Pixels of a side.",
        },
        "seed": {"type": "integer"},
        "frame": {"$ref": "#/components/schemas/Frame"},
    },
}


FILES_OUTPUT: Schema = {
    "type": "object",
    "required": ["chair", "words"],
    "properties": {
        name: {"$ref": "#/components/schemas/File", "examples": [{"url": f"https://a.com/{file}"}]}
        for name, file in {"chair": "chair.glb", "words": "words.txt"}.items()
    },
}


OPTIONAL_OUTPUT: Schema = {"type": "object", "properties": {"score": {"type": "number"}}}


IMAGES_INPUT: Schema = {
    "type": "object",
    "properties": {"num_images": {"type": "integer", "default": 1}},
}


FILM_INPUT: Schema = {
    "type": "object",
    "properties": {"duration": {"enum": ["auto", "5s", "10s"], "default": "auto"}},
}


def prices() -> dict[str, UnitPrice]:
    """Return the price of one endpoint for each way of counting units, and of one without any."""
    listed = {
        IMAGES: ("0.035", "images"),
        FILM: ("0.04", "second"),
        PIKA: ("0.2", "videos"),
        SHAPES: ("0", "request"),
        PAINT: ("0.1", "requests"),
        CHOICES: ("0.01", "megapixel"),
    }
    return {
        id: UnitPrice(Decimal(amount), unit, "USD", "2026-06-05")
        for id, (amount, unit) in listed.items()
    }


def documents() -> list[Schema]:
    unplanned = document(UNPLANNED)
    unplanned["info"]["x-fal-metadata"]["endpointId"] = "acme/another"
    pika = json.loads((ROOT / f"specs/{PIKA}.json").read_text("utf-8"))
    return [
        document(PAINT),
        document(SHAPES, SHAPES_INPUT, SHAPES_OUTPUT, components=COMPONENTS),
        document(HOSTILE, HOSTILE_INPUT, about=WORST, category=WORST),
        document(CHOICES, CHOICES_INPUT, components=COMPONENTS),
        document(FILES, output=FILES_OUTPUT, category="image-to-3d"),
        document(OPTIONAL, output=OPTIONAL_OUTPUT),
        document(IMAGES, IMAGES_INPUT),
        document(FILM, FILM_INPUT),
        document("acme/count", output={"type": "object", "properties": {}}),
        unplanned,
        pika,
    ]
