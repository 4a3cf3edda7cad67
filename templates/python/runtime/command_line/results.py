"""What a command prints on standard output, and the files that it downloads."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

import click
from pydantic import BaseModel

from ..file import File


def print_json(value: object, indent: int | None = 2) -> None:
    """Print a value as JSON. Characters that a terminal would act on are escaped."""
    is_unicode = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    text = json.dumps(value, ensure_ascii=not is_unicode, indent=indent)
    shown = (
        character if character.isprintable() or character == "\n" else json.dumps(character)[1:-1]
        for character in text
    )
    click.echo("".join(shown))


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


def numbered(path: Path, count: int) -> list[Path]:
    """Return the path for each of `count` files: the path itself, or numbered ones."""
    if count == 1:
        return [path]
    return [path.with_name(f"{path.stem}-{number}{path.suffix}") for number in range(1, count + 1)]
