"""Witnesses: for a breaking change of an input, an input that was valid and is not any more.

A witness is small (what is required, and the place at issue), the same each time, and proved with
a real validator: valid against the old document, invalid against the new one, and invalid against
the old one with this change alone applied. If none can be made, there is none; without the extra
`emulator`, which brings the validator, there are none at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from itertools import islice
from typing import TYPE_CHECKING, Any

from fal_codegen.document.json_values import is_number
from fal_codegen.drift.changes import Change, Direction, Level, Witness
from fal_codegen.drift.comparison import Body, Cause
from fal_codegen.drift.edits import Edit, edited, undone
from fal_codegen.drift.forms import Form, Schemas, admits, item_at
from fal_codegen.drift.meaning import Reading
from fal_codegen.drift.values import canonical

if TYPE_CHECKING:
    from jsonschema_rs import Validator

_DEEP = 8
"""Levels of values that are made below the place at issue."""

_MOST = 200
"""Values that are made for one at issue, after which nothing more is filled in."""

_TRIED = 500
"""Inputs that are tried for one change."""

_LONG = 10_000
"""Length of the longest text or array that is made, all that is in its items counted."""

_ANY_KEY = "key"
_UNLISTED = "not_listed"
_TEXTS = ("", "a", "A", "0", "a b", "-", "https://example.com/a.png", "#ffffff", "16:9")
"""Texts that are tried where a pattern is at issue: no pattern is solved."""


def is_possible() -> bool:
    """Return whether witnesses can be made on this machine, which takes a validator."""
    return find_spec("jsonschema_rs") is not None


def with_witnesses(
    changes: Iterable[Change], causes: Mapping[str, Cause], old: Reading, new: Reading
) -> list[Change]:
    """Return changes, those that a witness can be made for with it.

    Args:
        changes: The changes.
        causes: What changes inside bodies come from, by fingerprint.
        old: The old document, as it was read for the comparison.
        new: The new one.
    """
    bodies: dict[str, _Body | None] = {}
    told = []
    for change in changes:
        cause = causes.get(change.fingerprint)
        is_breaking = change.level is Level.BREAKING and change.direction is Direction.INPUT
        if cause and is_breaking and "json" in cause.body.media_type:
            at = cause.body.at
            if at not in bodies:
                bodies[at] = _body(cause.body, old, new)
            if body := bodies[at]:
                change = replace(change, witness=body.witness(cause))
        told.append(change)
    return told


class _Body:
    """A request body in both documents.

    Args:
        body: Its schemas.
        old: The old document.
        new: The new one.

    Raises:
        ImportError: There is no validator on this machine.
        ValueError: A schema is one that the validator cannot read.
    """

    def __init__(self, body: Body, old: Reading, new: Reading) -> None:
        self._old, self._new = old, new
        self._body = body
        self._samples = _Samples(old)
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
        for value in islice(candidates, _TRIED):
            if self._was.is_valid(value) and not self._is_now.is_valid(value):
                try:
                    is_by_itself = is_by_itself or self._only(edits)
                except ValueError:  # a schema that the validator cannot read
                    return None
                if is_by_itself.is_valid(value):
                    return Witness(value)
        return None

    def _only(self, edits: Sequence[Edit]) -> Validator:
        """Return a validator of what is no longer valid because of some edits alone."""
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
        for inner in (*edit.values_gone, None, *self._at_issue(before, after)):
            if canonical(inner) not in seen:
                seen.add(canonical(inner))
                yield from self._samples.around(root, path, (inner,))

    def _at_issue(self, before: Schemas | None, after: Schemas | None) -> Iterator[Any]:
        """Yield values for the place at issue: those at the edges of what is allowed there."""
        olds = self._old.meaning(before).forms if before is not None else ()
        news = self._new.meaning(after).forms if after is not None else ()
        for form in olds:
            yield from self._samples.edges(form, [n for n in news if n.kind == form.kind])
        for form in olds:
            if form.kind == "object" and form.facets.get("additional", ()) is not None:
                least = self._samples.of_form(form, 0)
                yield {**least, _UNLISTED: self._samples.least(form.facets.get("additional", ()))}


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
            ValueError: They are such as it cannot read.
        """
        return self.of_plain({"allOf": [self.convert(schema) for schema in schemas] or [True]})

    def of_plain(self, schema: Any) -> Validator:
        """Return a validator of a JSON Schema that may refer to the document's components.

        Without a reference, it is given none of them: to read them all takes long.

        Raises:
            ValueError: It is one that the validator cannot read.
        """
        from fal_codegen.document.json_schema import validator

        return validator(schema, self._components if "$ref" in str(schema) else {})


