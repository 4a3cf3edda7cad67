"""Small documents like fal's, for the emulator to serve."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]

FILE: Schema = {
    "type": "object",
    "required": ["url"],
    "properties": {
        "url": {"type": "string"},
        "content_type": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "file_size": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
    },
}

PAINT_INPUT: Schema = {
    "type": "object",
    "required": ["prompt"],
    "properties": {
        "prompt": {"type": "string", "minLength": 2, "examples": ["a red fox"]},
        "steps": {"type": "integer", "minimum": 1, "maximum": 50, "default": 20},
        "style": {"type": "string", "enum": ["plain", "vivid"]},
        "size": {
            "anyOf": [
                {"$ref": "#/components/schemas/Size"},
                {"type": "string", "enum": ["square", "wide"]},
            ]
        },
        "seed": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 2},
    },
}

PAINT_OUTPUT: Schema = {
    "type": "object",
    "required": ["image", "mood"],
    "properties": {
        "image": {
            "$ref": "#/components/schemas/File",
            "examples": [{"url": "https://example.com/out/fox.png", "file_size": 12}],
        },
        "mood": {"type": "string", "enum": ["calm", "wild"]},
    },
}

SIZE: Schema = {
    "type": "object",
    "required": ["width"],
    "properties": {"width": {"type": "integer", "exclusiveMinimum": 0}},
}


def document(
    endpoint_id: str = "acme/paint/v1.0/draft",
    input: Schema = PAINT_INPUT,
    output: Schema = PAINT_OUTPUT,
    about: str = "Paints a picture.",
    category: str = "text-to-image",
    components: Mapping[str, Schema] | None = None,
) -> Schema:
    """Return a document with components besides Input and Output."""
    job = f"/{endpoint_id}/requests/{{request_id}}"
    return {
        "openapi": "3.0.4",
        "info": {
            "title": f"Queue OpenAPI for {endpoint_id}",
            "version": "1.0.0",
            "x-fal-metadata": {"endpointId": endpoint_id, "category": category, "about": about},
        },
        "components": {
            "schemas": {
                "QueueStatus": {"type": "object", "properties": {"status": {"type": "string"}}},
                # Another name that ends in Input: only the path shows which one is the Input.
                "OtherInput": {"type": "object", "required": ["never"]},
                "AnyInput": input,
                "AnyOutput": output,
                "File": FILE,
                "Size": SIZE,
                **(components or {}),
            }
        },
        "paths": {
            f"{job}/status": {"get": {"responses": {"200": _json("QueueStatus")}}},
            f"{job}/cancel": {"put": {"responses": {"200": {}}}},
            f"/{endpoint_id}": {
                "post": {
                    "requestBody": {"required": True, **_json("AnyInput")},
                    "responses": {"200": _json("QueueStatus")},
                }
            },
            job: {"get": {"responses": {"200": _json("AnyOutput")}}},
        },
    }


def _json(component: str) -> Schema:
    schema = {"$ref": f"#/components/schemas/{component}"}
    return {"content": {"application/json": {"schema": schema}}}
