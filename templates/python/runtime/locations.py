"""Locations of errors: pydantic's path to a value, as Python and JSON write it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, NamedTuple, TypeGuard, Union, cast, get_args, get_origin

from pydantic import BaseModel, PlainValidator


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
    plain = [member for type_hint in type_hints for member in _plain(type_hint)]
    return {name for member in plain if _is_model(member) for name in member.model_fields}


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
    plain = [member for type_hint in type_hints for member in _plain(type_hint)]
    if isinstance(part, int) and not isinstance(part, bool):
        return Step(part, str(part)), [_last_argument(type_hint, Sequence) for type_hint in plain]
    key = str(part)
    fields = [field for type_hint in plain for field in _fields(type_hint, key)]
    if fields:
        return fields[0][0], [type_hint for _, type_hint in fields]
    members = [member for type_hint in type_hints for member in _members(type_hint)]
    if len(members) > len(type_hints):
        meant = [type_hint for type_hint in members if getattr(type_hint, "__name__", None) == key]
        return Step(key, key, is_label=True), meant or members
    return Step(key, key), [_last_argument(type_hint, Mapping) for type_hint in plain]


def _fields(type_hint: object, key: str) -> Iterator[tuple[Step, object]]:
    """Yield the field of a model with the name `key`, and its type."""
    if _is_model(type_hint):
        for name, field in type_hint.model_fields.items():
            wire = field.serialization_alias or name
            if key in (name, wire):
                is_opaque = any(isinstance(note, PlainValidator) for note in field.metadata)
                yield Step(wire, name), Any if is_opaque else field.annotation


def _is_model(type_hint: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(type_hint, type) and issubclass(type_hint, BaseModel)


def _members(type_hint: object) -> Sequence[object]:
    """Return the members of a union; pydantic names the one that it tried."""
    if get_origin(type_hint) is Annotated:
        inner, *notes = get_args(type_hint)
        # Such a validator replaces pydantic's own validation of the type.
        return [Any] if any(isinstance(note, PlainValidator) for note in notes) else _members(inner)
    if get_origin(type_hint) in (Union, UnionType):
        return [member for member in get_args(type_hint) if member is not NoneType]
    return [type_hint]


def _plain(type_hint: object) -> Iterator[object]:
    """Yield the types, other than unions, that a value of `type_hint` may have."""
    members = _members(type_hint)
    if members == [type_hint]:
        yield type_hint
    else:
        for member in members:
            yield from _plain(member)


def _last_argument(type_hint: object, base: type) -> object:
    """Return the type of the items of a list, or the values of a mapping; Any of others."""
    origin = get_origin(type_hint)
    is_one = isinstance(origin, type) and issubclass(cast("type[object]", origin), base)
    return get_args(type_hint)[-1] if is_one else Any
