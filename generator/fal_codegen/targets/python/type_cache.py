"""Types by datamodel-code-generator, cached in the user's cache folder.

Importing and calling it takes longer than all other steps of generating a client, and most schemas
are the same from run to run. A type is cached by the schema, this tool, and the versions of
datamodel-code-generator and of Python, which writes the source of a type.
"""

from __future__ import annotations

import ast
import builtins
import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version
from typing import NamedTuple

from fal_codegen import cache
from fal_codegen.digests import digest_of
from fal_codegen.document.schema import Schema
from fal_codegen.installation import tool_digests
from fal_codegen.ir import Direction


class TypeRequest(NamedTuple):
    """A schema whose type is needed.

    Attributes:
        key: Equal for all schemas with the same type.
        schema: The schema, in which models are called `Model0`, `Model1`, ….
        direction: Which way its values travel.
        models: The names of its models, in that order.
    """

    key: str
    schema: Schema
    direction: Direction
    models: tuple[str, ...]


Generate = Callable[[Sequence[TypeRequest]], Sequence[str]]

_MAX_TYPES = 50_000
"""Types in the cache; when it is full, only those of the last run stay."""

_TYPES = frozenset({"bool", "bytes", "dict", "float", "int", "list", "str"})
"""The builtins that a type may refer to."""

_NODES = (
    ast.Expression, ast.Name, ast.Load, ast.Constant, ast.Subscript, ast.Tuple, ast.List,
    ast.BinOp, ast.BitOr, ast.UnaryOp, ast.USub, ast.Call, ast.keyword,
)  # fmt: skip


def cached(requests: Iterable[TypeRequest], generate: Generate) -> dict[str, str]:
    """Return the type of each schema, by the key of its request.

    Args:
        requests: The requests; some may be equal.
        generate: Generates the types that are not in the cache.
    """
    name = f"types-{_version()}.json"
    read = cache.read(name)
    stored: dict[str, object] = read if isinstance(read, dict) else {}
    distinct = {request.key: request for request in requests}
    types = {
        key: source
        for key, request in distinct.items()
        if isinstance(source := stored.get(key), str) and _is_type(source, len(request.models))
    }
    missing = [request for key, request in distinct.items() if key not in types]
    if missing:
        types |= zip((request.key for request in missing), generate(missing), strict=True)
        cache.write(name, {**stored, **types} if len(stored) < _MAX_TYPES else types)
    return types


def _version() -> str:
    """Return one hash of everything except the schema that a type depends on."""
    parts = [version("datamodel-code-generator"), sys.version_info[:2], tool_digests()]
    return digest_of(json.dumps(parts))[:32]


def _is_type(source: str, models: int) -> bool:
    """Return whether a string can only be the source of a type.

    A generated module is imported and its annotations are evaluated, so the cache must not be able
    to put any other code there.
    """
    try:
        nodes = list(ast.walk(ast.parse(source, mode="eval")))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return all(isinstance(node, _NODES) for node in nodes) and all(
        _is_known(node.id, models) for node in nodes if isinstance(node, ast.Name)
    )


def _is_known(name: str, models: int) -> bool:
    if model := re.fullmatch(r"Model(\d{1,9})", name, re.ASCII):
        return int(model[1]) < models
    return name in _TYPES or not (name.startswith("_") or hasattr(builtins, name))
