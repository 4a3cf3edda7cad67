"""Combining forms: values that have both of two, and values that have one of several."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from fal_codegen.drift.forms import Bound, Form, Schemas, admits, item_at
from fal_codegen.drift.values import canonical


def together(left: Form, right: Form) -> Form | None:
    """Return the form of values that have both forms; None if none can."""
    a, b = left.facets, right.facets
    merged: dict[str, Any] = {**a, **b}
    for name in a.keys() & b.keys():
        if name in _MERGED:
            merged[name] = _MERGED[name](a[name], b[name])
    if left.kind == "object":
        merged |= _objects_together(a, b)
    elif left.kind == "array" and ("prefix" in a or "prefix" in b):
        merged["prefix"] = _prefixes_together(a, b)
    return settled(Form(left.kind, merged, right.name or left.name, right.label or left.label))


def united(forms: Sequence[Form]) -> tuple[Form, ...]:
    """Return forms without those that others contain; lists of values of a kind become one."""
    found: list[Form] = []
    for kind in dict.fromkeys(form.kind for form in forms):
        same = [form for form in forms if form.kind == kind]
        found += same if len(same) == 1 else _united_kind(same)
    return tuple(found)


def settled(form: Form) -> Form | None:
    """Return a form in the one spelling of what it asks; None if no value can have it."""
    facets = dict(form.facets)
    enum = facets.pop("enum", None)
    if form.kind == "number":
        _settle_numbers(facets)
    low, high = facets.get("minimum"), facets.get("maximum")
    if (
        low
        and high
        and (
            low.value > high.value
            or (low.value == high.value and (low.exclusive or high.exclusive))
        )
    ):
        return None
    if enum is not None and form.kind != "null":
        rest = replace(form, facets=facets)
        if form.kind in ("number", "string"):
            enum = {text: value for text, value in enum.items() if admits(rest, value)}
            # What is listed is all that is allowed: no other facet narrows it any more.
            facets = {name: facets[name] for name in ("format", "others") if name in facets}
        if form.kind != "boolean" or len(enum) < 2:
            facets["enum"] = enum
    if enum is not None and not enum:
        return None
    if form.kind == "array" and facets.get("prefix") == ():
        del facets["prefix"]
    return replace(form, facets=facets)


def tighter_bound(bounds: Iterable[Bound], tighter: Callable[..., Any]) -> Bound:
    """Return the one of some lower (`max`) or upper (`min`) bounds that asks what all do."""
    bounds = list(bounds)
    value = tighter(bound.value for bound in bounds)
    return Bound(value, any(b.exclusive for b in bounds if b.value == value))


def _objects_together(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, Any]:
    """Put the properties of two objects together.

    Parts of an `allOf` that each allow no further properties would allow nothing together; what
    is meant is that the whole allows no further ones, and so it is read.
    """
    merged: dict[str, Any] = {}
    mine, theirs = a.get("properties", {}), b.get("properties", {})
    if mine or theirs:
        merged["properties"] = {
            name: _conjunction(
                mine.get(name, a.get("additional") or ()),
                theirs.get(name, b.get("additional") or ()),
            )
            for name in {**mine, **theirs}
        }
    if "additional" in a and "additional" in b:
        closed = a["additional"] is None or b["additional"] is None
        merged["additional"] = None if closed else _conjunction(a["additional"], b["additional"])
    return merged


def _prefixes_together(a: Mapping[str, Any], b: Mapping[str, Any]) -> tuple[Schemas, ...]:
    size = max(len(a.get("prefix", ())), len(b.get("prefix", ())))
    return tuple(_conjunction(item_at(a, i), item_at(b, i)) for i in range(size))


def _conjunction(left: Schemas, right: Schemas) -> Schemas:
    return tuple({id(schema): schema for schema in (*left, *right)}.values())


def _others_together(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**a, **b}
    for name in a.keys() & b.keys():
        if a[name] != b[name]:
            both = sorted([a[name], b[name]], key=lambda other: canonical(other[1]))
            merged[name] = ("value", canonical([other[1] for other in both]))
    return merged


_MERGED: Mapping[str, Callable[[Any, Any], Any]] = {
    "enum": lambda a, b: {text: value for text, value in a.items() if text in b},
    "minimum": lambda a, b: tighter_bound((a, b), max),
    "maximum": lambda a, b: tighter_bound((a, b), min),
    "items": _conjunction,
    "required": frozenset.union,
    "patterns": frozenset.union,
    "multipleOf": frozenset.union,
    "format": lambda a, b: tuple(sorted({*a, *b})),
    "others": _others_together,
    "misplaced": lambda a, b: {**a, **b},
    **dict.fromkeys(("minLength", "minItems", "minProperties"), max),
    **dict.fromkeys(("maxLength", "maxItems", "maxProperties"), min),
}
"""How what two schemas ask is put together, where both ask it."""


def _settle_numbers(facets: dict[str, Any]) -> None:
    steps = facets.get("multipleOf")
    if steps and all(float(step).is_integer() for step in steps):
        if len(steps) > 1:
            facets["multipleOf"] = frozenset({math.lcm(*map(int, steps))})
        facets["integer"] = True
    if not facets.get("integer"):
        return
    if facets.get("multipleOf") == frozenset({1}):
        del facets["multipleOf"]
    for name, step, whole in (("minimum", 1, math.ceil), ("maximum", -1, math.floor)):
        bound = facets.get(name)
        if bound is not None:
            value = whole(bound.value)
            if bound.exclusive and value == bound.value:
                value += step
            facets[name] = Bound(value, False)


def _united_kind(forms: list[Form]) -> list[Form]:
    kind = forms[0].kind
    if kind == "null":
        return forms[:1]
    listed = [form for form in forms if set(form.facets) == {"enum"}]
    if len(listed) > 1:
        values = {text: v for form in listed for text, v in form.facets["enum"].items()}
        united = settled(Form(kind, {"enum": values}, label=listed[0].label))
        forms = [form for form in forms if form not in listed]
        forms += [united] if united else []
    kept: list[Form] = []
    for index, form in enumerate(forms):
        others = [*kept, *forms[index + 1 :]]
        if not any(_contains(other, form) for other in others):
            kept.append(form)
    return kept


def _contains(outer: Form, inner: Form) -> bool:
    """Say whether every value of one form has the other, as far as that is plain to see."""
    a, b = outer.facets, inner.facets
    if not a:
        return True
    if inner.kind not in ("number", "string", "boolean"):
        return _are_one(a, b)
    if set(b) == {"enum"} and not set(a) & {"format", "others"}:
        return all(admits(outer, value) for value in b["enum"].values())
    if "enum" in a or "enum" in b:
        return False
    return all(name in b and _is_tighter(name, a[name], b[name]) for name in a)


def _are_one(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    def plain(facet: Any) -> Any:
        if isinstance(facet, Bound):
            return [facet.value, facet.exclusive]
        if isinstance(facet, Mapping):
            return {name: plain(value) for name, value in facet.items()}
        return sorted(facet) if isinstance(facet, frozenset) else facet

    return a.keys() == b.keys() and canonical(plain(a)) == canonical(plain(b))


def _is_tighter(name: str, outer: Any, inner: Any) -> bool:
    if name in ("minimum", "maximum"):
        return bool(tighter_bound((outer, inner), max if name == "minimum" else min) == inner)
    if name in ("minLength", "maxLength"):
        return bool(inner >= outer if name == "minLength" else inner <= outer)
    if name in ("patterns", "multipleOf"):
        return bool(inner >= outer)
    return bool(inner == outer)
