"""Adapt the sample result of an endpoint to one input.

The seed, the number of files, and the size and format of images follow the input, and the emulator
serves every file.
"""

from __future__ import annotations

import copy
import hashlib
import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, unquote, urlsplit

from fal_codegen.document.samples.strings import extension_for
from fal_codegen.emulator.storage.file_store import UNFIT
from fal_codegen.emulator.storage.placeholders import (
    VIDEO_SIZE,
    Size,
    content_type_of,
    extension_of_type,
    placeholder,
)

if TYPE_CHECKING:
    from fal_codegen.emulator.endpoints.served_endpoint import ServedEndpoint

__all__ = ["FILES", "absolute", "answer_to", "file_of", "files_of", "fitted", "with_own_files"]

FILES = "results"
"""First segment of the names of files in results."""

_DIGITS = 8
"""Digits that tell files of results apart."""

_URL = re.compile(r"https?://\S+")

_PRESETS: Mapping[str, Size] = {
    "square_hd": (1024, 1024),
    "square": (512, 512),
    "portrait_4_3": (768, 1024),
    "portrait_16_9": (576, 1024),
    "landscape_4_3": (1024, 768),
    "landscape_16_9": (1024, 576),
}
"""fal's names of image sizes."""

_DEFAULT_SIZE: Size = (1024, 1024)

_LONGEST_SIDE = 8192
"""The most pixels of an image, also if the input requests more."""

_LONGEST_NAME = 100
"""Characters of a file's name."""

_MOST_FILES = 100
"""The most files of a list, also if the input requests more."""

_COUNTS = ("num_outputs", "num_samples", "num_generations", "batch_size")
"""Properties that state the number of files, besides those like `num_images` for `images`."""


class _FilePath(str):
    """The path of a file's URL, in a result until `absolute` adds the origin of the emulator."""

    __slots__ = ()


class _FileOptions(NamedTuple):
    """The size and format of files that an input asks for."""

    size: Size | None
    format: str | None


def answer_to(endpoint: ServedEndpoint, payload: object, result: Any) -> Any:
    """Return a result adapted to an input; `absolute` completes its URLs.

    Args:
        endpoint: The endpoint.
        payload: The input, which is valid.
        result: A sample result, which is not changed.
    """
    result = fitted(endpoint, payload, result)
    asked = _with_defaults(endpoint, payload)
    local = _local(result, _FileOptions(_size(asked), _format(asked)), "file")
    if not endpoint.is_valid_output(result):
        return local
    # A pattern or a length may not allow another URL.
    for place in endpoint.faults_of_output(absolute(local, lambda path: f"http://localhost{path}")):
        local = _restored(local, result, place)
    return local


def fitted(endpoint: ServedEndpoint, payload: object, result: Any) -> Any:
    """Return a result with the seed and the number of files that an input asks for.

    The arguments are those of `answer_to`.
    """
    is_valid = endpoint.is_valid_output(result)
    for change in (_counted, _seeded):
        changed = change(copy.deepcopy(result), endpoint, payload)
        if not is_valid or endpoint.is_valid_output(changed):
            result = changed
    return result


def absolute(result: Any, url: Callable[[str], str]) -> Any:
    """Return a result with complete URLs; `url` turns a path into a URL."""
    if isinstance(result, list):
        return [absolute(item, url) for item in result]
    if isinstance(result, dict):
        return {name: absolute(value, url) for name, value in result.items()}
    return url(result) if isinstance(result, _FilePath) else result


def with_own_files(result: Any, token: str) -> Any:
    """Return a result whose files belong to it alone, with URLs of the same length."""

    def own(path: str) -> str:
        start = len(f"/files/{FILES}/")
        where, rest = path[start : start + _DIGITS], path[start + _DIGITS :]
        return _FilePath(f"{path[:start]}{_digits(f'{token}/{where}')}{rest}")

    return absolute(result, own)


