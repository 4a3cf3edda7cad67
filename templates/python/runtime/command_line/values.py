"""Values from the command line: how the text of an option is read, by the type of its argument.

Text is checked only as far as it takes to read it. Whether a value is valid is up to the model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Literal, Union, cast, get_args, get_origin

from pydantic import BaseModel, PlainValidator
from pydantic.fields import FieldInfo

from ..file import file_input
from ..json_values import decoded, json_array, json_object
from .standard_input import STDIN, read_stdin

FILE_MARK = "@"
"""Before a path, it makes the text of an option a local file."""


class FileType:
    """Stands for `FileInput` among the types of a value."""


def type_of(field: FieldInfo) -> object:
    """Return the complete type of a field, with the validators that pydantic keeps apart."""
    return field.rebuild_annotation()


def variants(hint: object) -> tuple[object, ...]:
    """Return the types that a value of the type `hint` may have, apart from None."""
    return tuple(variant for variant in _variants(hint) if variant is not NoneType)


def _variants(hint: object) -> Iterator[object]:
    if get_origin(hint) is Annotated:
        inner, *notes = get_args(hint)
        validators = [note.func for note in notes if isinstance(note, PlainValidator)]
        yield from [FileType] if file_input in validators else _variants(inner)
    elif get_origin(hint) in (Union, UnionType):
        for member in get_args(hint):
            yield from _variants(member)
    else:
        yield hint


def item_type(hint: object) -> object | None:
    """Return the type of the items, if a value of the type `hint` can only be such a list."""
    found = variants(hint)
    return get_args(found[0])[0] if len(found) == 1 and _is_list(found[0]) else None


def choices(hint: object) -> tuple[object, ...]:
    """Return the values that are allowed, if only some are."""
    found = variants(hint)
    if all(get_origin(variant) is Literal for variant in found):
        return tuple(value for variant in found for value in get_args(variant))
    return ()


def from_option(text: str, hint: object) -> object:
    """Return the value of an option of the command line, whose `@path` and `-` are files."""
    if FileType in variants(hint):
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
    if str in types or FileType in types or text in literals:
        return text
    if choices(hint) and all(isinstance(value, str) for value in literals):
        return text  # it is none of the choices, and the message repeats it as it was written
    return decoded(text)


def from_option_items(texts: Sequence[str], item: object) -> list[object]:
    """Return the list of an option that is repeated for each item; a JSON array is several."""
    values: list[object] = []
    for text in texts:
        is_array = text.startswith("[") and not any(
            variant is str or _is_list(variant) for variant in variants(item)
        )
        if is_array and (several := json_array(decoded(text))):
            values += [_with_files(value, item) for value in several]
        else:
            values.append(from_option(text, item))
    return values


def _with_files(value: object, *hints: object) -> object:
    """Return a copy of a value in which `@path` is a local file wherever a file is accepted."""
    types = [variant for hint in hints for variant in variants(hint)]
    if isinstance(value, str) and FileType in types and value.startswith(FILE_MARK):
        return _local_file(value)
    if items := json_array(value):
        item_types = [get_args(variant)[0] for variant in types if _is_list(variant)]
        return [_with_files(item, *item_types) for item in items]
    if fields := json_object(value):
        return {name: _with_files(inner, *_types_at(name, types)) for name, inner in fields.items()}
    return value


def _types_at(name: str, types: Sequence[object]) -> Iterator[object]:
    for variant in types:
        if (model := model_of(variant)) is not None:
            for python_name, field in model.model_fields.items():
                if name in (python_name, field.serialization_alias):
                    yield type_of(field)
        elif _is_mapping(variant):
            yield get_args(variant)[1]


def _local_file(text: str) -> Path:
    return Path(text.removeprefix(FILE_MARK)).expanduser()


def _is_container(hint: object) -> bool:
    return model_of(hint) is not None or _is_list(hint) or _is_mapping(hint)


def model_of(hint: object) -> type[BaseModel] | None:
    """Return a type if it is a model."""
    return hint if isinstance(hint, type) and issubclass(hint, BaseModel) else None


def _is_list(hint: object) -> bool:
    return _has_origin(hint, Sequence)


def _is_mapping(hint: object) -> bool:
    return _has_origin(hint, Mapping)


def _has_origin(hint: object, base: type) -> bool:
    origin = get_origin(hint)
    return isinstance(origin, type) and issubclass(cast("type[object]", origin), base)
