"""A local file on its way to fal's storage, and the requests that carry it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal, NamedTuple

from ..errors import Subject, UnexpectedResponse, ValidationError
from ..handling_options import FileOptions
from ..json_values import json_object
from ..local_file import Content, Unreadable
from ..problems import Problem, problem_at
from ..progress import OnProgress, Progress
from ..transport.io import Deadline, HttpRequest, Io, OnSent
from .connection import Connection
from .option_headers import upload_headers_of
from .policies import READ
from .responses import body_of
from .retry import ask

CDN, FALLBACK = "fal-cdn-v3", "gcs"
"""fal's names of its storages."""


class Meter:
    """Counts the bytes of a file as its parts are sent, and reports them to the caller."""

    def __init__(self, file_name: str, total: int, on_progress: OnProgress | None) -> None:
        self._file_name, self._total, self._report = file_name, total, on_progress
        self._sent: dict[int, int] = {}
        self._lock = threading.Lock()

    def part(self, number: int) -> OnSent:
        """Return the function that takes the bytes sent of a part."""
        return partial(self._take, number)

    def _take(self, number: int, sent: int) -> object:
        if self._report is None:
            return None
        with self._lock:  # your own HTTP client sends each part in a thread
            self._sent[number] = sent
            return self._report(Progress(self._file_name, sum(self._sent.values()), self._total))


class Destination(NamedTuple):
    """Where a file is uploaded to. The URLs are signed: they need no key."""

    upload_url: str
    file_url: str
    """The URL of the file once it is uploaded."""


@dataclass(frozen=True)
class UploadFile:
    """A local file to upload, its location for errors, and what the caller asked for."""

    content: Content
    path: tuple[str | int, ...]
    subject: Subject
    connection: Connection
    deadline: Deadline
    options: FileOptions
    on_progress: OnProgress | None = None

    def data_uri(self) -> str:
        """Return the whole content as a data URI."""
        try:
            return self.content.data_uri()
        except Unreadable as error:
            raise self._invalid(error) from error

    def read(self, start: int, size: int) -> Iterator[bytes]:
        """Yield a part of the content in pieces."""
        try:
            yield from self.content.read(start, size)
        except Unreadable as error:
            raise self._invalid(error) from error

    def check_unchanged(self) -> None:
        """Raise ValidationError if the file has changed since it was measured."""
        for _ in self.read(self.content.size, 0):
            pass

    def initiation(
        self, kind: Literal["initiate", "initiate-multipart"], storage: str = CDN
    ) -> HttpRequest:
        """Return the request for a destination."""
        url = f"{self.connection.addresses.rest}/storage/upload/{kind}?storage_type={storage}"
        description = {
            "file_name": self.content.file_name,
            "content_type": self.content.content_type,
        }
        return HttpRequest(
            "POST",
            url,
            headers={"Content-Type": "application/json", **upload_headers_of(self.options)},
            body=json.dumps(description).encode(),
            auth=self.connection.key_for(url, self.subject),
            subject=self.subject,
        )

    async def destination(self, io: Io, initiation: HttpRequest) -> Destination:
        """Return the destination that fal assigns."""
        # Safe to repeat: a second initiation only leaves an unused URL behind.
        body = json_object(body_of(await ask(io, initiation, READ, self.deadline)))
        upload_url, file_url = body.get("upload_url"), body.get("file_url")
        if (
            isinstance(upload_url, str)
            and self.connection.addresses.accepts(upload_url)
            and isinstance(file_url, str)
        ):
            return Destination(upload_url, file_url)
        raise UnexpectedResponse("the storage returned no upload URL", body, self.subject)

    def put(
        self, url: str, body: Callable[[], Iterator[bytes]], size: int, on_sent: OnSent
    ) -> HttpRequest:
        """Return the request that sends `size` bytes of the content."""
        headers = {"Content-Type": self.content.content_type, "Content-Length": str(size)}
        return HttpRequest("PUT", url, headers, body, subject=self.subject, on_sent=on_sent)

    def meter(self) -> Meter:
        """Return a new counter of the bytes that were sent."""
        return Meter(self.content.file_name, self.content.size, self.on_progress)

    def _invalid(self, error: Unreadable) -> ValidationError:
        problem = unreadable(self.path, self.content.source, error, self.subject)
        return ValidationError([problem], self.subject)


def unreadable(
    path: tuple[str | int, ...], source: object, error: Unreadable, subject: Subject
) -> Problem:
    """Return the problem of a file that cannot be read."""
    return problem_at(path, f"cannot be read: {error}", "file_input", source, subject.model)
