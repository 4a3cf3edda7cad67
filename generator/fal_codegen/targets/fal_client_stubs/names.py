"""Names with a meaning in the generated stubs."""

from __future__ import annotations

RESERVED_CLASS_NAMES = frozenset(
    "Any Input Literal MutableMapping NotRequired Output TypeAlias TypedDict".split()
)
"""Class names that no model gets: the modules of endpoints import or define them."""
