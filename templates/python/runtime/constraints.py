"""Constraints of JSON Schema that pydantic lacks."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Annotated, Any, TypeAlias, TypeVar, cast, get_args

from pydantic import BaseModel, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from .json_values import json_object

Scalar: TypeAlias = bool | int | float | str

_DEEPEST = 100
"""The most levels of lists and objects in a value that is compared."""

_MOST_TAGS = 3
"""The most properties that are read to distinguish the variants of a union."""


class OneOf:
    """One of several values, compared as JSON compares them: `1` equals `1.0`, but not `true`."""

    def __init__(self, *values: Scalar) -> None:
        self._values = {_key(value): value for value in values}

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._check, handler(source))

    def _check(self, value: object) -> object:
        key = _key(value) if isinstance(value, (bool, int, float, str)) else None
        if key in self._values:
            return self._values[key]  # a Literal may take 0.0 for False
        expected = " or ".join(map(repr, self._values.values()))
        raise PydanticCustomError("one_of", "should be {expected}", {"expected": expected})


class UniqueItems:
    """A list without duplicates, as JSON compares its items."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(_unique, handler(source))


class UrlLength:
    """The length of a file's URL. An uploaded file gets a short one."""

    def __init__(self, fewest: int, most: int | None) -> None:
        self._fewest = fewest
        self._most = most

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def _check(self, value: object) -> object:
        if isinstance(value, str):
            if self._most is not None and len(value) > self._most:
                context = {"most": self._most}
                raise PydanticCustomError(
                    "url_too_long",
                    "should be a URL of at most {most} characters; pass a Path or bytes to upload",
                    context,
                )
            if len(value) < self._fewest:
                context = {"fewest": self._fewest}
                raise PydanticCustomError(
                    "url_too_short", "should be a URL of at least {fewest} characters", context
                )
        return value


class Tagged:
    """A union whose variants differ in the values of some properties, their tags.

    A value is validated against the variants that have its tag, or against all variants if none
    has.

    Args:
        tags: The values that the tags of each class may have, by their names on the wire.
    """

    def __init__(self, tags: Mapping[type[BaseModel], Mapping[str, Sequence[Scalar]]]) -> None:
        self._keys = {
            cls: {name: frozenset(map(_key, values)) for name, values in tagged.items()}
            for cls, tagged in tags.items()
        }

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        owners: dict[str, int] = {}
        for name in (name for tagged in self._keys.values() for name in tagged):
            owners[name] = owners.get(name, 0) + 1
        names = sorted(owners, key=lambda name: (-owners[name], name))
        return self._schema(get_args(source), names[:_MOST_TAGS], handler)

    def _schema(
        self, variants: Sequence[Any], names: Sequence[str], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        if len(variants) == 1:
            return handler.generate_schema(variants[0])
        if not names:
            return core_schema.union_schema(list(map(handler.generate_schema, variants)))
        name, *others = names
        by_key: dict[Hashable, list[Any]] = {}
        for variant in variants:
            for key in self._keys.get(variant, {}).get(name, ()):
                by_key.setdefault(key, []).append(variant)
        if not by_key:
            return self._schema(variants, others, handler)
        labels = {key: _label(meant) for key, meant in by_key.items()}
        choices = {_label(meant): meant for meant in (variants, *by_key.values())}
        otherwise = _label(variants)

        def choice(value: object) -> str:
            tag = json_object(value).get(name)
            is_scalar = isinstance(tag, (bool, int, float, str))
            return labels.get(_key(tag), otherwise) if is_scalar else otherwise

        return core_schema.tagged_union_schema(
            {label: self._schema(meant, others, handler) for label, meant in choices.items()},
            discriminator=choice,
        )


def _label(variants: Sequence[Any]) -> str:
    return " | ".join(getattr(variant, "__name__", str(variant)) for variant in variants)


T = TypeVar("T")


class _AsList:
    """Accepts any sequence for a list, apart from strings and bytes."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        (item,) = get_args(source)
        items = core_schema.list_schema(handler.generate_schema(item))
        return core_schema.no_info_before_validator_function(_to_list, items)


class _AsDict:
    """Accepts any mapping for a dict."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        key, value = map(handler.generate_schema, get_args(source))
        values = core_schema.dict_schema(key, value)
        return core_schema.no_info_before_validator_function(_to_dict, values)


ListInput: TypeAlias = Annotated[Sequence[T], _AsList()]
"""The type of a list field: any sequence, so that a `list[str]` fits where files are accepted."""

MapInput: TypeAlias = Annotated[Mapping[str, T], _AsDict()]
"""The type of an object field with any keys: any mapping."""


def _to_list(value: object) -> object:
    if isinstance(value, (str, bytes, bytearray)) or not isinstance(value, Sequence):
        return value
    return list(cast("Sequence[object]", value))


def _to_dict(value: object) -> object:
    return dict(cast("Mapping[object, object]", value)) if isinstance(value, Mapping) else value


def _unique(items: Iterable[object]) -> object:
    seen: set[Hashable] = set()
    for item in items:
        key = _key(item)
        if key in seen:
            raise PydanticCustomError("unique_items", "should not have duplicate items")
        seen.add(key)
    return items


def _key(value: object, level: int = 0) -> Hashable:
    """Return a key that is the same for two values if, and only if, they are equal in JSON."""
    if level > _DEEPEST:
        raise PydanticCustomError(
            "too_deep", "should be nested at most {levels} levels deep", {"levels": _DEEPEST}
        )
    if isinstance(value, BaseModel):
        value = value.model_dump(by_alias=True, exclude_unset=True)
    if isinstance(value, Mapping):
        items = cast("Mapping[object, object]", value).items()
        return dict, frozenset((name, _key(item, level + 1)) for name, item in items)
    if isinstance(value, (list, tuple)):
        sequence = cast("Sequence[object]", value)
        return list, tuple(_key(item, level + 1) for item in sequence)
    if isinstance(value, (int, float)):
        return bool if isinstance(value, bool) else float, value
    return (type(value), value) if isinstance(value, Hashable) else (object, id(value))
