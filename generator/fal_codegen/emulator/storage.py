"""Files: what is uploaded, and what results point at, kept in a temporary folder."""

from __future__ import annotations

import hashlib
import mimetypes
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote, unquote

from fal_codegen.emulator.placeholders import PLACEHOLDER_SIZE, placeholder

__all__ = ["Storage", "StoredFile", "localise"]


@dataclass(frozen=True)
class StoredFile:
    """A file that can be served."""

    path: Path
    content_type: str


@dataclass
class _Multipart:
    """A file that arrives in parts, each kept in a file of its own until all are there."""

    name: str
    content_type: str
    parts: dict[int, Path] = field(default_factory=dict)


class Storage:
    """What the CDN holds. A name is what follows `/files/` in a URL, unquoted."""

    def __init__(self) -> None:
        self._folder: TemporaryDirectory[str] | None = None
        self._expected: dict[str, str] = {}
        self._files: dict[str, StoredFile] = {}
        self._multiparts: dict[str, _Multipart] = {}

    def clear(self) -> None:
        """Forget every file, and remove them all from disk."""
        self._expected.clear()
        self._files.clear()
        self._multiparts.clear()
        if self._folder:
            self._folder.cleanup()
            self._folder = None

    def expect(self, file_name: str, content_type: str) -> str:
        """Return the name under which a file may be uploaded."""
        name = f"{secrets.token_hex(8)}/{file_name.replace('/', '_')}"
        self._expected[name] = content_type
        return name

    async def receive(
        self, name: str, content_type: str | None, body: AsyncIterator[bytes]
    ) -> bool:
        """Take in a file; False when nothing was to be uploaded under that name."""
        if name not in self._expected:
            return False
        path = await self._write(body)
        self._files[name] = StoredFile(path, content_type or self._expected[name])
        return True

    def expect_parts(self, file_name: str, content_type: str) -> tuple[str, str]:
        """Return the name of a file that will come in parts, and the id of its upload."""
        name = self.expect(file_name, content_type)
        upload_id = secrets.token_hex(8)
        self._multiparts[upload_id] = _Multipart(name, content_type)
        return name, upload_id

    async def receive_part(
        self, name: str, upload_id: str, number: int, body: AsyncIterator[bytes]
    ) -> str | None:
        """Take in one part and return its ETag; None when there is no such upload."""
        upload = self._multiparts.get(upload_id)
        if upload is None or upload.name != name:
            return None
        path = await self._write(body)
        upload.parts[number] = path
        return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()

    def complete_parts(self, name: str, upload_id: str, numbers: list[int]) -> bool:
        """Join the parts in the order given; False if the upload or one of its parts is unknown."""
        upload = self._multiparts.get(upload_id)
        if upload is None or upload.name != name or any(n not in upload.parts for n in numbers):
            return False
        path = self._new_path()
        with path.open("wb") as whole:
            for number in numbers:
                whole.write(upload.parts[number].read_bytes())
        for part in upload.parts.values():
            part.unlink()
        self._files[name] = StoredFile(path, upload.content_type)
        del self._multiparts[upload_id]
        return True

    def find(self, name: str) -> StoredFile | None:
        """Return a file that was uploaded, or the placeholder for one that a result points at."""
        if name.startswith("results/") and name not in self._files:
            self._files[name] = self._placeholder(name)
        return self._files.get(name)

    def _placeholder(self, name: str) -> StoredFile:
        """Make up a file for a result: its type and its bytes depend on its name alone."""
        path = self._new_path()
        content_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        path.write_bytes(placeholder(name, content_type))
        return StoredFile(path, content_type)

    async def _write(self, body: AsyncIterator[bytes]) -> Path:
        path = self._new_path()
        with path.open("wb") as file:
            async for chunk in body:
                file.write(chunk)
        return path

    def _new_path(self) -> Path:
        if self._folder is None:
            self._folder = TemporaryDirectory(prefix="fal-emulator-", ignore_cleanup_errors=True)
        return Path(self._folder.name, secrets.token_hex(16))


def localise(result: Any, url: Callable[[str], str]) -> Any:
    """Point every file of a result at the emulator, so that it can be downloaded.

    Documents' examples point at genuine files of fal's; the local ones keep the file name.
    `url` makes an absolute URL of a path.
    """
    if isinstance(result, list):
        return [localise(item, url) for item in result]
    if isinstance(result, dict):
        local = {name: localise(value, url) for name, value in result.items()}
        if local.get("url") != result.get("url") and isinstance(result.get("file_size"), int):
            local["file_size"] = PLACEHOLDER_SIZE
        return local
    if isinstance(result, str) and result.startswith(("https://", "http://")):
        name = unquote(result.partition("?")[0].rpartition("/")[2]) or "file"
        where = hashlib.sha256(result.encode()).hexdigest()[:8]
        return url(f"/files/results/{where}/{quote(name, safe='')}")
    return result
