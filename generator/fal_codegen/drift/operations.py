"""The operations of an OpenAPI document, with inherited parts and normalised names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fal_codegen.document.json_values import mapping, strings
from fal_codegen.document.pointers import escape
from fal_codegen.drift.kinds.variant import Schemas
from fal_codegen.drift.resolve import Resolver

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_STYLES: Mapping[str, str] = {
    "path": "simple",
    "query": "form",
    "header": "simple",
    "cookie": "form",
}
_IGNORED_HEADERS = frozenset({"accept", "content-type", "authorization"})
"""Header parameters that OpenAPI ignores, because other parts of a document define them."""


@dataclass(frozen=True)
class Operation:
    """A method of a path.

    Attributes:
        name: Method and path, such as `POST /fal-ai/flux/dev`.
        at: Its JSON Pointer.
        item: The path item object.
        node: The operation object.
    """

    name: str
    at: str
    item: Mapping[str, Any]
    node: Mapping[str, Any]


def path_without_names(path: str) -> str:
    """Return a path without the names of its parameters, which callers never see."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def media_type_of(name: str) -> str:
    """Return a media type in lower case, for JSON without parameters such as a charset."""
    full = re.sub(r"\s", "", name).lower()
    base, _, parameters = full.partition(";")
    is_json = base == "application/json" or base.endswith("+json")
    return base if parameters and is_json else full


def by_path(resolver: Resolver) -> dict[tuple[str, str], Operation]:
    """Return the operations by path (without parameter names) and method."""
    found = {}
    for path, node in mapping(resolver.document.get("paths")).items():
        item = resolver.node(node)
        for method in _METHODS:
            if isinstance(item.get(method), dict):
                key = path_without_names(path), method
                at = f"/paths/{escape(path)}/{method}"
                found[key] = Operation(f"{method.upper()} {path}", at, item, item[method])
    return found


def servers(resolver: Resolver, operation: Operation) -> tuple[set[str], str]:
    """Return the server URLs of an operation, and their JSON Pointer."""
    for node, at in (
        (operation.node, f"{operation.at}/servers"),
        (operation.item, f"{operation.at.rpartition('/')[0]}/servers"),
        (resolver.document, "/servers"),
    ):
        if isinstance(node.get("servers"), list) and node["servers"]:
            urls = (str(mapping(server).get("url", "/")) for server in node["servers"])
            return {url.rstrip("/") or "/" for url in urls}, at
    return {"/"}, "/servers"


def security(resolver: Resolver, operation: Operation) -> tuple[dict[str, frozenset[str]], str]:
    """Return the requirements of each way to authenticate, by description, and the JSON Pointer."""
    node, at = operation.node, f"{operation.at}/security"
    if not isinstance(node.get("security"), list):
        node, at = resolver.document, "/security"
    given = node.get("security")
    schemes = mapping(mapping(resolver.document.get("components")).get("securitySchemes"))
    ways = {}
    for way in given if isinstance(given, list) and given else [{}]:
        required: set[str] = set()
        names = []
        for name, scopes in mapping(way).items():
            scheme = resolver.node(schemes.get(name))
            shown = {k: v for k, v in scheme.items() if k in ("type", "in", "name", "scheme")}
            text = " ".join(str(shown[key]) for key in sorted(shown)) or name
            names.append(text + "".join(f" {scope}" for scope in sorted(strings(scopes))))
            required |= {text, *(f"{text} {scope}" for scope in strings(scopes))}
        ways[" and ".join(sorted(names))] = frozenset(required)
    return ways, at


def parameters(
    resolver: Resolver, operation: Operation
) -> dict[tuple[str, str], tuple[Mapping[str, Any], str]]:
    """Return the parameters with their JSON Pointers, by place and name; in a path, by position."""
    found: dict[tuple[str, str], tuple[Mapping[str, Any], str]] = {}
    in_path = re.findall(r"\{([^}]*)\}", operation.name)
    above = operation.at.rpartition("/")[0]
    for node, at in ((operation.item, above), (operation.node, operation.at)):
        given = node.get("parameters")
        for index, parameter in enumerate(given if isinstance(given, list) else ()):
            resolved = resolver.node(parameter)
            place, name = str(resolved.get("in")), str(resolved.get("name"))
            if place == "header":
                name = name.lower()
                if name in _IGNORED_HEADERS:
                    continue
            elif place == "path" and name in in_path:
                name = str(in_path.index(name))
            found[place, name] = resolved, f"{at}/parameters/{index}"
    return found


def style(parameter: Mapping[str, Any]) -> str:
    """Return how a parameter's value is serialized."""
    if "content" in parameter:
        return ", ".join(sorted(mapping(parameter["content"])))
    style = parameter.get("style", _STYLES.get(str(parameter.get("in"))))
    is_exploded = parameter.get("explode", style == "form")
    return f"{style}, {'exploded' if is_exploded else 'not exploded'}"


def schema_of(node: Mapping[str, Any]) -> Schemas:
    """Return the schema of a parameter, header or media type."""
    if "schema" in node:
        return (node["schema"],)
    for content in mapping(node.get("content")).values():
        return schema_of(mapping(content))
    return ()


def content(node: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the media types of a body by normalised name."""
    found: dict[str, Mapping[str, Any]] = {}
    for name, content in sorted(mapping(node.get("content")).items()):
        found.setdefault(media_type_of(name), mapping(content))
    return found


def headers(response: Mapping[str, Any]) -> dict[str, Any]:
    """Return the headers of a response by name in lower case."""
    return {name.lower(): header for name, header in mapping(response.get("headers")).items()}


def info(resolver: Resolver) -> dict[str, Any]:
    """Return the info of a document, with extensions flattened by one level."""
    flat: dict[str, Any] = {}
    for key, value in mapping(resolver.document.get("info")).items():
        if key.startswith("x-") and isinstance(value, dict):
            flat |= {f"{escape(key)}/{escape(name)}": item for name, item in value.items()}
        else:
            flat[escape(key)] = value
    return flat
