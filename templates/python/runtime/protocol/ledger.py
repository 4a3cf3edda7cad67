"""The file that records the state of each request of a batch."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple, cast

from ..disk.links import link
from ..disk.locks import lock, unlock
from ..disk.regular_files import open_regular
from ..errors import ConfigurationError
from ..json_values import json_object
from ..response_details import ResponseDetails, ResponseHeaders, known_number
from ..text import line as on_one_line
from .request_id import is_request_id

_START = b'{"format": "fal_endpoints ledger", "version": 1'
_LONGEST_HEADER = 1000  # bytes

Event = Literal["sending", "refused", "accepted", "succeeded", "failed"]

_DIGEST = re.compile(r"[0-9a-f]{64}")

_Check = Callable[[object], bool]


def _is_string(value: object) -> bool:
    return isinstance(value, str)


def _is_anything(value: object) -> bool:
    return True


def _is_error(value: object) -> bool:
    return isinstance(value, dict) and _fits(cast("dict[str, object]", value), _ERROR)


def _are_headers(value: object) -> bool:
    return isinstance(value, dict) and all(
        map(_is_string, cast("dict[str, object]", value).values())
    )


def _is_status_code(value: object) -> bool:
    return type(value) is int


def _is_time(value: object) -> bool:
    return value is None or known_number(value) is not None


def _is_response(value: object) -> bool:
    return isinstance(value, dict) and _fits(cast("dict[str, object]", value), _RESPONSE)


_KEY: dict[str, _Check] = {
    "request": lambda value: isinstance(value, str) and _DIGEST.fullmatch(value) is not None,
    "nth": lambda value: type(value) is int and value >= 0,
}
_RESPONSE: dict[str, _Check] = {"status_code": _is_status_code, "headers": _are_headers}
_ERROR: dict[str, _Check] = {
    "message": _is_string,
    "body": _is_anything,
    "error_type": lambda value: value is None or isinstance(value, str),
    **_RESPONSE,
}
_FIELDS: dict[str, dict[str, _Check]] = {
    "sending": {"endpoint": _is_string, "arguments": _is_string, "at": _is_string},
    "refused": {},
    "accepted": {"request_id": is_request_id},
    "succeeded": {"request_id": is_request_id, "output": _is_anything},
    "failed": {"request_id": is_request_id, "error": _is_error},
}
"""The fields of each event, besides the key of the request."""
_LATER_FIELDS: dict[str, _Check] = {
    "response": _is_response,
    "inference_time": _is_time,
    "queue_time": _is_time,
}
"""Fields of events, errors and responses that ledgers of earlier versions lack."""


def _fits(entry: dict[str, object], fields: dict[str, _Check]) -> bool:
    checks = {**fields, **_LATER_FIELDS}
    return fields.keys() <= entry.keys() and all(
        is_valid(entry[name]) for name, is_valid in checks.items() if name in entry
    )


class EntryKey(NamedTuple):
    """The key of a request: the digest of its content, and the number of equal ones before it."""

    request: str
    nth: int

    def __str__(self) -> str:
        return f"{self.request[:12]}-{self.nth}"


def request_digest(endpoint_id: str, arguments: object, files: Iterable[object] = ()) -> str:
    """Return the digest of a request: of its arguments, in which files are null, and its files."""
    content = json.dumps([endpoint_id, arguments, [*files]], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


@dataclass(frozen=True)
class LedgerJob:
    """A job in a ledger, which fal accepted or may have accepted."""

    key: EntryKey
    endpoint_id: str
    request_id: str | None = None
    response: ResponseDetails | None = None
    """The details of the response with its end, if the ledger has it."""


class LedgerFile:
    """A file of JSON lines: a header, and a line for each event.

    The header names the server, so that a batch does not take the outcomes of another server, such
    as an emulator.

    Each line is synced to disk before anything else happens: "sending" right before a request is
    sent, and then its outcome. A process that is killed leaves at worst an uncertain request. Only
    the last event of a request counts. The file appears together with its header, so an empty file
    is never a new ledger: it may be one whose content was lost.

    Args:
        path: The path of the file.
        server: The name of the server. A missing file is created only if this is given.
    """

    def __init__(self, path: str | os.PathLike[str], server: str | None = None) -> None:
        self.path = Path(path)
        self._name = on_one_line(str(path))
        self._server = server
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._counts = Counter[str]()
        self._last: dict[EntryKey, int] = {}
        """The offset of the last event of each request in the file."""
        try:
            if server is not None and not os.path.lexists(self.path):
                _create(self.path, server)
            self._file = _opened(self.path)
        except (OSError, ValueError) as error:
            raise self._failure("opened", error) from error
        try:
            self._keep_others_out()
            self._read()
        except OSError as error:
            self._file.close()
            raise self._failure("used", error) from error
        except BaseException:
            self._file.close()
            raise

    def close(self) -> None:
        """Close the ledger, and release it for others."""
        with self._lock:
            if not self._file.closed and os.getpid() == self._process:
                unlock(self._file.fileno())
            self._file.close()

    def next_key(self, request: str) -> EntryKey:
        """Return the key of the next request with a digest."""
        self._counts[request] += 1
        return EntryKey(request, self._counts[request] - 1)

    def keys(self) -> frozenset[EntryKey]:
        """Return the keys of the requests that have an event."""
        with self._lock:
            return frozenset(self._last)

    def last(self, key: EntryKey) -> dict[str, Any]:
        """Return the last event of a request; empty if there is none."""
        with self._lock:
            if key not in self._last:
                return {}
            self._file.seek(0, os.SEEK_END)  # or the buffered reader assumes a wrong position
            self._file.seek(self._last[key])
            return json_object(json.loads(self._file.readline()))

    def __iter__(self) -> Iterator[tuple[EntryKey, dict[str, Any]]]:
        """Yield the last event of each request."""
        for key in tuple(self._last):
            yield key, self.last(key)

    def jobs(self) -> list[LedgerJob]:
        """Return the jobs of all runs, also those that a later job for the same request replaced.

        Raises:
            ConfigurationError: The file cannot be read.
        """
        over: list[LedgerJob] = []
        running: dict[EntryKey, LedgerJob] = {}
        try:
            with self._lock:
                self._file.seek(0)
                self._file.readline(_LONGEST_HEADER)
                for line in self._file:
                    _follow(json_object(json.loads(line)), running, over)
        except (OSError, ValueError) as error:
            raise self._failure("read", error) from error
        return [*over, *running.values()]

    def record(self, key: EntryKey, event: Event, **fields: Any) -> None:
        """Write an event, and sync it to disk.

        Raises:
            ConfigurationError: The file cannot be written.
        """
        entry = {"event": event, "request": key.request, "nth": key.nth, **fields}
        with self._lock:
            try:
                line = f"{json.dumps(entry)}\n".encode()
                self._append(line)
            except (OSError, ValueError, RecursionError) as error:
                raise self._failure("written", error) from error
            self._last[key] = self._size
            self._size += len(line)

    def _keep_others_out(self) -> None:
        try:
            lock(self._file.fileno())
        except (BlockingIOError, PermissionError) as error:  # the second is that of Windows
            raise ConfigurationError(
                f"another batch is using {self._name}: wait for it, or use another ledger"
            ) from error
        except OSError as error:  # some network file systems have no locks
            raise self._failure("locked", error) from error

    def _read(self) -> None:
        header = self._file.readline(_LONGEST_HEADER)
        if _START.startswith(header):
            raise self._refusal(
                "it is empty or truncated; restore it from a copy, or delete it if no batch used it"
            )
        if not header.startswith(_START):
            raise self._refusal("it is not a ledger of this version; pass another path")
        self._check_header(header)
        self._size, last = len(header), header
        for number, line in enumerate(self._file, 2):
            if not line.endswith(b"\n") and not _is_json(line):
                # Cut off while it was written, so nothing happened after it.
                os.ftruncate(self._file.fileno(), self._size)
                break
            key = _key(line)
            if key is None:
                raise self._refusal(
                    f"its line {number} is damaged; restore it from a copy. Without one, remove "
                    "the line: its request may then be submitted, and billed, again"
                )
            self._last[key] = self._size
            self._size, last = self._size + len(line), line
        if not last.endswith(b"\n"):  # complete, but an editor or a copy left out its end
            self._append(b"\n")
            self._size += 1

    def require_server(self, server: str) -> None:
        """Raise ConfigurationError if the ledger has the outcomes of another server."""
        if self._server_in_file not in (None, server):
            made_with = on_one_line(str(self._server_in_file))
            raise self._refusal(
                f"it was made with the server {made_with}, and this client calls {server}: use "
                "another ledger. If both are the same server, change its name in the first line"
            )

    def _check_header(self, header: bytes) -> None:
        try:
            entry = json_object(json.loads(header))
        except (ValueError, RecursionError) as error:
            raise self._refusal("its header is damaged; restore it from a copy") from error
        if entry.get("version") != 1:  # for instance 10, which begins in the same way
            raise self._refusal("it is not a ledger of this version; pass another path")
        self._server_in_file: object = entry.get("server")
        if self._server is not None:
            self.require_server(self._server)

    def _refusal(self, reason: str) -> ConfigurationError:
        return ConfigurationError(f"{self._name} cannot be used as a ledger: {reason}")

    def _failure(self, done: str, error: Exception) -> ConfigurationError:
        reason = getattr(error, "strerror", None) or error
        return ConfigurationError(f"the ledger {self._name} cannot be {done} ({reason})")

    def _append(self, line: bytes) -> None:
        descriptor = self._file.fileno()
        try:
            rest = memoryview(line)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.fsync(descriptor)
        except OSError:
            with suppress(OSError):
                os.ftruncate(descriptor, self._size)
            raise


def _key(line: bytes) -> EntryKey | None:
    """Return the key of a line's request, or None if the line is not valid."""
    try:
        entry = json_object(json.loads(line))
        fields = _FIELDS[entry["event"]]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    is_valid = _fits(entry, _KEY) and _fits(entry, fields)
    return EntryKey(entry["request"], entry["nth"]) if is_valid else None


