"""An endpoint with the shapes that a simple one lacks: nested models, lists of files, aliases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fal_endpoints import UNSET, Endpoint, File, FileInput, InputModel, OutputModel, Request, Unset
from pydantic import Field


class Layer(InputModel):
    image_url: FileInput
    opacity: Annotated[float, Field(ge=0, le=1)] = 1.0
    z_index: int = Field(default=0, alias="z-index")


class Input(InputModel):
    layers: list[Layer]
    mask_urls: list[FileInput] = Field(default_factory=list)
    background: Literal["white", "black"] | None = None
    aspect: str = Field(default="1:1", alias="aspect-ratio")
    extra: dict[str, Any] = Field(default_factory=dict)


class Output(OutputModel):
    image: File
    width: int


class Collage(Endpoint[Input, Output]):
    """Puts pictures on top of each other."""

    endpoint_id = "acme/collage/v1/layers"

    def __call__(
        self,
        *,
        layers: Sequence[Layer | dict[str, Any]],
        mask_urls: list[FileInput] | Unset = UNSET,
        background: Literal["white", "black"] | Unset | None = UNSET,
        aspect: str | Unset = UNSET,
        extra: dict[str, Any] | Unset = UNSET,
    ) -> Request[Output]:
        return self.bind(
            layers=list(layers),
            mask_urls=mask_urls,
            background=background,
            aspect=aspect,
            extra=extra,
        )


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": properties}


_PATH = f"/{Collage.endpoint_id}"
_STRING = {"type": "string"}

COLLAGE_DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.4",
    "info": {"x-fal-metadata": {"endpointId": Collage.endpoint_id}},
    "components": {
        "schemas": {
            "CollageInput": _object(
                ["layers"],
                layers={
                    "type": "array",
                    "items": _object(
                        ["image_url"],
                        image_url=_STRING,
                        opacity={"type": "number"},
                        **{"z-index": {"type": "integer"}},
                    ),
                },
                mask_urls={"type": "array", "items": _STRING},
                background={"type": "string", "nullable": True, "enum": ["white", "black"]},
                extra={"type": "object"},
                **{"aspect-ratio": {"type": "string", "pattern": r"^\d+:\d+$"}},
            ),
            "CollageOutput": _object(
                ["image", "width"],
                image=_object(
                    ["url"], url={"type": "string", "examples": ["https://x.test/1.png"]}
                ),
                width={"type": "integer", "examples": [640]},
            ),
        }
    },
    "paths": {
        _PATH: {
            "post": {
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {"$ref": "#/components/schemas/CollageInput"}
                        }
                    }
                }
            }
        },
        f"{_PATH}/requests/{{request_id}}": {
            "get": {
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {
                                "schema": {"$ref": "#/components/schemas/CollageOutput"}
                            }
                        }
                    }
                }
            }
        },
    },
}
