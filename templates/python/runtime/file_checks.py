"""Checks of local files before they are uploaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import NoneType, UnionType
from typing import Annotated, Any, Union, cast, get_args, get_origin

from pydantic import BaseModel, PlainValidator

from .file_limits import FileLimits
from .local_file import Content
from .media import NO_MEDIA, media_of
from .problems import Problem, problem_at


def limit_problems(
    location: Sequence[str | int], content: Content, source: object, input_type: object
) -> list[Problem]:
    """Return a problem for each limit that a file violates.

    Args:
        location: The location of the file in the input.
        content: Its content.
        source: The value that the caller passed, for the problems.
        input_type: The type of the input, which states the limits.
    """
    limits = limits_at(location, input_type)
    needs_header = any(each.needs_header() for each in limits)
    media = media_of(content) if needs_header else NO_MEDIA
    found = (each.violations(content.size, media) for each in limits)
    return [
        replace(
            problem_at(location, violation.message, violation.type, source, input_type),
            ctx=violation.ctx,
        )
        for violation in min(found, key=len, default=())
    ]


def limits_at(location: Sequence[str | int], input_type: object) -> tuple[FileLimits, ...]:
    """Return the limits of a local file at a location in an input, for each type it may have.

    The file is valid if it meets the limits of any of them. There are none if one has no limits.
    """
    found = tuple(_limits(input_type, (), tuple(location)))
    limits = tuple(each for each in found if each is not None)
    return limits if len(limits) == len(found) else ()


def _limits(
    type_hint: object, notes: Sequence[object], location: tuple[str | int, ...]
) -> Iterator[FileLimits | None]:
    """Yield the limits of each type of a file below a type, and None for one without limits."""
    origin, arguments = get_origin(type_hint), get_args(type_hint)
    if origin is Annotated:
        yield from _limits(arguments[0], (*notes, *arguments[1:]), location)
    elif any(isinstance(note, PlainValidator) for note in notes):  # that of `FileInput`
        if not location:
            yield next((note for note in notes if isinstance(note, FileLimits)), None)
    elif origin in (Union, UnionType):
        for member in arguments:
            if member is not NoneType:
                yield from _limits(member, (), location)
    elif not location or type_hint is Any:
        if type_hint in (Any, object):
            yield None
    elif isinstance(type_hint, type) and issubclass(type_hint, BaseModel):
        yield from _limits_of_field(type_hint, location)
    elif isinstance(origin, type):
        base = Sequence if isinstance(location[0], int) else Mapping
        if issubclass(cast("type[object]", origin), base):
            yield from _limits(arguments[-1], (), location[1:])


def _limits_of_field(
    model: type[BaseModel], location: tuple[str | int, ...]
) -> Iterator[FileLimits | None]:
    for name, field in model.model_fields.items():
        if location[0] == (field.serialization_alias or name):
            yield from _limits(field.annotation, field.metadata, location[1:])
            return
    if model.model_config.get("extra") == "allow":
        yield None
