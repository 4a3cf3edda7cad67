"""Responses of catalogues, and projects that request them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from conftest import Ran
from fal_codegen.document.metadata import Metadata
from fal_codegen.emulator import Emulator
from projects import DECLARATION, edit, problem
from servers import Answer

Cli = Callable[..., Ran]


PAINT, FAST, OLD = "acme/paint", "acme/paint/fast", "acme/old"


V1, V2, LONG = "acme/pika/v1/turn", "acme/pika/v2/turn", "acme/pika/v2/turn/long"


ALL = [PAINT, FAST, V1, V2, LONG, OLD]


VIDEO = "image-to-video"


LISTING = {
    PAINT: Metadata(
        "Paint [dev]",
        "text-to-image",
        tags=("new", "fast"),
        description="Paints a picture.\n",
    ),
    FAST: Metadata("\x1b[2J\nFast \x7f\u202e", "text-to-image"),
    **{id_: Metadata("Turn", VIDEO) for id_ in (V1, V2, LONG)},
    OLD: Metadata("Old", VIDEO, "deprecated"),
}


MANY = [f"acme/tool-{number:03}" for number in range(120)]


def declare(project: Path, fal: Emulator, *ids: str, **settings: object) -> Path:
    """Set a project up to fetch from an emulator, and declare endpoints without fetching them."""
    addresses = {
        "catalogue": f"{fal.base_url}/api/v1/models",
        "url": f"{fal.base_url}/api/openapi/queue/openapi.json",
        **settings,
    }
    lines = [f"{name} = {json.dumps(value)}" for name, value in addresses.items()]
    lines = ["", "[fetch]", *lines, *(f'[endpoints."{id_}"]' for id_ in ids), ""]
    edit(project / DECLARATION, new="\n".join(lines))
    return project


def declared(cli: Cli, project: Path) -> list[str]:
    return [line.split()[0] for line in cli("list", "--project", project).out.splitlines()]


def failed(ran: Ran, *parts: str) -> None:
    """Assert that a command failed after it reported its progress."""
    progress, _, said = ran.err.partition("\n")
    assert progress.startswith("fetching: ")
    problem(Ran(ran.code, ran.out, said), *parts)


def page(*models: object, cursor: str | None = None) -> Answer:
    return Answer.of({"models": models, "next_cursor": cursor, "has_more": cursor is not None})


def model(endpoint_id: str, **keys: Any) -> dict[str, Any]:
    return {"endpoint_id": endpoint_id, **keys}
