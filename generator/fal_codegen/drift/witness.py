"""Witnesses: for a breaking change of an input, an input that was valid and is not any more.

A witness is small (what is required, and the place at issue), the same each time, and has been
checked with a real validator against both documents. Where none can be made, there is none; without
the extra `emulator`, which brings the validator, there are none at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from fal_codegen.document.plain import is_number
from fal_codegen.drift.changes import Change, Direction, Level, Witness
from fal_codegen.drift.forms import Form, Schemas, admits, item_at
from fal_codegen.drift.meaning import Reading
from fal_codegen.drift.operations import plain_media_type, plain_path
from fal_codegen.drift.values import canonical

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError, Validator

_DEEP = 8
"""Levels of values that are made below the place at issue."""

_MOST = 200
"""Values that are made for one at issue, after which nothing more is filled in."""

_TRIED = 500
"""Inputs that are tried for one change."""

_LONG = 10_000
"""Length of the longest text or array that is made."""

_ANY_KEY = "key"
_UNLISTED = "not_listed"
_TEXTS = ("", "a", "A", "0", "a b", "-", "https://example.com/a.png", "#ffffff", "16:9")
"""Texts that are tried where a pattern is at issue: no pattern is solved."""

Place = tuple[str | int, ...]


def with_witnesses(
    changes: Iterable[Change], old: Mapping[str, Any], new: Mapping[str, Any]
) -> tuple[Change, ...]:
    """Return the changes, those that a witness can be made for with it."""
    bodies: dict[str, _Body | None] = {}
    told = []
    for change in changes:
        if change.level is Level.BREAKING and change.direction is Direction.INPUT:
            at, is_body, path = change.pointer.partition("/requestBody/content/")
            media_type, _, rest = path.partition("/schema")
            if is_body and "json" in media_type:
                key = f"{at}{is_body}{media_type}/schema"
                if key not in bodies:
                    bodies[key] = _body(old, new, key)
                if body := bodies[key]:
                    change = replace(change, witness=body.witness(change, _tokens(rest)))
        told.append(change)
    return tuple(told)


class _Body:
    """A request body in both documents."""

    def __init__(
        self,
        old: Reading,
        new: Reading,
        roots: tuple[Schemas, Schemas],
        accepts: Callable[[Any], bool],
        refusals: Callable[[Any], Iterable[ValidationError]],
    ) -> None:
        self._old, self._new = old, new
        self._roots = roots
        self._accepts, self._refusals = accepts, refusals
        self._samples = _Samples(old)

    def witness(self, change: Change, path: Sequence[str]) -> Witness | None:
        """Return an input that shows a change; None if none was found."""
        for value, place in islice(self._candidates(change, path), _TRIED):
            if self._accepts(value) and any(
                _is_about(error, place) for error in self._refusals(value)
            ):
                return Witness(value)
        return None

    def _candidates(self, change: Change, path: Sequence[str]) -> Iterator[tuple[Any, Place]]:
        """Yield inputs that may show a change, each with the place in it that is at issue."""
        before = _below(self._old, self._roots[0], path)
        after = _below(self._new, self._roots[1], path)
        if "required" in change.id and path and path[-2] == "properties":
            for value, place in self._samples.around(self._roots[0], path[:-2], None):
                yield value, (*place, path[-1])
        at_issue = [None, *self._at_issue(before, after)]
        if change.id.endswith("enum-value-removed"):
            at_issue = [change.old]
        seen = set()
        for inner in at_issue:
            if canonical(inner) not in seen:
                seen.add(canonical(inner))
                yield from self._samples.around(self._roots[0], path, (inner,))

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


class _Samples:
    """Makes values that are valid for schemas of a document, as far as that is easy."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._left = 0
        # By identity: the form is kept with its value, so that no other comes to have the same.
        self._made: dict[int, tuple[Form, Any]] = {}

    def around(
        self, root: Schemas, path: Sequence[str], inner: tuple[Any] | None
    ) -> Iterator[tuple[Any, Place]]:
        """Yield small values with a value at a path, and where in them it is.

        Args:
            root: The schemas of the whole.
            path: Tokens of the JSON Pointer below them.
            inner: The value, if it is not to be the least that is valid there.
        """
        if not path:
            if inner is not None:
                yield inner[0], ()
                return
            for form in self._reading.meaning(root).forms:
                if form.kind == "object":
                    yield self.of_form(form, 0), ()
            return
        token, rest = path[0], path[1:]
        for form in self._reading.meaning(root).forms:
            facets = form.facets
            if form.kind == "object" and token == "properties":
                properties, name = facets.get("properties", {}), rest[0]
                if name in properties:
                    for value, place in self.around(properties[name], rest[1:], inner):
                        yield {**self.of_form(form, 0), name: value}, (name, *place)
            elif form.kind == "object" and token == "additionalProperties":
                for value, place in self.around(facets.get("additional") or (), rest, inner):
                    yield {**self.of_form(form, 0), _ANY_KEY: value}, (_ANY_KEY, *place)
            elif form.kind == "array" and token in ("items", "prefixItems"):
                index = int(rest[0]) if token == "prefixItems" else len(facets.get("prefix", ()))
                below = rest[1:] if token == "prefixItems" else rest
                size = max(index + 1, facets.get("minItems", 0))
                items = self._items(facets, min(size, _LONG), 0)
                for value, place in self.around(item_at(facets, index), below, inner):
                    yield [*items[:index], value, *items[index + 1 :]], (index, *place)

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
        apart = min(size, len(facets.get("prefix", ())) + 1)
        items = [self.least(item_at(facets, index), level) for index in range(apart)]
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


