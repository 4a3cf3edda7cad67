"""Many requests: fed to fal's queue a few at a time, and taken up again after a restart."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sized
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic

from pydantic_core import to_jsonable_python

from . import submission
from .commands import NEVER, Flow
from .errors import FalError, SubmissionUncertain
from .files import LocalFile
from .job import Watch, known_job
from .operation import Output
from .options import JobOptions
from .request import Request


@dataclass(frozen=True)
class Outcome(Generic[Output]):
    """How one request of a batch ended: with its output or its error."""

    index: int
    """The request's place in the batch, from 0."""
    request: Request[Output]
    output: Output | None
    error: FalError | None


class Ledger:
    """The ids of a batch's requests, in a file of JSON lines, so that none is submitted again.

    The id is empty where no answer told it. Equal requests are told apart by their order.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self._lock = threading.Lock()
        self._ids: defaultdict[str, list[str]] = defaultdict(list)
        if self._path.exists():
            for line in self._path.read_text("utf-8").splitlines():
                entry = json.loads(line)
                self._ids[entry["request"]].append(entry["request_id"])

    def take(self, key: str) -> str | None:
        """Return the id under which the next request of this key was submitted, if it was."""
        with self._lock:
            ids = self._ids[key]
            return ids.pop(0) if ids else None

    def note(self, key: str, request_id: str) -> None:
        """Write down that a request was submitted."""
        line = json.dumps({"request": key, "request_id": request_id})
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")


def batch(
    requests: Iterable[Request[Output]], ledger: Ledger | None, options: JobOptions
) -> Iterator[Flow[Outcome[Output]]]:
    """Yield the flow of each request, when it is wanted."""
    for index, request in enumerate(requests):
        yield _outcome(index, request, ledger, options)


def _outcome(
    index: int, request: Request[Output], ledger: Ledger | None, options: JobOptions
) -> Flow[Outcome[Output]]:
    try:
        output = yield from _output(request, ledger, options)
    except FalError as error:
        return Outcome(index, request, None, error)
    return Outcome(index, request, output, None)


def _output(request: Request[Output], ledger: Ledger | None, options: JobOptions) -> Flow[Output]:
    # The jobs are looked at now and then, because a thread that reads a stream cannot be stopped.
    operation, arguments = request.operation, request.arguments
    if ledger is None:
        return (yield from submission.subscribe(operation, arguments, follow=False, **options))
    key = _key(request)
    request_id = ledger.take(key)
    if request_id is None:
        try:
            job = yield from submission.submit(operation, arguments, NEVER, **options)
        except SubmissionUncertain:
            ledger.note(key, "")
            raise
        ledger.note(key, job.request_id)
    elif request_id:
        job = known_job(operation, request_id)
    else:
        raise SubmissionUncertain(
            "submitted by an earlier batch, which got no answer; to submit it again, take its "
            f"line out of the ledger ({key})",
            operation.about(),
        )
    return (yield from job.result(Watch(follow=False)))


def _key(request: Request[Any]) -> str:
    def name(value: Any) -> Any:
        if not isinstance(value, LocalFile):
            return to_jsonable_python(value)
        if isinstance(value.source, bytes):
            return hashlib.sha256(value.source).hexdigest()
        return str(getattr(value.source, "name", value.source))

    content = [request.operation.endpoint_id, request.arguments]
    return hashlib.sha256(json.dumps(content, default=name, sort_keys=True).encode()).hexdigest()


class Progress:
    """A line on the terminal that counts a batch's outcomes; nothing where there is no terminal."""

    def __init__(self, requests: object) -> None:
        self._total = f"/{len(requests)}" if isinstance(requests, Sized) else ""
        self._done = self._failed = 0
        self._is_shown = sys.stderr.isatty()

    def count(self, outcome: Outcome[Any]) -> None:
        """Count one more."""
        self._done += 1
        self._failed += outcome.error is not None
        if self._is_shown:
            line = f"\r{self._done}{self._total} done, {self._failed} failed"
            print(line, end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Leave the line."""
        if self._is_shown and self._done:
            print(file=sys.stderr)
