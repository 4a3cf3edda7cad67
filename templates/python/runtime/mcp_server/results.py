"""What a tool returns: an output as structured content, with links to its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from mcp.types import CallToolResult, ContentBlock, ResourceLink, TextContent

from ..disk.file_names import name_from
from ..errors import FalError
from ..file import File
from ..local_file import UNKNOWN_TYPE, content_type_of
from ..outputs import as_json, files_of
from ..text import line
from . import quoting
from .json_schemas import OUTPUT, is_wrapped


def structured(output: object, output_type: Any) -> dict[str, Any]:
    """Return an output as an object that fits `output_schema(output_type)`."""
    value = _encodable(as_json(output))
    return {OUTPUT: value} if is_wrapped(output_type) else cast("dict[str, Any]", value)


def _encodable(value: object) -> object:
    """Return a JSON value without halves of surrogate pairs, which the SDK cannot send."""
    match value:
        case str():
            return value.encode(errors="backslashreplace").decode()
        case dict():
            fields = cast("Mapping[str, object]", value).items()
            return {_encodable(name): _encodable(field) for name, field in fields}
        case list():
            return [_encodable(item) for item in cast("list[object]", value)]
        case _:
            return value


def answer(content: dict[str, Any], note: str = "") -> CallToolResult:
    """Return a result that costs nothing and has no files, with a note if there is one."""
    blocks: list[ContentBlock] = [TextContent(text=quoting.as_text(content))]
    if note:
        blocks.append(TextContent(text=quoting.message(note)))
    return CallToolResult(content=blocks, structured_content=content)


def success(
    output: object, output_type: Any, note: str, saved: Sequence[SavedFile]
) -> CallToolResult:
    """Return the result of a call.

    Args:
        output: The output of the endpoint.
        output_type: Its type.
        note: A sentence about the request and its cost.
        saved: The files that were saved in the server's folder.
    """
    content = structured(output, output_type)
    blocks: list[ContentBlock] = [
        TextContent(text=quoting.as_text(content)),
        TextContent(text=quoting.message(note)),
    ]
    blocks += [_link(file) for file in files_of(output) if _is_linked(file)]
    blocks += [each.block() for each in saved]
    return CallToolResult(content=blocks, structured_content=content)


def failure(text: str) -> CallToolResult:
    """Return the result of a call that failed."""
    return CallToolResult(content=[TextContent(text=quoting.message(text))], is_error=True)


@dataclass(frozen=True)
class SavedFile:
    """A file of a result that was saved, or the reason why it was not."""

    path: Path | None
    reason: str = ""

    def block(self) -> ContentBlock:
        """Return the content that shows it."""
        if self.path is None:
            return TextContent(text=quoting.message(f"A file was not saved: {self.reason}"))
        return ResourceLink(
            name=quoting.visible(self.path.name),
            uri=self.path.as_uri(),
            description="The file, saved in the server's folder.",
        )


async def save_files(output: object, folder: Path) -> list[SavedFile]:
    """Save the files of an output in a folder, under free names."""
    return [await _save(file, folder) for file in files_of(output)]


async def _save(file: File, folder: Path) -> SavedFile:
    try:
        return SavedFile(await file.download_async(folder))
    except (FalError, OSError) as error:
        return SavedFile(None, line(str(error)))


def _is_linked(file: File) -> bool:
    """Return whether a link to a file is of use. A data URL is in the output already."""
    return file.url.lower().startswith(("https://", "http://"))


def _link(file: File) -> ResourceLink:
    name = name_from(file.file_name or urlsplit(file.url).path)
    return ResourceLink(
        name=quoting.visible(name),
        uri=quoting.visible(file.url),
        mime_type=quoting.visible(file.content_type or content_type_of(name) or UNKNOWN_TYPE),
        size=file.file_size,
    )
