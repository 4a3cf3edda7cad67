"""Kinds without constraints of their own: null, booleans, and unknown types."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fal_codegen.drift.kinds.scalar import ScalarVariant
from fal_codegen.drift.kinds.variant import Variant

if TYPE_CHECKING:
    from typing_extensions import Self


class NullSchema(Variant):
    """Null."""

    def simplified(self) -> Self | None:
        """Return the variant without listed values; None if they do not include null."""
        return replace(self, values=None) if super().simplified() else None

    def contains(self, inner: Self) -> bool:
        """Return True: all nulls are equal."""
        return True


class BooleanSchema(ScalarVariant):
    """Booleans."""

    def simplified(self) -> Self | None:
        """Return the variant, without listed values if it lists both; None if it lists none."""
        has_both = self.values is not None and len(self.values) > 1
        return replace(self, values=None) if has_both else Variant.simplified(self)


class UnknownSchema(Variant):
    """Values of a `type` that JSON Schema does not define."""
