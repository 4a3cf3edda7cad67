"""Names: where in the package each endpoint's modules are."""

from __future__ import annotations

from collections.abc import Iterable

from fal_codegen.naming import unique

RESERVED_CLASS_NAMES = frozenset(
    """
    Array Boolean Date Error Function Input Map Number Object Output Promise Record Set String
    Symbol
    """.split()
)
"""Class names that no model gets: the language defines them, or every module does."""

_FILES = frozenset({"index.js", "index.d.ts", "zod.js", "zod.d.ts"})
"""What stands in an endpoint's folder, beside the folders of the endpoints below it."""

_ENTRY_POINTS = frozenset({"zod"})
"""What stands where the owners of endpoints do, in the paths that callers import."""


def module_paths(ids: Iterable[str]) -> dict[str, str]:
    """Return each endpoint's path below the package: its id, as nearly as can be."""
    return unique({id_: id_ for id_ in ids}, taken=(), form=_path)


def _path(endpoint_id: str) -> str:
    owner, *rest = endpoint_id.split("/")
    first = f"{owner}_" if owner in _ENTRY_POINTS | _FILES else owner
    return "/".join([first, *(f"{name}_" if name in _FILES else name for name in rest)])