def _body(old: Mapping[str, Any], new: Mapping[str, Any], pointer: str) -> _Body | None:
    """Return a request body, ready to be tried; None if it cannot be."""
    try:
        before, after = _validator(old, pointer), _validator(new, pointer)
    except (ImportError, ValueError):
        return None
    roots = (_at(old, pointer),), (_at(new, pointer),)
    return _Body(Reading(old), Reading(new), roots, before.is_valid, after.iter_errors)


def _validator(document: Mapping[str, Any], pointer: str) -> Validator:
    """Return a validator of a schema in a document.

    Raises:
        ImportError: There is none on this machine.
        ValueError: The schema is one that it cannot read.
    """
    from fal_codegen.document.json_schema import json_schema, json_schemas, validator

    whole = dict(document)
    return validator(json_schema(whole, _at(whole, pointer)), json_schemas(whole))


def _at(document: Mapping[str, Any], pointer: str) -> Any:
    """Return what stands at a JSON Pointer, with every `$ref` on the way followed."""
    reading = Reading(document)
    node: Any = document
    for token in _tokens(pointer):
        node = reading.resolve(node)
        node = node[token] if token in node else _same_key(node, token)
    return node


def _same_key(node: Mapping[str, Any], token: str) -> Any:
    """Return what a document has under the path or media type that the other spells so."""

    def plain(key: str) -> str:
        return plain_media_type(plain_path(key))

    return next((value for key, value in node.items() if plain(key) == plain(token)), True)


def _below(reading: Reading, schemas: Schemas, path: Sequence[str]) -> Schemas | None:
    """Return the schemas at a path below others; None if there are none."""
    if not path:
        return schemas
    token, rest = path[0], path[1:]
    for form in reading.meaning(schemas).forms:
        inner: Schemas | None = None
        if token == "properties" and form.kind == "object":
            inner, below = form.facets.get("properties", {}).get(rest[0]), rest[1:]
        elif token == "additionalProperties" and form.kind == "object":
            inner, below = form.facets.get("additional", ()), rest
        elif token == "prefixItems" and form.kind == "array":
            inner, below = item_at(form.facets, int(rest[0])), rest[1:]
        elif token == "items" and form.kind == "array":
            inner, below = form.facets.get("items", ()), rest
        if inner is not None and (found := _below(reading, inner, below)) is not None:
            return found
    return None


def _is_about(error: ValidationError, place: Place) -> bool:
    """Say whether a validator's complaint is about a place, and not about one elsewhere."""
    from jsonschema_rs import ValidationErrorKind

    at = tuple(error.instance_path)
    if at[: len(place)] == place:
        return True
    is_above = at == place[: len(at)]
    match error.kind:
        case ValidationErrorKind.Required(property=name):
            return (*at, name) == place
        case ValidationErrorKind.AdditionalProperties(unexpected=names):
            return is_above and place[len(at)] in names
        case ValidationErrorKind.AnyOf() | ValidationErrorKind.OneOfNotValid():
            return is_above
        case _:
            return False


def _tokens(pointer: str) -> list[str]:
    return [t.replace("~1", "/").replace("~0", "~") for t in pointer.split("/")[1:]]
