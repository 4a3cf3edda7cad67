"""The tools of a server: one for each endpoint, or three for many endpoints."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from mcp.types import Tool, ToolAnnotations

from ..costs import Price
from ..documentation import documentation_of
from ..endpoint import Endpoint
from ..problems import Problem, problem_list
from .json_schemas import input_schema, output_schema
from .quoting import quoted

FIND, DESCRIBE, RUN = "find_endpoints", "describe_endpoint", "run_endpoint"

MOST_TOOLS = 40
"""The most endpoints that have a tool each. Agents choose badly among more."""

_LONGEST_NAME = 64  # of the tools that the APIs of language models accept
_LONGEST_PRICE = 100

_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_CALLS = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=False)

_TYPES = {"string": str, "object": dict}  # of the arguments of the general tools

_ENDPOINT_ID = {"type": "string", "description": f"An id that {FIND} returned."}


def tool_names(endpoint_ids: Iterable[str]) -> dict[str, str]:
    """Return the name of the tool for each endpoint id."""
    plain = {id: re.sub(r"[^a-zA-Z0-9_-]", "_", id) for id in endpoint_ids}
    count = Counter(plain.values())
    return {
        id: name if len(name) <= _LONGEST_NAME and count[name] == 1 else _hashed(name, id)
        for id, name in plain.items()
    }


def _hashed(name: str, endpoint_id: str) -> str:
    digest = hashlib.sha256(endpoint_id.encode()).hexdigest()[:8]
    return f"{name[: _LONGEST_NAME - 9]}_{digest}"


def endpoint_tool(
    name: str, endpoint: Endpoint[Any, Any], price: Price | None, has_folder: bool
) -> Tool:
    """Return the tool that calls an endpoint."""
    return Tool(
        name=name,
        title=endpoint.endpoint_id,
        description=f"Call the fal endpoint {endpoint.endpoint_id}. {about(endpoint, price)}",
        input_schema=input_schema(endpoint, has_folder),
        output_schema=output_schema(endpoint),
        annotations=_CALLS,
    )


def about(endpoint: Endpoint[Any, Any], price: Price | None) -> str:
    """Return the price and the description of an endpoint, for an agent."""
    cost = "Its price is not known" if price is None else f"It costs {_price(price)}"
    sentences = [f"Each call is billed. {cost}."]
    if endpoint.types.deprecation:
        sentences.append(f"It is deprecated: {quoted(endpoint.types.deprecation)}.")
    if description := documentation_of(endpoint.endpoint_id).description:
        sentences.append(f"Its document describes it as {quoted(description)}.")
    return " ".join(sentences)


def described(
    endpoint: Endpoint[Any, Any], price: Price | None, has_folder: bool
) -> dict[str, Any]:
    """Return everything that an agent needs to call an endpoint."""
    return {
        **summary(endpoint, price),
        "input_schema": input_schema(endpoint, has_folder),
        "output_schema": output_schema(endpoint),
    }


def summary(endpoint: Endpoint[Any, Any], price: Price | None) -> dict[str, Any]:
    """Return the id, the price and the description of an endpoint."""
    return {"endpoint_id": endpoint.endpoint_id, "description": about(endpoint, price)}


def general_tools() -> list[Tool]:
    """Return the three tools that find, describe and call any of many endpoints."""
    found = {
        "type": "object",
        "properties": {
            "endpoint_id": {"type": "string"},
            "description": {"type": "string"},
        },
        "required": ["endpoint_id", "description"],
    }
    return [
        Tool(
            name=FIND,
            description="Find endpoints of fal that this server can call, by words of their ids.",
            input_schema=_object(query={"type": "string", "description": "Words, such as 'video'"}),
            output_schema=_object(endpoints={"type": "array", "items": found}),
            annotations=_READS,
        ),
        Tool(
            name=DESCRIBE,
            description="Return the price of an endpoint, and the JSON Schemas of its input and "
            f"output. Read them before you call {RUN}.",
            input_schema=_object(endpoint_id=_ENDPOINT_ID),
            annotations=_READS,
        ),
        Tool(
            name=RUN,
            description="Call an endpoint of fal. Each call is billed.",
            input_schema=_object(
                endpoint_id=_ENDPOINT_ID,
                arguments={"type": "object", "description": f"The input that {DESCRIBE} shows."},
            ),
            annotations=_CALLS,
        ),
    ]


def mismatch(name: str, arguments: Mapping[str, Any]) -> str:
    """Return how arguments differ from the input schema of a general tool, and the next step."""
    (tool,) = (tool for tool in general_tools() if tool.name == name)
    properties: Mapping[str, Any] = tool.input_schema["properties"]
    wrong = {
        key: f"should be of type {schema['type']}" if key in arguments else "is required"
        for key, schema in properties.items()
        if not isinstance(arguments.get(key), _TYPES[schema["type"]])
    }
    wrong |= {key: "there is no such argument" for key in arguments if key not in properties}
    heading = f"the arguments do not match the input schema of {name}"
    problems = [Problem(key, reason, "schema") for key, reason in wrong.items()]
    return f"{problem_list(heading, problems)}\nNext step: correct the arguments; nothing was sent"


def matching(endpoint_ids: Iterable[str], query: str, most: int) -> list[str]:
    """Return the ids that have most words of a query, best first."""
    words = re.findall(r"[a-z0-9]+", query.lower())
    scores = {id: sum(word in id.lower() for word in words) for id in endpoint_ids}
    best = sorted(scores, key=lambda id: -scores[id])
    return [id for id in best if scores[id] or not words][:most]


def _object(**properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _price(price: Price) -> str:
    return quoted(str(price), _LONGEST_PRICE)
