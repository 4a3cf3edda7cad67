"""Differences in the annotations of two schemas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fal_codegen.document.annotations import examples_of
from fal_codegen.document.json_values import is_number, mapping
from fal_codegen.drift import rules
from fal_codegen.drift.annotations import Annotations
from fal_codegen.drift.kinds.variant import Difference
from fal_codegen.drift.resolve import Resolved
from fal_codegen.drift.values import are_equal


def annotation_differences(old_schema: Resolved, new_schema: Resolved) -> Iterator[Difference]:
    """Yield the differences in annotations, defaults first, because they change behaviour."""
    old, new = old_schema.annotations, new_schema.annotations
    before, after = old.get("default"), new.get("default")
    if not are_equal(before, after):
        yield Difference(rules.DEFAULT.between(before, after), old=before, new=after)
    is_deprecated = new.get("deprecated") is True
    if (old.get("deprecated") is True) != is_deprecated:
        yield Difference(rules.DEPRECATED.set if is_deprecated else rules.DEPRECATED.unset)
    before, after = _tags(old.get("discriminator")), _tags(new.get("discriminator"))
    if not are_equal(before, after):
        yield Difference(rules.DISCRIMINATOR_CHANGED, old=before, new=after)
    if old_schema.titles != new_schema.titles and set(old_schema.titles).isdisjoint(
        new_schema.titles
    ):
        yield Difference(rules.TITLE_CHANGED, old=old.get("title"), new=new.get("title"))
    before, after = old.get("description"), new.get("description")
    if (before or "") != (after or ""):
        yield Difference(rules.DESCRIPTION_CHANGED, old=before, new=after)
    before, after = examples_of(old) or None, examples_of(new) or None
    if not are_equal(before, after):
        yield Difference(rules.EXAMPLES_CHANGED, old=before, new=after)
    before, after = _file_limits(old), _file_limits(new)
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            was, now = {name: before.get(name)}, {name: after.get(name)}
            is_tighter = _is_tighter(name, before.get(name), after.get(name))
            rule = rules.FILE_LIMIT_TIGHTENED if is_tighter else rules.FILE_LIMIT_LOOSENED
            yield Difference(rule, old=was, new=now)
    before, after = _metadata(old), _metadata(new)
    for key in sorted({*before, *after}):
        if not are_equal(before.get(key), after.get(key)):
            was, now = {key: before.get(key)}, {key: after.get(key)}
            yield Difference(rules.METADATA_CHANGED, old=was, new=now)
    shared = {*old_schema.order} & {*new_schema.order}
    orders = (
        [name for name in order if name in shared] for order in (old_schema.order, new_schema.order)
    )
    if len({tuple(order) for order in orders}) > 1:
        yield Difference(
            rules.ORDER_CHANGED, old=list(old_schema.order), new=list(new_schema.order)
        )


def _file_limits(annotations: Annotations) -> dict[str, Any]:
    """Return limits of files, such as `max_width`, from both of fal's spellings."""
    own = annotations.get("x-", {})
    return {
        name: value
        for name, value in {**own, **mapping(own.get("x-fal"))}.items()
        if is_number(value) and name.startswith(("max_", "min_"))
    }


def _is_tighter(name: str, before: float | None, after: float | None) -> bool:
    """Return whether a change of a limit leaves fewer files; None means no limit."""
    if before is None or after is None:
        return before is None
    return after < before if name.startswith("max_") else after > before


def _metadata(annotations: Annotations) -> dict[str, Any]:
    """Return the annotations without rules of their own."""
    limits, own = _file_limits(annotations), dict(annotations.get("x-", {}))
    if isinstance(own.get("x-fal"), dict):
        own["x-fal"] = {key: own["x-fal"][key] for key in own["x-fal"] if key not in limits} or None
    others = {key: annotations[key] for key in ("externalDocs", "xml") if key in annotations}
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
