"""Interrupted uploads in parts, which the next upload of the same file continues."""

from __future__ import annotations

from collections.abc import Generator, Hashable
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..errors import APIError, RateLimitError

if TYPE_CHECKING:
    from .multipart import PartialUpload

_MOST = 32
"""The most unfinished uploads that a client remembers."""


class UnfinishedUploads:
    """The unfinished uploads of a client, by what the storage was asked for."""

    def __init__(self) -> None:
        self._uploads: dict[Hashable, PartialUpload] = {}

    def take(self, key: Hashable) -> PartialUpload | None:
        """Remove and return an unfinished upload, so that nobody else continues it."""
        return self._uploads.pop(key, None)

    @contextmanager
    def kept_if_interrupted(
        self, key: Hashable, upload: PartialUpload
    ) -> Generator[None, None, None]:
        """Remember an upload if it fails, unless the storage rejects it."""
        try:
            yield
        except APIError as error:
            if is_passing(error):
                self._keep(key, upload)
            raise
        except BaseException:
            self._keep(key, upload)
            raise

    def _keep(self, key: Hashable, upload: PartialUpload) -> None:
        self._uploads[key] = upload
        for oldest in list(self._uploads)[:-_MOST]:
            self._uploads.pop(oldest, None)


def is_passing(error: APIError) -> bool:
    """Return whether the storage may accept the rest of an upload later."""
    return error.status_code >= 500 or isinstance(error, RateLimitError)
