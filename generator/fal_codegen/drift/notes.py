"""What two schemas differ in as to what is said about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fal_codegen.document.json_values import is_number, mapping
from fal_codegen.drift.facets import Told
from fal_codegen.drift.meaning import Meaning
from fal_codegen.drift.values import same


def note_differences(old: Meaning, new: Meaning) -> Iterator[Told]:
    """Yield what is different: defaults first, which matter, and then words."""
    a, b = old.notes, new.notes
    before, after = a.get("default"), b.get("default")
    if not same(before, after):
        verb = "added" if before is None else "removed" if after is None else "changed"
        yield Told(f"default-value-{verb}", before, after)
    if (a.get("deprecated") is True) != (b.get("deprecated") is True):
        yield Told("deprecated" if b.get("deprecated") is True else "reactivated")
    tags = _tags(a.get("discriminator")), _tags(b.get("discriminator"))
    if not same(*tags):
        yield Told("discriminator-changed", *tags)
    if old.titles != new.titles and set(old.titles).isdisjoint(new.titles):
        yield Told("title-changed", a.get("title"), b.get("title"))
    if (a.get("description") or "") != (b.get("description") or ""):
        yield Told("description-changed", a.get("description"), b.get("description"))
    if not same(_examples(a), _examples(b)):
        yield Told("examples-changed", _examples(a), _examples(b))
    was, now = _file_limits(a), _file_limits(b)
    for name in sorted({*was, *now}):
        if was.get(name) != now.get(name):
            yield Told("file-limit-changed", {name: was.get(name)}, {name: now.get(name)})
    yield from _metadata(a, b)
    shared = set(old.order) & set(new.order)
    if [n for n in old.order if n in shared] != [n for n in new.order if n in shared]:
        yield Told("order-changed", list(old.order), list(new.order))


def _metadata(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[Told]:
    own = ("externalDocs", "xml")
    before = {**_unlimited(a), **{key: a[key] for key in own if key in a}}
    after = {**_unlimited(b), **{key: b[key] for key in own if key in b}}
    changed = [
        key for key in sorted({*before, *after}) if not same(before.get(key), after.get(key))
    ]
    for key in changed:
        yield Told("metadata-changed", {key: before.get(key)}, {key: after.get(key)})


def _file_limits(notes: Mapping[str, Any]) -> dict[str, Any]:
    """Return what fal says a file must keep to: `max_width` and its like, in both spellings."""
    own = notes.get("x-", {})
    return {
        name: value
        for name, value in {**own, **mapping(own.get("x-fal"))}.items()
        if is_number(value) and name.startswith(("max_", "min_"))
    }


def _unlimited(notes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keywords that ask nothing, without the limits of files."""
    limits, own = _file_limits(notes), dict(notes.get("x-", {}))
    if isinstance(own.get("x-fal"), dict):
        own["x-fal"] = {key: own["x-fal"][key] for key in own["x-fal"] if key not in limits} or None
    return {key: value for key, value in own.items() if key not in limits}


def _tags(discriminator: object) -> Any:
    """Return the part of a discriminator that does not name components."""
    if not isinstance(discriminator, dict):
        return None
    values = discriminator.get("mapping")
    return {
        "propertyName": discriminator.get("propertyName"),
        "values": sorted(values) if isinstance(values, dict) else [],
    }


def _examples(notes: Mapping[str, Any]) -> Any:
    given = notes.get("examples")
    if "example" in notes:
        given = [notes["example"], *(given if isinstance(given, list) else [])]
    return given or None
