"""What a command prints on standard output, and the files that it downloads."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click


def print_json(value: object, indent: int | None = 2) -> None:
    """Print a value as JSON. Characters that a terminal would act on are escaped."""
    is_unicode = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    text = json.dumps(value, ensure_ascii=not is_unicode, indent=indent)
    shown = (
        character if character.isprintable() or character == "\n" else json.dumps(character)[1:-1]
        for character in text
    )
    click.echo("".join(shown))


def numbered(path: Path, count: int) -> list[Path]:
    """Return the path for each of `count` files: the path itself, or numbered ones."""
    if count == 1:
        return [path]
    return [path.with_name(f"{path.stem}-{number}{path.suffix}") for number in range(1, count + 1)]
