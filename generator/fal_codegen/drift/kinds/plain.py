"""Kinds that have no constraints of their own: null, booleans, and types nobody knows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fal_codegen.drift.kinds.variant import Scalar, Variant

if TYPE_CHECKING:
    from typing_extensions import Self


class NullSchema(Variant):
    """Null."""

    def settled(self) -> Self | None:
        """Return the variant without its list of values; None if null is not among them."""
        return replace(self, values=None) if super().settled() else None

    def contains(self, inner: Self) -> bool:
        """Return that nulls are all the same."""
        return True


class BooleanSchema(Scalar):
    """Booleans."""

    def settled(self) -> Self | None:
        """Return the variant without a list of both values; None if it lists none."""
        has_both = self.values is not None and len(self.values) > 1
        return replace(self, values=None) if has_both else Variant.settled(self)


class UnknownSchema(Variant):
    """Values of a `type` that JSON Schema does not know."""