def files_of(result: Any) -> list[str]:
    """Return the names of the files of a result: what follows `/files/` in their URLs, unquoted."""
    names = (unquote(path.removeprefix("/files/")) for path in _paths(result))
    return list(dict.fromkeys(names))


def _paths(result: Any) -> Iterator[_FilePath]:
    if isinstance(result, (list, dict)):
        for value in result.values() if isinstance(result, dict) else result:
            yield from _paths(value)
    elif isinstance(result, _FilePath):
        yield result


def file_of(name: str) -> tuple[str, Size]:
    """Return the name and the size of a file in a result.

    Args:
        name: What follows `/files/` in its URL, unquoted: `results/3c9f01ab/1024x768/fox.png`.
    """
    size, file_name = name.split("/")[-2:]
    return file_name, _parsed_size(size) or _DEFAULT_SIZE


# Inputs -------------------------------------------------------------------------------------------


def _with_defaults(endpoint: ServedEndpoint, payload: object) -> dict[str, Any]:
    return {**endpoint.input_defaults, **(payload if isinstance(payload, dict) else {})}


def _counted(result: Any, endpoint: ServedEndpoint, payload: object) -> Any:
    """Set the number of files in each list, and of the values that belong to them.

    An example with more files than the default count implies several files per output.
    """
    if not isinstance(result, dict):
        return result
    by_default = endpoint.input_defaults
    asked = payload if isinstance(payload, dict) else {}
    lists = {name: value for name, value in result.items() if isinstance(value, list) and value}
    for name, files in lists.items():
        wanted = _count_of(name, asked)
        if wanted is None:
            wanted = max(_count_of(name, by_default) or 0, len(files))
        if not all(map(_is_file, files)):
            continue
        for other, values in lists.items():
            if len(values) == len(files) and (other == name or not any(map(_is_file, values))):
                result[other] = [_numbered(values, at) for at in range(wanted)]
    return result


def _count_of(name: str, asked: Mapping[str, Any]) -> int | None:
    for count in (f"num_{name}", f"number_of_{name}", *_COUNTS):
        wanted = asked.get(count)
        if type(wanted) is int and wanted >= 0:
            return min(wanted, _MOST_FILES)
    return None


def _is_file(value: object) -> bool:
    url = value.get("url") if isinstance(value, dict) else value
    return isinstance(url, str) and _URL.fullmatch(url) is not None


def _numbered(values: list[Any], at: int) -> Any:
    """Return the value at an index of a longer list, in which each file has its own name."""
    value = copy.deepcopy(values[at % len(values)])
    if at < len(values) or not _is_file(value):
        return value
    url = value["url"] if isinstance(value, dict) else value
    stem, dot, extension = url.rpartition(".")
    numbered = f"{stem}-{at + 1}.{extension}" if dot and "/" not in extension else f"{url}-{at + 1}"
    return {**value, "url": numbered} if isinstance(value, dict) else numbered


def _seeded(result: Any, endpoint: ServedEndpoint, payload: object) -> Any:
    """Set the seed: that of the input, or one derived from the input."""
    if isinstance(result, dict) and ("seed" in result or "seed" in endpoint.output_names):
        asked = _with_defaults(endpoint, payload)
        seed = asked.get("seed")
        derived = zlib.crc32(json.dumps(asked, sort_keys=True).encode())
        result["seed"] = seed if type(seed) is int and seed >= 0 else derived
    return result


