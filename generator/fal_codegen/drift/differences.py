"""Differences between two schemas, and the edits that apply one of them alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from fal_codegen.drift.rules import SchemaRule

if TYPE_CHECKING:
    from fal_codegen.drift.kinds.variant import Variant


@dataclass(frozen=True, eq=False)
class Edit:
    """One change of one schema.

    Attributes:
        variants: The variants that take the place of what the route leads to; none if it is
            removed.
        route: From the schema to the place: a variant of the schema, the tokens of a JSON Pointer
            from that variant to a schema inside it, a variant of that one, and so on. If it ends in
            a variant, that variant is replaced, else every variant of the schema.
    """

    variants: tuple[Variant, ...]
    route: tuple[Variant | str, ...] = ()

    def below(self, *steps: Variant | str) -> Edit:
        """Return the edit with a route that starts further out."""
        return replace(self, route=(*steps, *self.route))


@dataclass(frozen=True)
class Difference:
    """One difference between two schemas.

    Attributes:
        path: Tokens of a JSON Pointer, from the schemas compared to the place.
        edit: The old schemas with this difference applied alone; None if it rejects no value
            that was valid.
    """

    rule: SchemaRule
    path: tuple[str, ...] = ()
    old: Any = None
    new: Any = None
    edit: Edit | None = None

    def below(self, *tokens: str) -> Difference:
        """Return the difference with a path that starts further out."""
        edit = self.edit.below(*tokens) if self.edit else None
        return replace(self, path=(*tokens, *self.path), edit=edit)

    def of(self, variant: Variant) -> Difference:
        """Return the difference with an edit of one variant of the schemas."""
        return replace(self, edit=self.edit.below(variant)) if self.edit else self

    def with_edit(self, *variants: Variant) -> Difference:
        """Return the difference with the variants that remain after it."""
        return replace(self, edit=Edit(variants))
