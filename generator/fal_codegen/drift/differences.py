"""Differences between two schemas, and edits that apply a single difference."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from fal_codegen.drift.rules import SchemaRule

if TYPE_CHECKING:
    from fal_codegen.drift.kinds.variant import Variant


@dataclass(frozen=True, eq=False)
class Edit:
    """One change to one schema.

    Attributes:
        variants: The replacement variants; empty for a removal.
        route: From the schema to the place: a variant of the schema, the tokens of a JSON Pointer
            from that variant to a schema inside it, a variant of that schema, and so on. If it ends
            in a variant, the edit replaces that variant, otherwise all variants of the schema.
    """

    variants: tuple[Variant, ...]
    route: tuple[Variant | str, ...] = ()

    def below(self, *steps: Variant | str) -> Edit:
        """Return the edit with steps before its route, for a schema further out."""
        return replace(self, route=(*steps, *self.route))


@dataclass(frozen=True)
class Difference:
    """One difference between two schemas.

    Attributes:
        path: Tokens of a JSON Pointer, from the compared schemas to the place.
        old: The old value; None if there was none.
        new: The new value; None if there is none.
        edit: Applies this difference alone to the old schemas; None if it rejects no value that
            was valid.
    """

    rule: SchemaRule
    path: tuple[str, ...] = ()
    old: Any = None
    new: Any = None
    edit: Edit | None = None

    def below(self, *tokens: str) -> Difference:
        """Return the difference with tokens before its path, for a schema further out."""
        edit = self.edit.below(*tokens) if self.edit else None
        return replace(self, path=(*tokens, *self.path), edit=edit)

    def of(self, variant: Variant) -> Difference:
        """Return the difference with its edit inside one variant of the schemas."""
        return replace(self, edit=self.edit.below(variant)) if self.edit else self

    def with_edit(self, *variants: Variant) -> Difference:
        """Return the difference with an edit that results in these variants."""
        return replace(self, edit=Edit(variants))
