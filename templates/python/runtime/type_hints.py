"""Type hints of models: the types that a value may have, and those inside a list or a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, NamedTuple, Union, cast, get_args, get_origin

from pydantic import BaseModel, PlainValidator


class ModelField(NamedTuple):
    """A field of a model."""

    name: str
    wire_name: str
    type_hint: object


def members(type_hint: object) -> Sequence[object]:
    """Return the members of a union, apart from None; any other type by itself.

    `FileInput` is not a union, because pydantic leaves its values to one function.
    """
    if get_origin(type_hint) is Annotated and not is_file(type_hint):
        return members(get_args(type_hint)[0])
    if get_origin(type_hint) in (Union, UnionType):
        return [member for member in get_args(type_hint) if member is not NoneType]
    return [type_hint]


def variants(type_hint: object) -> tuple[object, ...]:
    """Return the types, other than unions, that a value may have, apart from None."""
    found = members(type_hint)
    if found == [type_hint]:
        return (type_hint,)
    return tuple(variant for member in found for variant in variants(member))


def is_file(type_hint: object) -> bool:
    """Return whether a type is `FileInput`, the only one whose validator replaces pydantic's."""
    return any(isinstance(note, PlainValidator) for note in notes_of(type_hint))


def notes_of(type_hint: object) -> tuple[object, ...]:
    """Return what annotates a type."""
    return get_args(type_hint)[1:] if get_origin(type_hint) is Annotated else ()


def model_of(type_hint: object) -> type[BaseModel] | None:
    """Return a type if it is a model."""
    if get_origin(type_hint) is not None:  # to Python 3.10, `list[int]` is a class
        return None
    if isinstance(type_hint, type) and issubclass(type_hint, BaseModel):
        return type_hint
    return None


def field_named(type_hint: object, name: str) -> ModelField | None:
    """Return the field of a model that has a name on the wire, or else in Python."""
    if (model := model_of(type_hint)) is None:
        return None
    names = {field.serialization_alias or own: own for own, field in model.model_fields.items()}
    own_name = names.get(name, name)
    if (field := model.model_fields.get(own_name)) is None:
        return None
    return ModelField(own_name, field.serialization_alias or own_name, field.rebuild_annotation())


def type_at(type_hint: object, key: str | int) -> object | None:
    """Return the type of the value at a key or an index; None if there is none."""
    if isinstance(key, int):
        return item_type(type_hint)
    if (field := field_named(type_hint, key)) is not None:
        return field.type_hint
    if (model := model_of(type_hint)) is not None and model.model_config.get("extra") == "allow":
        return Any
    return value_type(type_hint)


def item_type(type_hint: object) -> object | None:
    """Return the type of the items, if a type is a list."""
    return _last_argument(type_hint, Sequence)


def value_type(type_hint: object) -> object | None:
    """Return the type of the values, if a type is a mapping."""
    return _last_argument(type_hint, Mapping)


def _last_argument(type_hint: object, base: type) -> object | None:
    origin = get_origin(type_hint)
    is_one = isinstance(origin, type) and issubclass(cast("type[object]", origin), base)
    return get_args(type_hint)[-1] if is_one else None
