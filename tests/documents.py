"""Small documents of fal endpoints, written for the tests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fal_codegen.emulator.endpoints.results import fitted
from fal_codegen.emulator.endpoints.served_endpoint import ServedEndpoint

Schema = Mapping[str, Any]


def document(
    endpoint_id: str = "acme/blender",
    *,
    input: Schema | None = None,
    output: Schema | None = None,
    components: Mapping[str, Any] | None = None,
    about: str = "Blends two things.",
) -> dict[str, Any]:
    """Return a document in the form of fal's documents.

    `input` and `output` are the schemas of the components `BlenderInput` and `BlenderOutput`.
    """
    schemas = {
        "BlenderInput": input if input is not None else obj({"prompt": {"type": "string"}}),
        "BlenderOutput": output if output is not None else obj({"text": {"type": "string"}}),
        **(components or {}),
    }

    def answer(schema: Schema) -> dict[str, Any]:
        content = {"application/json": {"schema": schema}}
        return {"200": {"description": "The answer.", "content": content}}

    def ref(name: str) -> dict[str, str]:
        return {"$ref": f"#/components/schemas/{name}"}

    status = {"type": "object", "properties": {"status": {"type": "string"}}}
    body = {"required": True, "content": {"application/json": {"schema": ref("BlenderInput")}}}
    request = f"/{endpoint_id}/requests/{{request_id}}"
    return {
        "openapi": "3.0.4",
        "info": {
            "title": f"Queue OpenAPI for {endpoint_id}",
            "version": "1.0.0",
            "x-fal-metadata": {
                "endpointId": endpoint_id,
                "category": "test",
                "documentationUrl": f"https://fal.ai/models/{endpoint_id}/api",
                "about": about,
            },
        },
        "components": {"schemas": {"QueueStatus": status, **schemas}},
        "paths": {
            f"/{endpoint_id}": {
                "post": {"requestBody": body, "responses": answer(ref("QueueStatus"))}
            },
            request: {"get": {"responses": answer(ref("BlenderOutput"))}},
            f"{request}/status": {"get": {"responses": answer(ref("QueueStatus"))}},
            f"{request}/cancel": {"put": {"responses": answer({"type": "object"})}},
        },
        "servers": [{"url": "https://queue.fal.run"}],
    }


def obj(properties: Mapping[str, Any], **keywords: Any) -> dict[str, Any]:
    """Return an object schema; every property is required unless `required` says otherwise."""
    usual = {"required": list(properties), "x-fal-order-properties": list(properties)}
    return {"type": "object", "properties": dict(properties), **usual, **keywords}


def write(folder: Path, *documents: Mapping[str, Any]) -> Path:
    """Write documents into a folder, one file each; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, content in enumerate(documents):
        (folder / f"{number}.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def example_output(endpoint: ServedEndpoint) -> Any:
    """Return the result of an endpoint's example input."""
    return fitted(endpoint, endpoint.example_input, endpoint.plain_output)
