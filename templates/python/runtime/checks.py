"""What JSON Schema can ask of a value and pydantic has no constraint for."""

from __future__ import annotations

from typing import Any, TypeAlias, cast

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

Scalar: TypeAlias = bool | int | float | str


class OneOf:
    """One of some values, compared as JSON does: `1` is `1.0`, and is not `true`."""

    def __init__(self, *values: Scalar) -> None:
        self._values = values

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._check, handler(source))

    def _check(self, value: object) -> object:
        if any(_same(value, one) for one in self._values):
            return value
        expected = " or ".join(map(repr, self._values))
        raise PydanticCustomError("one_of", "should be {expected}", {"expected": expected})


class UniqueItems:
    """No two items of a list are equal."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(_unique, handler(source))


class UrlLength:
    """How long the URL of a file may be; a file that is uploaded gets one that is short."""

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
                about = {"most": self._most}
                raise PydanticCustomError(
                    "url_too_long",
                    "should be a URL of at most {most} characters; pass a Path or bytes to upload",
                    about,
                )
            if len(value) < self._fewest:
                about = {"fewest": self._fewest}
                raise PydanticCustomError(
                    "url_too_short", "should be a URL of at least {fewest} characters", about
                )
        return value


def _unique(items: object) -> object:
    seen: list[object] = []
    for item in cast("list[object]", items):
        if any(_same(item, earlier) for earlier in seen):
            raise PydanticCustomError("unique_items", "should have no item twice")
        seen.append(item)
    return seen


def _same(left: object, right: object) -> bool:
    return left == right and isinstance(left, bool) == isinstance(right, bool)