class _Samples:
    """Makes values that are valid for schemas of a document, as far as that is easy."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._left = 0
        self._room = _LONG
        # By identity: the form is kept with its value, so that no other comes to have the same.
        self._made: dict[int, tuple[Form, Any]] = {}

    def around(self, root: Schemas, path: Sequence[str], inner: tuple[Any] | None) -> Iterator[Any]:
        """Yield small values with a value at a path.

        Args:
            root: The schemas of the whole.
            path: Tokens of the JSON Pointer below them.
            inner: The value, if it is not to be the least that is valid there.
        """
        if not path:
            if inner is not None:
                yield inner[0]
                return
            for form in self._reading.meaning(root).forms:
                if form.kind == "object":
                    yield self.of_form(form, 0)
            return
        token, rest = path[0], path[1:]
        for form in self._reading.meaning(root).forms:
            facets = form.facets
            if form.kind == "object" and token == "properties":
                properties, name = facets.get("properties", {}), rest[0]
                if name in properties:
                    for value in self.around(properties[name], rest[1:], inner):
                        yield {**self.of_form(form, 0), name: value}
            elif form.kind == "object" and token == "additionalProperties":
                for value in self.around(facets.get("additional") or (), rest, inner):
                    yield {**self.of_form(form, 0), _ANY_KEY: value}
            elif form.kind == "array" and token in ("items", "prefixItems"):
                index = int(rest[0]) if token == "prefixItems" else len(facets.get("prefix", ()))
                below = rest[1:] if token == "prefixItems" else rest
                size = max(index + 1, facets.get("minItems", 0))
                items = self._items(facets, min(size, _LONG), 0)
                for value in self.around(item_at(facets, index), below, inner):
                    yield [*items[:index], value, *items[index + 1 :]]

    def least(self, schemas: Schemas, level: int = 0) -> Any:
        """Return a small value."""
        self._left -= 1
        if level and (level > _DEEP or self._left < 0):
            return None
        meaning = self._reading.meaning(schemas)
        if not meaning.forms:
            return None
        forms = [form for form in meaning.forms if form.kind != "null"] or list(meaning.forms)
        if meaning.is_anything:
            forms = list(meaning.of_kind("string"))
        found = self.of_form(forms[0], level)
        default, given = meaning.notes.get("default"), meaning.notes.get("examples")
        if "patterns" in forms[0].facets:
            given = [default, *(given if isinstance(given, list) else [])]
            return next((text for text in given if isinstance(text, str)), found)
        return found

    def of_form(self, form: Form, level: int) -> Any:
        """Return a small value of a form."""
        if level:
            return next(self._values(form, level), None)
        if id(form) not in self._made:
            self._made[id(form)] = form, next(self._values(form, level), None)
        return self._made[id(form)][1]

    def edges(self, form: Form, others: Sequence[Form]) -> Iterator[Any]:
        """Yield values of a form, among them those that a narrower one would not have."""
        yield from self._values(form, 0)
        facets = form.facets
        if form.kind == "number":
            bounds = [
                bound.value
                for one in (form, *others)
                for bound in (one.facets.get("minimum"), one.facets.get("maximum"))
                if bound
            ]
            steps = (0, -1, 1, 0.5, -0.5)
            values = [edge + step for edge in (*bounds, 0) for step in steps]
            yield from sorted({v for v in values if admits(form, v)}, key=lambda v: (abs(v), v))
        for one in others:
            for keyword, step in (
                ("minLength", -1),
                ("maxLength", 1),
                ("minItems", -1),
                ("maxItems", 1),
                ("minProperties", -1),
                ("maxProperties", 1),
            ):
                limit = one.facets.get(keyword)
                if limit is not None and 0 <= limit + step <= _LONG:
                    yield self._sized(form, limit + step)
        if form.kind == "string":
            yield from (text for text in _TEXTS if admits(form, text))
        elif form.kind == "array":
            item = self.least(item_at(facets, 0))
            yield [item] * min(max(2, facets.get("minItems", 0)), _LONG)

    def _values(self, form: Form, level: int) -> Iterator[Any]:
        facets = form.facets
        if level == 0:
            self._left = _MOST
        if "enum" in facets:
            yield from facets["enum"].values()
        elif form.kind == "boolean":
            yield from (True, False)
        elif form.kind == "number":
            yield from self._numbers(form)
        elif form.kind == "string":
            yield "a" * min(facets.get("minLength", 1) or 1, _LONG)
        elif form.kind == "array":
            yield self._items(facets, min(facets.get("minItems", 0), _LONG), level + 1)
        elif form.kind == "object":
            yield {
                name: self.least(facets["properties"][name], level + 1)
                for name in facets.get("properties", {})
                if name in facets.get("required", ())
            }
        else:
            yield None

    def _items(self, facets: Mapping[str, Any], size: int, level: int) -> list[Any]:
        """Return as many items of an array; those after its prefix are all alike."""
        size = min(size, self._room)
        apart = min(size, len(facets.get("prefix", ())) + 1)
        room, self._room = self._room, self._room // max(size, 1)
        items = [self.least(item_at(facets, index), level) for index in range(apart)]
        self._room = room
        return items + items[-1:] * (size - apart)

    def _numbers(self, form: Form) -> Iterator[Any]:
        low, high = form.facets.get("minimum"), form.facets.get("maximum")
        steps = [step for step in form.facets.get("multipleOf", ()) if is_number(step)]
        for edge in (0, *(bound.value for bound in (low, high) if bound)):
            for step in (0, 1, -1, 0.5, -0.5, *steps):
                if admits(form, edge + step):
                    yield edge + step

    def _sized(self, form: Form, size: int) -> Any:
        if form.kind == "string":
            return "a" * size
        if form.kind == "array":
            return self._items(form.facets, size, 0)
        names = list(form.facets.get("properties", {}))[:size]
        return {name: self.least(form.facets["properties"][name]) for name in names}


def _body(body: Body, old: Reading, new: Reading) -> _Body | None:
    """Return a request body, ready to be tried; None if it cannot be."""
    try:
        return _Body(body, old, new)
    except (ImportError, ValueError):
        return None
