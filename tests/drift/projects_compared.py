"""Documents to compare with those of a project, and the report of a command."""

from __future__ import annotations

import json
from typing import Any

from documents import document, obj
from projects import BLENDER

DAYS = {"type": "integer", "default": 5}

TEXTS = {"enum": ["5", "10"], "type": "string", "default": "5"}

NO_DRIFT, DRIFT, NOT_CHECKED, BREAKING = 0, 1, 2, 3


def blender(
    endpoint_id: str = BLENDER, about: str = "Blends two things.", **properties: Any
) -> dict[str, Any]:
    shown = {"prompt": {"type": "string"}, **properties}
    return document(endpoint_id, input=obj(shown, required=["prompt"]), about=about)


def changes(ran: Any) -> list[tuple[str, str]]:
    return [(one["level"], one["id"]) for one in json.loads(ran.out)["changes"]]
