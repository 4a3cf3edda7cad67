"""Locations of errors: pydantic's path to a value, as Python and JSON write it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from .type_hints import field_named, item_type, members, model_of, value_type, variants


class Step(NamedTuple):
    """A part of a path."""

    key: str | int
    """The key or index in JSON."""
    name: str
    """The key as Python names it."""
    is_label: bool = False
    """Whether the part only names the variant of a union that was tried."""


def steps_to(location: Iterable[object], type_hint: object = Any) -> tuple[Step, ...]:
    """Return the steps of `location`, which starts at a value of the type `type_hint`."""
    steps, _ = _followed(location, type_hint)
    return steps


def fields_at(location: Iterable[object], type_hint: object) -> set[str]:
    """Return the names of the fields of the models that `location` may lead to."""
    _, type_hints = _followed(location, type_hint)
    found = [variant for type_hint in type_hints for variant in variants(type_hint)]
    return {name for model in filter(None, map(model_of, found)) for name in model.model_fields}


def python_path(steps: Iterable[Step]) -> str:
    """Return the location as Python code writes it: `loras[0].path`."""
    path = ""
    for key, name, is_label in steps:
        if isinstance(key, int):
            path += f"[{key}]"
        elif not is_label:
            path = f"{path}.{name}" if path else name
    return path


def json_path(steps: Iterable[Step]) -> tuple[str | int, ...]:
    """Return the location as keys and indices of JSON."""
    return tuple(step.key for step in steps if not step.is_label)


def _followed(
    location: Iterable[object], type_hint: object
) -> tuple[tuple[Step, ...], list[object]]:
    """Return the steps of `location`, and the types that it leads to."""
    type_hints: list[object] = [type_hint]
    steps: list[Step] = []
    for part in location:
        if part == "[key]":  # pydantic marks an error in the key before, not in its value
            continue
        step, type_hints = _step(part, type_hints)
        steps.append(step)
    return tuple(steps), type_hints


def _step(part: object, type_hints: Sequence[object]) -> tuple[Step, list[object]]:
    """Return the step for `part` of a value of one of the types, and the types that it leads to."""
    found = [variant for type_hint in type_hints for variant in variants(type_hint)]
    if isinstance(part, int) and not isinstance(part, bool):
        return Step(part, str(part)), [item_type(variant) or Any for variant in found]
    key = str(part)
    if fields := [field for variant in found if (field := field_named(variant, key))]:
        step = Step(fields[0].wire_name, fields[0].name)
        return step, [field.type_hint for field in fields]
    # pydantic names the member of a union that it tried.
    tried = [member for type_hint in type_hints for member in members(type_hint)]
    if len(tried) > len(type_hints):
        meant = [member for member in tried if getattr(member, "__name__", None) == key]
        return Step(key, key, is_label=True), meant or tried
    return Step(key, key), [value_type(variant) or Any for variant in found]