def _size(asked: Mapping[str, Any]) -> Size | None:
    """Return the image size that an input asks for, if any."""
    match asked.get("image_size"):
        case dict(sides):
            size = _own_size(sides)
        case str(text):
            size = _PRESETS.get(text) or _parsed_size(text)
        case _:
            size = None
    if size := size or _own_size(asked):
        return size
    ratio = re.fullmatch(r"([1-9][0-9]?):([1-9][0-9]?)", str(asked.get("aspect_ratio")))
    if ratio is None:
        return None
    across, up = int(ratio[1]), int(ratio[2])
    longer = max(across, up)
    return _bounded(1024 * across // longer, 1024 * up // longer)


def _format(asked: Mapping[str, Any]) -> str | None:
    """Return the extension that an input asks for, if any."""
    extension = asked.get("output_format")
    if not isinstance(extension, str) or content_type_of(f"x.{extension}") is None:
        return None
    return extension.lower()


def _parsed_size(text: str) -> Size | None:
    match = re.fullmatch("([0-9]{1,6})x([0-9]{1,6})", text)
    return _bounded(int(match[1]), int(match[2])) if match else None


def _own_size(value: Mapping[str, Any]) -> Size | None:
    width, height = value.get("width"), value.get("height")
    return _bounded(width, height) if type(width) is type(height) is int else None


def _bounded(width: int, height: int) -> Size:
    return max(1, min(width, _LONGEST_SIDE)), max(1, min(height, _LONGEST_SIDE))


# Files --------------------------------------------------------------------------------------------


def _local(result: Any, options: _FileOptions, field: str) -> Any:
    """Make the emulator serve every file, and describe the file that it serves."""
    if isinstance(result, list):
        return [_local(item, options, field) for item in result]
    if isinstance(result, dict):
        if _is_file(result):
            return _local_file(result, options, field)
        return {name: _local(value, options, name) for name, value in result.items()}
    if _is_file(result):
        return _url_of(result, _name_of(result, None, options, field), options.size)
    return result


def _local_file(file: dict[str, Any], options: _FileOptions, field: str) -> dict[str, Any]:
    name = _name_of(file["url"], file.get("content_type"), options, field)
    content_type = content_type_of(name)
    family = _family(content_type)
    size = options.size or _own_size(file) or _DEFAULT_SIZE
    local = {
        key: value if key == "url" else _local(value, options, key) for key, value in file.items()
    }
    local["url"] = _url_of(file["url"], name, size)
    true: dict[str, Any] = {"content_type": content_type}
    if content_type_of(str(file.get("file_name"))) != content_type:
        true["file_name"] = name
    if family in ("image", "video"):
        true["width"], true["height"] = size if family == "image" else VIDEO_SIZE
    if file.get("file_size") is not None:
        true["file_size"] = len(placeholder(name, size).content)
    return local | {
        key: value for key, value in true.items() if file.get(key) is not None and value is not None
    }


def _name_of(url: str, content_type: object, options: _FileOptions, field: str) -> str:
    """Return the name of the file at a URL, with the extension of its type."""
    name = unquote(_path(url).rpartition("/")[2])[-_LONGEST_NAME:]
    name = UNFIT.sub("_", name) or "file"
    if content_type_of(name) is None:
        found = extension_of_type(content_type) if isinstance(content_type, str) else None
        extension = found or (None if "." in name else extension_for(field))
        name = f"{name}.{extension}" if extension else name
    own = _family(content_type_of(name))
    if options.format and own and own == _family(content_type_of(f"x.{options.format}")):
        name = f"{name.rpartition('.')[0]}.{options.format}"
    return name


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return url.partition("?")[0]


def _family(content_type: str | None) -> str | None:
    return content_type.partition("/")[0] if content_type else None


def _url_of(url: str, name: str, size: Size | None) -> _FilePath:
    """Return the URL of a file; the URL of an image contains its size."""
    where = _digits(url)
    if size and _family(content_type_of(name)) == "image":
        where += f"/{size[0]}x{size[1]}"
    return _FilePath(f"/files/{FILES}/{where}/{quote(name, safe='')}")


def _digits(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:_DIGITS]


def _restored(result: Any, original: Any, place: tuple[str | int, ...]) -> Any:
    """Return a result with its original value at one place."""
    if not place:
        return original
    step, *rest = place
    changed = copy.copy(result)
    try:
        changed[step] = _restored(result[step], original[step], tuple(rest))
    except (KeyError, IndexError, TypeError):  # it was missing before, too
        return result
    return changed
