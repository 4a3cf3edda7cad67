"""Names in the npm package: reserved names, and the paths of modules."""

from __future__ import annotations

from collections.abc import Iterable

from fal_codegen.naming import class_name, unique

RESERVED_CLASS_NAMES = frozenset(
    """
    Array Boolean Date Error Function Input Map Number Object Output Promise Record Set String
    Symbol
    """.split()
)
"""Class names that no model gets: the language defines them, or every module does."""

_FILES = frozenset({"index.js", "index.d.ts", "zod.js", "zod.d.ts"})
"""Files of an endpoint's folder, which no endpoint below it can be named after."""

_ENTRY_POINTS = frozenset({"zod"})
"""First segments of import paths that no owner of endpoints can have."""


def module_paths(ids: Iterable[str]) -> dict[str, str]:
    """Return the path of each endpoint below the package: its id, changed only where it must be."""
    return unique({id_: id_ for id_ in ids}, taken=(), form=_path)


def prefixes(ids: Iterable[str]) -> dict[str, str]:
    """Return what the name of each endpoint's Input and Output begins with, unique in the package.

    It leaves out the owner `fal-ai`: the Input of `fal-ai/flux-2-max` is `Flux2MaxInput` too.
    """
    return unique({id_: id_ for id_ in ids}, taken=(), form=_prefix)


def _prefix(endpoint_id: str) -> str:
    return class_name(endpoint_id.removeprefix("fal-ai/"))


def _path(endpoint_id: str) -> str:
    owner, *rest = endpoint_id.split("/")
    first = f"{owner}_" if owner in _ENTRY_POINTS | _FILES else owner
    return "/".join([first, *(f"{name}_" if name in _FILES else name for name in rest)])
