"""Values from the command line: how the text of an option is read, by the type of its argument.

Text is checked only as far as it takes to read it. Whether a value is valid is up to the model.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal, get_args, get_origin

from ..json_values import decoded, json_array, json_object
from ..type_hints import is_file, item_type, model_of, type_at, value_type, variants
from .standard_input import STDIN, read_stdin

FILE_MARK = "@"
"""Before a path, it makes the text of an option a local file."""


def repeated_type(hint: object) -> object | None:
    """Return the type of the items, if a value of the type `hint` can only be such a list."""
    found = variants(hint)
    return item_type(found[0]) if len(found) == 1 else None


def choices(hint: object) -> tuple[object, ...]:
    """Return the values that are allowed, if only some are."""
    found = variants(hint)
    if all(get_origin(variant) is Literal for variant in found):
        return tuple(value for variant in found for value in get_args(variant))
    return ()


def from_option(text: str, hint: object) -> object:
    """Return the value of an option of the command line, whose `@path` and `-` are files."""
    if any(map(is_file, variants(hint))):
        if text == STDIN:
            return read_stdin()
        if text.startswith(FILE_MARK):
            return _local_file(text)
    return _with_files(from_text(text, hint), hint)


def from_text(text: str, hint: object) -> object:
    """Return the value that a text stands for. It never opens a file."""
    types = variants(hint)
    if text[:1] in ("{", "[") and any(map(_is_container, types)):
        return decoded(text)
    literals = [value for variant in types for value in choices(variant)]
    if str in types or any(map(is_file, types)) or text in literals:
        return text
    if choices(hint) and all(isinstance(value, str) for value in literals):
        return text  # it is none of the choices, and the message repeats it as it was written
    return decoded(text)


def from_option_items(texts: Sequence[str], item: object) -> list[object]:
    """Return the list of an option that is repeated for each item; a JSON array is several."""
    values: list[object] = []
    for text in texts:
        is_array = text.startswith("[") and not any(
            variant is str or item_type(variant) is not None for variant in variants(item)
        )
        if is_array and (several := json_array(decoded(text))):
            values += [_with_files(value, item) for value in several]
        else:
            values.append(from_option(text, item))
    return values


def _with_files(value: object, *hints: object) -> object:
    """Return a copy of a value in which `@path` is a local file wherever a file is accepted."""
    types = [variant for hint in hints for variant in variants(hint)]
    if isinstance(value, str) and any(map(is_file, types)) and value.startswith(FILE_MARK):
        return _local_file(value)
    if items := json_array(value):
        return [_with_files(item, *_types_at(0, types)) for item in items]
    if fields := json_object(value):
        return {name: _with_files(inner, *_types_at(name, types)) for name, inner in fields.items()}
    return value


def _types_at(key: str | int, types: Iterable[object]) -> Iterator[object]:
    return (hint for variant in types if (hint := type_at(variant, key)) is not None)


def _local_file(text: str) -> Path:
    return Path(text.removeprefix(FILE_MARK)).expanduser()


def _is_container(hint: object) -> bool:
    return any((model_of(hint), item_type(hint), value_type(hint)))
