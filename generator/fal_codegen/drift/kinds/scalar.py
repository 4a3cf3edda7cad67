"""Variants of values that contain no others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fal_codegen.drift.kinds.constraints import constraints_of
from fal_codegen.drift.kinds.variant import Variant, spelled

if TYPE_CHECKING:
    from typing_extensions import Self


class ScalarVariant(Variant):
    """Values that contain no others."""

    def simplified(self) -> Self | None:
        """Return the variant in its simplest spelling; None if it allows no value.

        Limits apply to the listed values once; after that, they have no effect and are dropped.
        """
        if self.values is None:
            return self
        unlisted = replace(self, values=None)
        values = {text: v for text, v in self.values.items() if unlisted.admits(v)}
        limits = {name: self.unjudged(name) for name in constraints_of(type(self))}
        return replace(self, values=values, misplaced={}, **limits) if values else None

    def unjudged(self, name: str) -> Any:
        """Return what of a constraint `admits` does not judge; None if nothing is left."""
        limit = getattr(self, name)
        return None if limit is None else constraints_of(type(self))[name].unjudged(limit)

    def contains(self, inner: Self) -> bool:
        """Return whether this variant allows every value of another, as far as easily seen."""
        mine, theirs = self.constraints, inner.constraints
        if not mine:
            return True
        has_more = self.opaque or self.is_exclusive
        is_judged = all(self.unjudged(name) is None for name in constraints_of(type(self)))
        if theirs.keys() == {"values"} and is_judged and not has_more:
            return all(self.admits(value) for value in theirs["values"].values())
        if "values" in mine or "values" in theirs:
            return False
        if has_more and (self.opaque, self.is_exclusive) != (inner.opaque, inner.is_exclusive):
            return False
        declared = constraints_of(type(self))
        return theirs.keys() >= mine.keys() and all(
            declared[name].intersect(outer, theirs[name]) == theirs[name]
            if name in declared
            else spelled(outer) == spelled(theirs[name])
            for name, outer in mine.items()
        )

    def admits(self, value: Any) -> bool:
        """Return whether a value of this kind matches."""
        if self.values is not None:
            return super().admits(value)
        return all(
            constraint.admits(limit, value)
            for name, constraint in constraints_of(type(self)).items()
            if (limit := getattr(self, name)) is not None
        )
