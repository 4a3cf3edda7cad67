"""Uploaded files, kept in a temporary folder, up to a budget."""

from __future__ import annotations

import hashlib
import re
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from starlette.exceptions import HTTPException

from fal_codegen.emulator.folders import create_folder
from fal_codegen.emulator.limits import Limits, keep
from fal_codegen.temporary_folder import TemporaryFolder

__all__ = ["UNFIT", "FileStore", "StoredFile", "TooLarge"]

_SIZE_OF_FILE = 4096
"""Bytes that a file counts for besides its own, so that empty files are limited too."""

UNFIT = re.compile(r"[\x00-\x1f\x7f/\\]")
"""Characters that the name of a file must not have in a URL."""

_T = TypeVar("_T")


class TooLarge(HTTPException):
    """There is no room for a file, even without all older files."""

    def __init__(self, budget: int) -> None:
        super().__init__(413, f"The emulator keeps at most {budget} bytes")


@dataclass(frozen=True)
class StoredFile:
    """A file that can be served."""

    path: Path
    content_type: str
    size: int
    md5: str


@dataclass
class _Multipart:
    """An upload in parts; each part is a file until the upload is completed."""

    name: str
    content_type: str
    parts: dict[int, StoredFile] = field(default_factory=dict)


class FileStore:
    """The files of the CDN, by name: what follows `/files/` in a URL, unquoted."""

    def __init__(
        self, budget: int = Limits.files, *, announcements: int = Limits.announcements
    ) -> None:
        self.budget = budget
        self._announcements = announcements
        self._folder: TemporaryFolder | None = None
        self._used = 0
        self._expected: dict[str, str] = {}
        self._files: dict[str, StoredFile] = {}
        self._multiparts: dict[str, _Multipart] = {}

    def clear(self) -> None:
        """Remove every file, also from disk."""
        self._used = 0
        self._expected.clear()
        self._files.clear()
        self._multiparts.clear()
        if self._folder:
            self._folder.remove()
            self._folder = None

    def expect(self, file_name: str, content_type: str) -> str:
        """Return the name under which a file may be uploaded."""
        name = f"{secrets.token_hex(8)}/{UNFIT.sub('_', file_name)}"
        keep(self._expected, name, content_type, self._announcements)
        return name

    async def receive(
        self, name: str, content_type: str | None, body: AsyncIterator[bytes]
    ) -> bool:
        """Store a file; return False if no upload was announced under that name.

        Raises:
            TooLarge: There is no room for it.
        """
        if name not in self._expected:
            return False
        stored = await self._write(body, content_type or self._expected[name])
        self._replace(self._files, name, stored)
        return True

    def expect_parts(self, name: str) -> str:
        """Return the id with which an announced file may be uploaded in parts."""
        upload_id = secrets.token_hex(8)
        upload = _Multipart(name, self._expected[name])
        dropped = keep(self._multiparts, upload_id, upload, self._announcements)
        for part in dropped.parts.values() if dropped else ():
            self._remove(part)
        return upload_id

    async def receive_part(
        self, name: str, upload_id: str, number: int, body: AsyncIterator[bytes]
    ) -> str | None:
        """Store a part and return its ETag; None if there is no such upload.

        Raises:
            TooLarge: There is no room for it.
        """
        upload = self._multiparts.get(upload_id)
        if upload is None or upload.name != name:
            return None
        part = await self._write(body, upload.content_type)
        self._replace(upload.parts, number, part)
        return part.md5

    def complete_parts(self, name: str, upload_id: str, numbers: list[int]) -> bool:
        """Join the parts in the order given; False if the upload or one of its parts is unknown.

        Raises:
            TooLarge: There is no room for the whole.
        """
        upload = self._multiparts.get(upload_id)
        if upload is None or upload.name != name:
            return False
        parts = [upload.parts.get(number) for number in dict.fromkeys(numbers)]
        if not all(part and part.path.is_file() for part in parts):
            return False
        path = self._new_path()
        digest = hashlib.md5(usedforsecurity=False)
        size = 0
        with path.open("wb") as whole:
            for part in filter(None, parts):
                with part.path.open("rb") as file:
                    shutil.copyfileobj(file, whole)
                digest.update(part.md5.encode())
                size += part.size
        for part in upload.parts.values():
            self._remove(part)
        del self._multiparts[upload_id]
        self._make_room(size + _SIZE_OF_FILE)
        stored = StoredFile(path, upload.content_type, size, digest.hexdigest())
        self._replace(self._files, name, stored)
        return True

    def find(self, name: str) -> StoredFile | None:
        """Return a file that was uploaded."""
        file = self._files.get(name)
        return file if file and file.path.is_file() else None

    async def _write(self, body: AsyncIterator[bytes], content_type: str) -> StoredFile:
        path = self._new_path()
        digest = hashlib.md5(usedforsecurity=False)
        size, taken = 0, _SIZE_OF_FILE
        self._make_room(taken)
        try:
            with path.open("wb") as file:
                async for chunk in body:
                    self._make_room(len(chunk))
                    taken += len(chunk)
                    size += len(chunk)
                    file.write(chunk)
                    digest.update(chunk)
        except BaseException:  # also if the client disconnects
            self._used = max(self._used - taken, 0)  # it may have been cleared meanwhile
            path.unlink(missing_ok=True)
            raise
        return StoredFile(path, content_type, size, digest.hexdigest())

    def _make_room(self, size: int) -> None:
        """Reserve bytes of the budget; remove the oldest files if needed. Raises TooLarge."""
        while self._used + size > self.budget and self._files:
            self._remove(self._files.pop(next(iter(self._files))))
        if self._used + size > self.budget:
            raise TooLarge(self.budget)
        self._used += size

    def _replace(self, files: dict[_T, StoredFile], key: _T, file: StoredFile) -> None:
        if old := files.pop(key, None):
            self._remove(old)
        files[key] = file

    def _remove(self, file: StoredFile) -> None:
        with suppress(PermissionError):  # on Windows, while it is sent; its folder is removed later
            file.path.unlink(missing_ok=True)
        self._used = max(self._used - file.size - _SIZE_OF_FILE, 0)

    def _new_path(self) -> Path:
        if self._folder is None or not self._folder.path.is_dir():
            self._folder = create_folder()
        return self._folder.path / secrets.token_hex(16)
