"""The rows of a batch: a CSV file, or a file with a JSON object on each line."""

from __future__ import annotations

import csv
import io
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from pydantic import BaseModel

from ..json_values import decoded
from .session import CommandError
from .standard_input import STDIN, stdin
from .values import from_text

_BEYOND = "(cells without a name)"
"""The argument that cells beyond the first line of a CSV file set; there is none."""


@contextmanager
def rows_of(
    path: str, model: type[BaseModel]
) -> Generator[Iterator[Mapping[str, Any]], None, None]:
    """Open the rows of a file, which are read one by one.

    A line that is not JSON is a row too, so that it has an outcome: it is invalid.

    Args:
        path: The file; `-` is standard input, with JSON lines.
        model: The input, whose types decide how the cells of a CSV file are read.

    Raises:
        CommandError: The file cannot be opened, or has another format.
    """
    try:
        with _opened(path) as file:
            yield _csv_rows(file, model) if path.endswith(".csv") else _json_rows(file)
    except UnicodeDecodeError as error:
        raise CommandError(f"{path}: not UTF-8", "save the file as UTF-8") from error
    except csv.Error as error:
        raise CommandError(f"{path}: not CSV ({error})", "separate the cells by commas") from error


def _opened(path: str) -> TextIO:
    if path == STDIN:
        return io.TextIOWrapper(stdin(), "utf-8")
    if not path.endswith((".csv", ".jsonl")):
        raise CommandError(
            f"{path}: neither .csv nor .jsonl", "name the file so, or pass JSON lines with `-`"
        )
    try:
        return Path(path).open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}", "pass a file of rows") from error


def _csv_rows(file: TextIO, model: type[BaseModel]) -> Iterator[dict[str, Any]]:
    types: dict[str, object] = {}
    for name, field in model.model_fields.items():
        types[name] = types[field.serialization_alias or name] = field.rebuild_annotation()
    for cells in csv.DictReader(file, restkey=_BEYOND, restval=""):
        yield {
            name: from_text(text, types[name]) if name in types else text
            for name, text in cells.items()
            if text
        }


def _json_rows(file: TextIO) -> Iterator[Any]:
    return (decoded(text) for line in file if (text := line.strip()))
