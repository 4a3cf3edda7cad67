"""The only folder in which an agent's calls read and write files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, cast

from ..disk.regular_files import open_regular
from ..local_file import LocalFile

LOCAL_FILE = "local_file"
"""The only key of the object that stands for a local file. A string is never a path."""


class FileRejected(Exception):
    """The reason why a local file cannot be used."""


@dataclass(frozen=True)
class Folder:
    """A folder, without symbolic links in its own path."""

    path: Path

    def open(self, name: str) -> int:
        """Open a file for reading, and return its descriptor.

        Symbolic links may lead to other files in the folder, but not out of it.

        Raises:
            FileRejected: The file is not in the folder, or cannot be read.
        """
        paths = PurePosixPath(name), PureWindowsPath(name)
        if any(path.is_absolute() or path.drive or ".." in path.parts for path in paths):
            raise FileRejected("is not a path relative to the server's folder")
        try:
            target = self._inside(self.path / name)
            descriptor = open_regular(target, os.O_RDONLY)
            try:
                # What was checked may have been replaced by a link before it was opened.
                again = self._inside(target).stat(follow_symlinks=False)
                if not os.path.samestat(os.fstat(descriptor), again):
                    raise FileRejected("was replaced while it was opened")
            except BaseException:
                os.close(descriptor)
                raise
        except OSError as error:
            raise FileRejected(f"cannot be read: {error.strerror or 'it is no file'}") from error
        except (ValueError, RuntimeError) as error:  # a null byte; a loop of links
            raise FileRejected("cannot be read: it is not a valid path") from error
        return descriptor

    def _inside(self, path: Path) -> Path:
        """Return a path without links. Raises FileRejected if it is not in the folder."""
        resolved = path.resolve(strict=True)
        if not resolved.is_relative_to(self.path):
            raise FileRejected("is not in the server's folder")
        return resolved


def with_local_files(arguments: object, folder: Folder | None, opened: ExitStack) -> Any:
    """Return arguments in which each `{"local_file": …}` is the file of that name.

    Args:
        arguments: The arguments, as JSON.
        folder: The folder of the files; `None` rejects them all.
        opened: Closes the files.

    Raises:
        FileRejected: A file is not in the folder, or cannot be read.
    """
    match arguments:
        case dict():
            fields = cast("Mapping[str, object]", arguments)
            name = fields.get(LOCAL_FILE)
            if len(fields) == 1 and isinstance(name, str):
                return _local_file(name, folder, opened)
            return {key: with_local_files(value, folder, opened) for key, value in fields.items()}
        case list():
            items = cast("list[object]", arguments)
            return [with_local_files(item, folder, opened) for item in items]
        case _:
            return arguments


def _local_file(name: str, folder: Folder | None, opened: ExitStack) -> LocalFile:
    """Return a file of the folder, opened for reading."""
    if folder is None:
        raise FileRejected(
            f"{LOCAL_FILE} {name!a}: this server has no folder; pass a URL instead, or ask the "
            "user to restart the server with --folder"
        )
    try:
        file = opened.enter_context(os.fdopen(folder.open(name), "rb"))
    except FileRejected as error:
        raise FileRejected(f"{LOCAL_FILE} {name!a}: {error}") from error
    return LocalFile(file, file_name=PurePosixPath(name).name)
