"""What the document of an endpoint says about it, for the command line and the MCP server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Documentation(NamedTuple):
    """What the document of an endpoint says about it; empty where it says nothing."""

    endpoint_id: str
    description: str = ""
    price: str = ""
    """The price of a unit, with its date."""
    fields: Mapping[str, Mapping[str, str]] = {}
    """The description of each field, by the names of its class and of the field."""

    def of_fields(self, model: type[object]) -> Mapping[str, str]:
        """Return the description of each field of a model that has one."""
        return self.fields.get(model.__name__, {})


def documentation_of(endpoint_id: str) -> Documentation:
    """Return the documentation of an endpoint."""
    return _documented().get(endpoint_id, Documentation(endpoint_id))


@cache
def _documented() -> Mapping[str, Documentation]:
    """Return the documentation of each endpoint of the package, by id."""
    file = files(__name__.partition(".")[0]) / "_documentation.jsonl"
    with file.open(encoding="utf-8") as lines:
        found = [Documentation(**json.loads(line)) for line in lines]
    return {each.endpoint_id: each for each in found}
