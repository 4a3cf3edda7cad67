"""Witnesses: for a breaking input change, an input that was valid before and is rejected now.

A witness is small (the required properties and the changed place) and deterministic. A validator
proves it: it is valid against the old document, and invalid against both the new document and the
old one with only this change applied. Not every change has one. The validator comes with the extra
`emulator`; without it, no change has a witness.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from itertools import islice
from typing import TYPE_CHECKING, Any

from fal_codegen.document.json_values import canonical_text
from fal_codegen.document.models import Direction
from fal_codegen.drift.candidates import Candidates
from fal_codegen.drift.changes import Change, Witness
from fal_codegen.drift.comparison import Body, Cause
from fal_codegen.drift.edits import edited, identity_edits
from fal_codegen.drift.kinds.object import ObjectSchema
from fal_codegen.drift.kinds.variant import Edit, SchemaPath, Schemas, joined
from fal_codegen.drift.resolve import Resolver
from fal_codegen.history import Level

if TYPE_CHECKING:
    from jsonschema_rs import Validator

_MAX_TRIED = 500
"""Inputs to try for one change."""


def is_possible() -> bool:
    """Return whether the validator for witnesses is installed."""
    return find_spec("jsonschema_rs") is not None


def with_witnesses(
    changes: Iterable[Change], causes: Mapping[str, Cause], old: Resolver, new: Resolver
) -> list[Change]:
    """Return changes with their witnesses, where one can be built.

    Args:
        changes: The changes.
        causes: The causes of changes inside bodies, by fingerprint.
        old: The old document.
        new: The new document.
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
        new: The new document.

    Raises:
        ImportError: The validator is not installed.
        ValueError: The validator cannot read a schema.
    """

    def __init__(self, body: Body, old: Resolver, new: Resolver) -> None:
        self._old, self._new = old, new
        self._body = body
        self._candidates = Candidates(old)
        self._validators = _Validators(old.document)
        self._was = self._validators.of(body.old)
        self._is_now = _Validators(new.document).of(body.new)

    def witness(self, cause: Cause) -> Witness | None:
        """Find an input that shows a change; None if the search fails."""
        edits = [found.edit for found in cause.differences if found.edit]
        if not edits:
            return None
        validator: Validator | None = None
        candidates = self._inputs(cause.differences[0].path, edits[0])
        for value in islice(candidates, _MAX_TRIED):
            if self._was.is_valid(value) and not self._is_now.is_valid(value):
                try:
                    validator = validator or self._rejected_by(edits)
                except ValueError:  # a schema that the validator cannot read
                    return None
                if validator.is_valid(value):
                    return Witness(value)
        return None

    def _rejected_by(self, edits: Sequence[Edit]) -> Validator:
        """Return a validator for inputs that only these edits reject."""
        old, roots, convert = self._old, self._body.old, self._validators.convert
        before = edited(old, roots, identity_edits(old, roots, edits), convert)
        after = edited(old, roots, edits, convert)
        return self._validators.of_json_schema({"allOf": [before, {"not": after}]})

    def _inputs(self, path: SchemaPath, edit: Edit) -> Iterator[Any]:
        """Yield inputs that may show a change at a path, the smallest first."""
        root = self._body.old
        if path and path[-1][0] == "properties":  # an object without the property
            yield from self._candidates.around(root, path[:-1], None)
        before = next(self._old.below(root, path), None)
        after = next(self._new.below(self._body.new, path), None)
        seen = set()
        for inner in (*_removed_values(edit), None, *self._edges(before, after)):
            if canonical_text(inner) not in seen:
                seen.add(canonical_text(inner))
                yield from self._candidates.around(root, path, (inner,))

    def _edges(self, before: Schemas | None, after: Schemas | None) -> Iterator[Any]:
        """Yield values for the changed place, at the edges of its constraints."""
        olds = self._old.schemas(before).variants if before is not None else ()
        news = self._new.schemas(after).variants if after is not None else ()
        for variant in olds:
            alike = [new for new in news if new.kind == variant.kind]
            yield from self._candidates.edges(variant, alike)
        for variant in olds:
            if isinstance(variant, ObjectSchema) and not variant.is_closed:
                yield self._candidates.with_unlisted(variant)


def _removed_values(edit: Edit) -> list[Any]:
    """Return the listed values that an edit removes."""
    last = edit.route[-1] if edit.route else None
    before = last.variant.values or {} if last and not last.tokens else {}
    after = [variant.values or {} for variant in edit.variants]
    return [value for text, value in before.items() if not any(text in values for values in after)]


class _Validators:
    """Makes validators for schemas of one document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        from fal_codegen.document.json_schema import json_schemas

        self._document = document
        self._components = json_schemas(document)

    def convert(self, schema: object) -> Any:
        """Convert a schema of the document to JSON Schema."""
        from fal_codegen.document.json_schema import json_schema

        return json_schema(self._document, schema)

    def of(self, schemas: Schemas) -> Validator:
        """Return a validator for schemas of the document.

        Raises:
            ValueError: The validator cannot read them.
        """
        return self.of_json_schema(joined(schemas, self.convert))

    def of_json_schema(self, schema: Any) -> Validator:
        """Return a validator for a JSON Schema that may refer to the document's components.

        A schema without references gets no components, because compiling them all is slow.

        Raises:
            ValueError: The validator cannot read it.
        """
        from fal_codegen.document.json_schema import validator

        return validator(schema, self._components if "$ref" in str(schema) else {})


def _body(body: Body, old: Resolver, new: Resolver) -> _Body | None:
    """Return a request body; None if its witnesses cannot be proved."""
    try:
        return _Body(body, old, new)
    except (ImportError, ValueError):
        return None
