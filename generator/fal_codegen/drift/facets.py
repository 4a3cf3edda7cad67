"""What the facets of two forms of one kind differ in, apart from schemas inside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from fal_codegen.document.json_values import is_multiple
from fal_codegen.drift.forms import Bound, Form, admits
from fal_codegen.drift.renames import are_respelled, renamed
from fal_codegen.drift.values import canonical


class Told(NamedTuple):
    """A difference, without its place.

    Attributes:
        stem: The rule's stem, see `rules.STEMS`.
        old: What was.
        new: What is.
        facets: The facets that the old form would have if only this had changed, by name; empty
            if there is none, as where one was removed.
    """

    stem: str
    old: Any = None
    new: Any = None
    facets: Mapping[str, Any] = MappingProxyType({})


_SIZES: Mapping[str, str] = {
    "minLength": "min-length",
    "maxLength": "max-length",
    "minItems": "min-items",
    "maxItems": "max-items",
    "minProperties": "min-properties",
    "maxProperties": "max-properties",
}


def facet_differences(old: Form, new: Form) -> Iterator[Told]:
    """Yield what is different between what two forms ask of the value itself."""
    a, b = old.facets, new.facets
    if "enum" in a or "enum" in b:
        yield from _enums(old, new)
    else:
        yield from _numbers(a, b)
        yield from _sizes(a, b)
        for told in _patterns(a.get("patterns", frozenset()), b.get("patterns", frozenset())):
            yield told._replace(facets=_now(b, "patterns"))
    yield from _formats(a.get("format"), b.get("format"))
    if a.get("uniqueItems") != b.get("uniqueItems"):
        verb = "set" if "uniqueItems" in b else "unset"
        yield Told(f"unique-items-{verb}", facets=_now(b, "uniqueItems"))


def _enums(old: Form, new: Form) -> Iterator[Told]:
    before: Mapping[str, Any] | None = old.facets.get("enum")
    after: Mapping[str, Any] | None = new.facets.get("enum")
    if before is None:
        assert after is not None
        values = sorted(after.values(), key=canonical)
        stem = "const-added" if len(values) == 1 else "became-enum"
        listed = values[0] if len(values) == 1 else values
        yield Told(stem, None, listed, {"enum": after})
        for value in values:
            if not admits(old, value):
                yield Told("enum-value-added", None, value)
        return
    if after is None:
        values = sorted(before.values(), key=canonical)
        stem = "const-removed" if len(values) == 1 else "enum-removed"
        yield Told(stem, values[0] if len(values) == 1 else values, None)
        for text, value in sorted(before.items()):
            if not admits(new, value):
                yield _without(before, text)
        return
    if len(before) == len(after) == 1 and before.keys() != after.keys():
        [was], [now] = before.values(), after.values()
        yield Told("const-changed", was, now, {"enum": after})
        return
    gone, added = sorted(before.keys() - after.keys()), sorted(after.keys() - before.keys())
    names = renamed(gone, added, are_respelled)
    for text, now in names.items():
        left = {**{key: value for key, value in before.items() if key != text}, now: after[now]}
        yield Told("enum-value-renamed", before[text], after[now], {"enum": left})
    for text in gone:
        if text not in names:
            yield _without(before, text)
    for text in added:
        if text not in names.values():
            yield Told("enum-value-added", None, after[text])


def _without(values: Mapping[str, Any], text: str) -> Told:
    left = {key: value for key, value in values.items() if key != text}
    return Told("enum-value-removed", values[text], None, {"enum": left})


def _now(facets: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return one of the facets, if it is there."""
    return {name: facets[name]} if name in facets else {}


def _numbers(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[Told]:
    if a.get("integer", False) != b.get("integer", False):
        stem = "type-specialized" if b.get("integer") else "type-generalized"
        names = ("number", "integer") if b.get("integer") else ("integer", "number")
        yield Told(stem, *names, _now(b, "integer"))
    for end, keyword in (("min", "minimum"), ("max", "maximum")):
        for told in _bound(end, a.get(keyword), b.get(keyword)):
            yield told._replace(facets=_now(b, keyword))
    before, after = a.get("multipleOf"), b.get("multipleOf")
    if before != after:
        stem = _multiples(before, after)
        facets = _now(b, "multipleOf")
        yield Told(f"multiple-of-{stem}", _listed(before), _listed(after), facets)


def _bound(end: str, old: Bound | None, new: Bound | None) -> Iterator[Told]:
    if old == new:
        return
    strict = "exclusive-" if (new or old or Bound(0, False)).exclusive else ""
    before, after = old.value if old else None, new.value if new else None
    if old is None or new is None:
        verb = "set" if old is None else "unset"
    elif old.value != new.value:
        verb = "increased" if new.value > old.value else "decreased"
    else:  # `> 0` is higher than `>= 0`, and `< 0` lower than `<= 0`
        verb = "increased" if new.exclusive == (end == "min") else "decreased"
    yield Told(f"{strict}{end}-{verb}", before, after)


def _sizes(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[Told]:
    for keyword, stem in _SIZES.items():
        old, new = a.get(keyword), b.get(keyword)
        if old == new:
            continue
        if old is None or new is None:
            verb = "set" if old is None else "unset"
        else:
            verb = "increased" if new > old else "decreased"
        yield Told(f"{stem}-{verb}", old, new, _now(b, keyword))


def _patterns(old: frozenset[str], new: frozenset[str]) -> Iterator[Told]:
    if old == new:
        return
    verb = "added" if old < new else "removed" if new < old else "changed"
    yield Told(f"pattern-{verb}", _listed(old - new), _listed(new - old))


def _formats(old: tuple[str, ...] | None, new: tuple[str, ...] | None) -> Iterator[Told]:
    if old != new:
        verb = "added" if old is None else "removed" if new is None else "changed"
        yield Told(f"format-{verb}", _listed(old), _listed(new))


def _multiples(old: frozenset[Any] | None, new: frozenset[Any] | None) -> str:
    if old is None or new is None:
        return "set" if old is None else "unset"
    if all(any(is_multiple(b, a) for b in new) for a in old):
        return "narrowed"
    if all(any(is_multiple(a, b) for a in old) for b in new):
        return "widened"
    return "changed"


def _listed(values: Any) -> Any:
    """Return a set as one value where it has one, as a list where it has several."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[0] if len(ordered) == 1 else ordered
