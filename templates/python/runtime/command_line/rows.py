"""The rows of a batch: a CSV file, or a file with a JSON object on each line."""

from __future__ import annotations

import csv
import io
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from pydantic import BaseModel

from ..json_values import decoded
from .session import CommandError
from .standard_input import STDIN, stdin
from .values import from_text

_BEYOND = "(cells without a name)"
"""The argument that cells beyond the first line of a CSV file set; there is none."""

_LONGEST_CELL = 2**31 - 1  # the most that Windows accepts; data URLs exceed Python's 128 KiB


@contextmanager
def rows_of(
    path: str, model: type[BaseModel]
) -> Generator[Iterator[Mapping[str, Any]], None, None]:
    """Open the rows of a file, which are read one by one.

    A line that is not JSON or not UTF-8 is a row too, so that it has an outcome: it is invalid.

    Args:
        path: The file; `-` is standard input, with JSON lines.
        model: The input, whose types decide how the cells of a CSV file are read.

    Raises:
        CommandError: The file cannot be opened, or has another format.
    """
    try:
        with _decoded(_opened(path)) as file:
            yield _csv_rows(file, model) if path.endswith(".csv") else _json_rows(file)
    except csv.Error as error:
        raise CommandError(f"{path}: not CSV ({error})", "separate the cells by commas") from error


def _opened(path: str) -> BinaryIO:
    if path == STDIN:
        return stdin()
    if not path.endswith((".csv", ".jsonl")):
        raise CommandError(
            f"{path}: neither .csv nor .jsonl", "name the file so, or pass JSON lines with `-`"
        )
    try:
        return Path(path).open("rb")
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}", "pass a file of rows") from error


def _decoded(file: BinaryIO) -> TextIO:
    """Decode a file. A byte that is not UTF-8 becomes a lone surrogate: see `is_utf8`."""
    return io.TextIOWrapper(file, "utf-8-sig", errors="surrogateescape", newline="")


def is_utf8(text: str) -> bool:
    """Return whether a text of a file was UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _csv_rows(file: TextIO, model: type[BaseModel]) -> Iterator[Any]:
    types: dict[str, object] = {}
    for name, field in model.model_fields.items():
        types[name] = types[field.serialization_alias or name] = field.rebuild_annotation()
    csv.field_size_limit(_LONGEST_CELL)
    for cells in csv.DictReader(file, restkey=_BEYOND, restval=""):
        row = ",".join(map(str, cells.values()))
        if is_utf8(row):
            yield {
                name: from_text(text, types[name]) if name in types else text
                for name, text in cells.items()
                if text
            }
        else:
            yield row


def _json_rows(file: TextIO) -> Iterator[Any]:
    for line in file:
        if text := line.strip():
            yield decoded(text) if is_utf8(text) else text
