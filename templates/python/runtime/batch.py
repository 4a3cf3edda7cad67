"""Many requests: fed to fal's queue a few at a time, and taken up again after a restart."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sized
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Generic

from pydantic_core import to_jsonable_python

from . import submission
from .errors import ConfigurationError, FalError, SubmissionUncertain
from .files import LocalFile
from .io import Io
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
    """What became of a batch's requests, in a file of JSON lines, so that none is submitted twice.

    A line without `request_id` says that the request is about to be sent. The next one says under
    which id it was accepted, or `null` if it certainly was not. Each is on the disk before anything
    else happens, so a process that is killed leaves at worst a request of which no more is known
    than that it may have been sent. Equal requests are told apart by their order.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._file = Path(path).open("a+", encoding="utf-8", errors="replace")  # noqa: SIM115
        self._thread = threading.Lock()
        self._ids: defaultdict[str, deque[str]] = defaultdict(deque)
        self._unsettled: defaultdict[str, int] = defaultdict(int)
        try:
            _lock(self._file.fileno())
        except OSError as error:
            self._file.close()
            raise ConfigurationError(f"another batch is using {path} ({error.strerror})") from error
        self._file.seek(0)
        line = "\n"
        for line in self._file:
            try:
                entry = json.loads(line)
                key, request_id = str(entry["request"]), entry.get("request_id")
            except (ValueError, TypeError, KeyError):
                continue  # a process was killed while it wrote, before it did what the line says
            self._unsettled[key] += -1 if "request_id" in entry else 1
            if request_id:
                self._ids[key].append(request_id)
        if not line.endswith("\n"):
            self._file.write("\n")

    def close(self) -> None:
        """Let others use the ledger."""
        self._file.close()

    def take(self, key: str) -> str | None:
        """Return the id of the next request of this key; empty if it is unknown, None if unsent."""
        with self._thread:
            if self._ids[key]:
                return self._ids[key].popleft()
            self._unsettled[key] -= 1
            return "" if self._unsettled[key] >= 0 else None

    def note(self, key: str, sending: bool) -> None:
        """Write down that a request is about to be sent, or that it was not accepted."""
        self.write({"request": key} if sending else {"request": key, "request_id": None})

    def write(self, entry: dict[str, str | None]) -> None:
        """Write a line, and see it onto the disk."""
        with self._thread:
            self._file.write(f"{json.dumps(entry)}\n")
            self._file.flush()
            os.fsync(self._file.fileno())


def _lock(descriptor: int) -> None:
    """Keep other processes, and other batches of this one, from the file until it is closed."""
    if sys.platform == "win32":
        import msvcrt

        os.lseek(descriptor, 1 << 30, os.SEEK_SET)  # a byte that nobody reads or writes
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class Batch(Generic[Output]):
    """The requests of one `map`, its ledger, and on a terminal a line that counts the outcomes."""

    def __init__(
        self,
        requests: Iterable[Request[Output]],
        ledger: str | os.PathLike[str] | None,
        options: JobOptions,
    ) -> None:
        self._requests = requests
        self._ledger = None if ledger is None else Ledger(ledger)
        self._options = options
        self._done = self._failed = 0

    def flows(self) -> Iterator[Callable[[Io], Coroutine[Any, Any, Outcome[Output]]]]:
        """Yield the flow of each request, when it is wanted."""
        for index, request in enumerate(self._requests):
            yield partial(self._outcome, index=index, request=request)

    def counted(self, outcome: Outcome[Output]) -> Outcome[Output]:
        """Count an outcome that is handed out."""
        self._done += 1
        self._failed += outcome.error is not None
        if sys.stderr.isatty():
            total = f"/{len(self._requests)}" if isinstance(self._requests, Sized) else ""
            line = f"\r{self._done}{total} done, {self._failed} failed"
            print(line, end="", file=sys.stderr, flush=True)
        return outcome

    def close(self) -> None:
        """Let go of the ledger, and leave the line."""
        if self._ledger is not None:
            self._ledger.close()
        if self._done and sys.stderr.isatty():
            print(file=sys.stderr)

    async def _outcome(self, io: Io, index: int, request: Request[Output]) -> Outcome[Output]:
        # The jobs are looked at now and then, as a thread that reads a stream cannot be stopped.
        operation, arguments = request.operation, request.arguments
        try:
            if self._ledger is None:
                output = await submission.subscribe(
                    io, operation, arguments, follow=False, **self._options
                )
            else:
                output = await self._output(io, self._ledger, request)
        except FalError as error:
            return Outcome(index, request, None, error)
        return Outcome(index, request, output, None)

    async def _output(self, io: Io, ledger: Ledger, request: Request[Output]) -> Output:
        operation, key = request.operation, _key(request)
        request_id = ledger.take(key)
        if request_id == "":
            raise SubmissionUncertain(
                "sent by an earlier batch, which got no answer; to send it again, take the line "
                f"of {key} that no request_id follows out of the ledger",
                operation.about(),
            )
        if request_id:
            job = known_job(operation, request_id)
        else:
            note = partial(ledger.note, key)
            job = await submission.submit(
                io, operation, request.arguments, note=note, **self._options
            )
            ledger.write({"request": key, "request_id": job.request_id})
        return await job.result(io, Watch(follow=False, is_new=not request_id))


def _key(request: Request[Any]) -> str:
    def name(value: Any) -> Any:
        if not isinstance(value, LocalFile):
            return to_jsonable_python(value)
        if isinstance(value.source, bytes):
            return hashlib.sha256(value.source).hexdigest()
        return str(getattr(value.source, "name", value.source))

    content = [request.operation.endpoint_id, request.arguments]
    return hashlib.sha256(json.dumps(content, default=name, sort_keys=True).encode()).hexdigest()
