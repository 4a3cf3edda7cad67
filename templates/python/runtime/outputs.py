"""Outputs as JSON, and the files in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from pydantic import BaseModel

from .file import File


def as_json(output: object) -> object:
    """Return an output as JSON, with the fields that the server sent."""
    match output:
        case BaseModel():
            return output.model_dump(mode="json", by_alias=True, exclude_unset=True)
        case dict():
            fields = cast("Mapping[str, object]", output)
            return {name: as_json(value) for name, value in fields.items()}
        case list():
            return [as_json(item) for item in cast("list[object]", output)]
        case _:
            return output


def files_of(output: object) -> Iterator[File]:
    """Yield the files of an output, in its order."""
    match output:
        case File():
            yield output
        case BaseModel():
            for _, value in output:
                yield from files_of(value)
        case dict():
            for value in cast("Mapping[object, object]", output).values():
                yield from files_of(value)
        case list():
            for value in cast("list[object]", output):
                yield from files_of(value)
        case _:
            pass
