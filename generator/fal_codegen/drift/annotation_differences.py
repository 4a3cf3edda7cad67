"""Differences in the annotations of two schemas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fal_codegen.document.annotations import examples_of
from fal_codegen.document.stated_limits import file_limits_in
from fal_codegen.drift import schema_rules
from fal_codegen.drift.kinds.variant import Difference
from fal_codegen.drift.resolve import Resolved
from fal_codegen.drift.values import are_equal


def annotation_differences(old_schema: Resolved, new_schema: Resolved) -> Iterator[Difference]:
    """Yield the differences in annotations, defaults first, because they change behaviour."""
    old, new = old_schema.annotations, new_schema.annotations
    before, after = old.get("default"), new.get("default")
    if not are_equal(before, after):
        yield Difference(schema_rules.DEFAULT.between(before, after), old=before, new=after)
    yield from deprecation_differences(old, new)
    before, after = _tags(old.get("discriminator")), _tags(new.get("discriminator"))
    if not are_equal(before, after):
        yield Difference(schema_rules.DISCRIMINATOR_CHANGED, old=before, new=after)
    before, after = old_schema.titles, new_schema.titles
    if before != after and set(before).isdisjoint(after):
        yield Difference(schema_rules.TITLE_CHANGED, old=old.get("title"), new=new.get("title"))
    yield from description_differences(old, new)
    before, after = examples_of(old) or None, examples_of(new) or None
    if not are_equal(before, after):
        yield Difference(schema_rules.EXAMPLES_CHANGED, old=before, new=after)
    for name, before, after in _changed_keys(
        file_limits_in(old_schema.extensions), file_limits_in(new_schema.extensions)
    ):
        is_tighter = _is_tighter(name, before, after)
        rule = schema_rules.FILE_LIMIT_TIGHTENED if is_tighter else schema_rules.FILE_LIMIT_LOOSENED
        yield Difference(rule, old={name: before}, new={name: after})
    for name, before, after in _changed_keys(_metadata(old_schema), _metadata(new_schema)):
        yield Difference(schema_rules.METADATA_CHANGED, old={name: before}, new={name: after})
    before, after = list(old_schema.order), list(new_schema.order)
    shared = {*before} & {*after}
    if [name for name in before if name in shared] != [name for name in after if name in shared]:
        yield Difference(schema_rules.ORDER_CHANGED, old=before, new=after)


def deprecation_differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    """Yield whether a schema or a parameter became deprecated, or is no longer."""
    is_deprecated = new.get("deprecated") is True
    if (old.get("deprecated") is True) != is_deprecated:
        yield Difference(
            schema_rules.DEPRECATED.set if is_deprecated else schema_rules.DEPRECATED.unset
        )


def description_differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    """Yield whether the description of a schema or a parameter changed."""
    before, after = old.get("description"), new.get("description")
    if (before or "") != (after or ""):
        yield Difference(schema_rules.DESCRIPTION_CHANGED, old=before, new=after)


def _changed_keys(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Yield each key whose value changed, with both values; None means no value."""
    for key in sorted({*old, *new}):
        if not are_equal(old.get(key), new.get(key)):
            yield key, old.get(key), new.get(key)


def _is_tighter(name: str, before: float | None, after: float | None) -> bool:
    """Return whether a change of a limit leaves fewer files; None means no limit."""
    if before is None or after is None:
        return before is None
    return after < before if name.startswith("max_") else after > before


def _metadata(schema: Resolved) -> dict[str, Any]:
    """Return the annotations without rules of their own."""
    limits, own = file_limits_in(schema.extensions), dict(schema.extensions)
    if isinstance(own.get("x-fal"), dict):
        own["x-fal"] = {key: own["x-fal"][key] for key in own["x-fal"] if key not in limits} or None
    others = {k: v for k, v in schema.annotations.items() if k in ("externalDocs", "xml")}
    return {**{key: value for key, value in own.items() if key not in limits}, **others}


def _tags(discriminator: object) -> Any:
    """Return a discriminator without the names of components."""
    if not isinstance(discriminator, dict):
        return None
    values = discriminator.get("mapping")
    return {
        "propertyName": discriminator.get("propertyName"),
        "values": sorted(values) if isinstance(values, dict) else [],
    }