def _follow(
    entry: dict[str, Any], running: dict[EntryKey, LedgerJob], over: list[LedgerJob]
) -> None:
    """Bring the jobs up to date with the next event."""
    key = EntryKey(entry["request"], entry["nth"])
    job = running.pop(key, None)
    match entry["event"]:
        case "sending":
            if job is not None:  # its result had expired, and it was sent again
                over.append(job)
            running[key] = LedgerJob(key, entry["endpoint"])
        case "accepted":
            if job is not None:
                running[key] = replace(job, request_id=entry["request_id"])
        case "succeeded" | "failed":
            if job is not None:
                record = json_object(entry.get("response") or entry.get("error"))
                id = entry["request_id"]
                over.append(replace(job, request_id=id, response=restored_details(record, id)))
        case _:  # fal did not accept it
            pass


def restored_details(record: dict[str, Any], request_id: str | None) -> ResponseDetails:
    """Return the details of a record in a ledger; ledgers of earlier versions lack some."""
    return ResponseDetails(
        request_id,
        record.get("status_code"),
        ResponseHeaders(record.get("headers")),
        record.get("inference_time"),
        record.get("queue_time"),
    )


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _create(path: Path, server: str) -> None:
    """Create a ledger with its header at once, unless the path exists by then."""
    header = _START + f', "server": {json.dumps(server)}}}\n'.encode()
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        _write_new(temporary, header)
        with suppress(FileExistsError):
            if not link(temporary, path):
                _write_new(path, header)
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(path)


def _write_new(path: Path, content: bytes) -> None:
    """Write a file that must not exist yet, and sync it to disk."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags, 0o666), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _opened(path: Path) -> BinaryIO:
    """Open a file to read and to append. Raises OSError for anything but a regular file."""
    flags = os.O_RDWR | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
    return os.fdopen(open_regular(path, flags), "rb")


def _sync_folder(path: Path) -> None:
    """Sync the name of a new file to disk, where folders can be opened."""
    with suppress(OSError):
        descriptor = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
