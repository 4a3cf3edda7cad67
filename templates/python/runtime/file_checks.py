"""Checks of local files before they are uploaded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from .file_limits import FileLimits
from .local_file import Content
from .media import NO_MEDIA, media_of
from .problems import Problem, problem_at
from .type_hints import is_file, notes_of, type_at, variants


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
    found = tuple(_limits(input_type, location))
    limits = tuple(each for each in found if each is not None)
    return limits if len(limits) == len(found) else ()


def _limits(type_hint: object, location: Sequence[str | int]) -> Iterator[FileLimits | None]:
    """Yield the limits of each type of a file below a type, and None for one without limits."""
    for variant in variants(type_hint):
        if variant is Any or variant is object:
            yield None
        elif is_file(variant):
            if not location:
                notes = notes_of(variant)
                yield next((note for note in notes if isinstance(note, FileLimits)), None)
        elif location:
            key, *others = location
            if (inside := type_at(variant, key)) is not None:
                yield from _limits(inside, others)
