"""Witnesses: for a breaking input change, an input that was valid before and is rejected now.

A witness is small (it has the required properties and the changed place), the same each time, and
proved with a validator: valid against the old document, invalid against the new one, and invalid
against the old one with this change alone applied. A change for which none can be built has none.
The validator comes with the extra `emulator`; without it, no change has a witness.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from itertools import islice
from typing import TYPE_CHECKING, Any

from fal_codegen.document.json_values import canonical
from fal_codegen.drift.changes import Change, Direction, Level, Witness
from fal_codegen.drift.comparison import Body, Cause
from fal_codegen.drift.differences import Edit
from fal_codegen.drift.edits import edited, undone
from fal_codegen.drift.kinds.object import ObjectSchema
from fal_codegen.drift.kinds.variant import Schemas, Variant
from fal_codegen.drift.resolve import Resolver
from fal_codegen.drift.samples import SchemaSamples

if TYPE_CHECKING:
    from jsonschema_rs import Validator

_MAX_TRIED = 500
"""Inputs that are tried for one change."""


def is_possible() -> bool:
    """Return whether the validator that proves witnesses is installed."""
    return find_spec("jsonschema_rs") is not None


def with_witnesses(
    changes: Iterable[Change], causes: Mapping[str, Cause], old: Resolver, new: Resolver
) -> list[Change]:
    """Return changes, each with its witness if one can be built.

    Args:
        changes: The changes.
        causes: The causes of changes inside bodies, by fingerprint.
        old: The old document, as it was read for the comparison.
        new: The new one.
    """
    bodies: dict[str, _Body | None] = {}
    result = []
    for change in changes:
        cause = causes.get(change.fingerprint)
        is_breaking = change.level is Level.BREAKING and change.direction is Direction.INPUT
        if cause and is_breaking and "json" in cause.body.media_type:
            at = cause.body.at
            if at not in bodies:
                bodies[at] = _body(cause.body, old, new)
            if body := bodies[at]:
                change = replace(change, witness=body.witness(cause))
        result.append(change)
    return result


class _Body:
    """A request body in both documents.

    Args:
        body: Its schemas.
        old: The old document.
        new: The new one.

    Raises:
        ImportError: The validator is not installed.
        ValueError: The validator cannot read a schema.
    """

    def __init__(self, body: Body, old: Resolver, new: Resolver) -> None:
        self._old, self._new = old, new
        self._body = body
        self._samples = SchemaSamples(old)
        self._validators = _Validators(old.document)
        self._was = self._validators.of(body.old)
        self._is_now = _Validators(new.document).of(body.new)

    def witness(self, cause: Cause) -> Witness | None:
        """Return an input that shows a change; None if none was found."""
        edits = [one.edit for one in cause.differences if one.edit]
        if not edits:
            return None
        is_by_itself: Validator | None = None
        candidates = self._candidates(cause.differences[0].path, edits[0])
        for value in islice(candidates, _MAX_TRIED):
            if self._was.is_valid(value) and not self._is_now.is_valid(value):
                try:
                    is_by_itself = is_by_itself or self._only(edits)
                except ValueError:  # a schema that the validator cannot read
                    return None
                if is_by_itself.is_valid(value):
                    return Witness(value)
        return None

    def _only(self, edits: Sequence[Edit]) -> Validator:
        """Return a validator that accepts what some edits alone reject."""
        old, roots, convert = self._old, self._body.old, self._validators.convert
        before = edited(old, roots, undone(old, roots, edits), convert)
        after = edited(old, roots, edits, convert)
        return self._validators.of_plain({"allOf": [before, {"not": after}]})

    def _candidates(self, path: Sequence[str], edit: Edit) -> Iterator[Any]:
        """Yield inputs that may show a change at a path, the smallest first."""
        root = self._body.old
        if path[-2:-1] == ("properties",):  # without the property
            yield from self._samples.around(root, path[:-2], None)
        before = next(self._old.below(root, path), None)
        after = next(self._new.below(self._body.new, path), None)
        seen = set()
        for inner in (*_removed_values(edit), None, *self._edges(before, after)):
            if canonical(inner) not in seen:
                seen.add(canonical(inner))
                yield from self._samples.around(root, path, (inner,))

    def _edges(self, before: Schemas | None, after: Schemas | None) -> Iterator[Any]:
        """Yield values for the changed place: those at the edges of its constraints."""
        olds = self._old.schemas(before).variants if before is not None else ()
        news = self._new.schemas(after).variants if after is not None else ()
        for variant in olds:
            same_kind = [other for other in news if other.kind == variant.kind]
            yield from self._samples.edges(variant, same_kind)
        for variant in olds:
            if isinstance(variant, ObjectSchema) and not variant.is_closed:
                yield self._samples.with_unlisted(variant)


def _removed_values(edit: Edit) -> list[Any]:
    """Return the values of a list that an edit takes out of it."""
    last = edit.route[-1] if edit.route else None
    before = last.values or {} if isinstance(last, Variant) else {}
    after = [variant.values or {} for variant in edit.variants]
    return [value for text, value in before.items() if not any(text in one for one in after)]


class _Validators:
    """Makes validators of schemas of one document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        from fal_codegen.document.json_schema import json_schemas

        self._document = dict(document)
        self._components = json_schemas(self._document)

    def convert(self, schema: object) -> Any:
        """Return a schema of the document as JSON Schema."""
        from fal_codegen.document.json_schema import json_schema

        return json_schema(self._document, schema)

    def of(self, schemas: Schemas) -> Validator:
        """Return a validator of schemas of the document.

        Raises:
            ValueError: The validator cannot read them.
        """
        return self.of_plain({"allOf": [self.convert(schema) for schema in schemas] or [True]})

    def of_plain(self, schema: Any) -> Validator:
        """Return a validator of a JSON Schema that may refer to the document's components.

        A schema without references gets none of them, because reading them all takes long.

        Raises:
            ValueError: The validator cannot read it.
        """
        from fal_codegen.document.json_schema import validator

        return validator(schema, self._components if "$ref" in str(schema) else {})


def _body(body: Body, old: Resolver, new: Resolver) -> _Body | None:
    """Return a request body to find witnesses for; None if there cannot be one."""
    try:
        return _Body(body, old, new)
    except (ImportError, ValueError):
        return None
