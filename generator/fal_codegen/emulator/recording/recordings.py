"""Recordings: exchanges with fal, each in a JSON file that people can read.

    0001-submit.json  0002-status.json  0003-status.json  0004-result.json

A name consists of the number of the request and its operation, never of anything that a request or
an answer contains.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

from typing_extensions import assert_never

from fal_codegen.document.json_values import is_number
from fal_codegen.emulator.json_bodies import NotJson, encode, parse
from fal_codegen.errors import UsageError
from fal_codegen.project.atomic_files import write_atomic

__all__ = [
    *("Body", "Data", "Digest", "Ending", "Event", "Events", "Exchange", "Json", "RecordedAnswer"),
    *("RecordedRequest", "Text", "content_of", "read_recordings", "recording_files", "write"),
]

_NAME = re.compile(r"[0-9]{4,}-[a-z]+\.json")

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""Names of headers (RFC 9110, section 5.6.2)."""

_OF_CONNECTIONS = frozenset(
    {"connection", "content-encoding", "content-length", "transfer-encoding", "upgrade"}
)
"""Headers of an answer that depend on how it is sent. The server sets them, and no recording has
them."""

_LONGEST = 1_000_000
"""Seconds of a recorded wait; an event loop cannot sleep for any number of them."""

Ending: TypeAlias = Literal["complete", "cut", "dropped"]
"""Whether the answer was whole, ended in the middle of its body, or never began."""


@dataclass(frozen=True)
class Json:
    """A body of JSON."""

    value: Any


@dataclass(frozen=True)
class Text:
    """A body of other text, which may be empty."""

    text: str


@dataclass(frozen=True)
class Data:
    """A binary body, such as an image."""

    content: bytes


@dataclass(frozen=True)
class Digest:
    """The binary body of a request, such as an upload, of which only the identity matters."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Event:
    """A part of a stream of events."""

    after: float
    """Seconds since the answer began."""
    text: str


@dataclass(frozen=True)
class Events:
    """A body of server-sent events."""

    events: tuple[Event, ...]


Body: TypeAlias = Json | Text | Data | Digest | Events


@dataclass(frozen=True)
class RecordedRequest:
    """A request, as fal received it, without secrets."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: Body


@dataclass(frozen=True)
class RecordedAnswer:
    """An answer, as fal gave it, without secrets."""

    after: float
    """Seconds between the request and the start of the answer."""
    status: int
    """0 if the connection was dropped instead."""
    headers: Mapping[str, str]
    body: Body
    ending: Ending = "complete"


@dataclass(frozen=True)
class Exchange:
    """A request and its answer."""

    number: int
    operation: str
    request: RecordedRequest
    answer: RecordedAnswer

    @property
    def file_name(self) -> str:
        """Return the name of its file."""
        return f"{self.number:04}-{self.operation}.json"


def write(folder: Path, exchange: Exchange) -> None:
    """Write an exchange to its file, which is whole or absent."""
    request, answer = exchange.request, exchange.answer
    content = {
        "operation": exchange.operation,
        "request": {
            "method": request.method,
            "url": request.url,
            "headers": dict(request.headers),
            **_as_json(request.body),
        },
        "answer": {
            "after": round(answer.after, 3),
            "status": answer.status,
            "ending": answer.ending,
            "headers": dict(answer.headers),
            **_as_json(answer.body),
        },
    }
    text = json.dumps(content, ensure_ascii=False, indent=2).encode("utf-8", "replace").decode()
    write_atomic(folder / exchange.file_name, text + "\n")


def recording_files(folder: Path) -> list[Path]:
    """Return the files of a folder's recordings, in the order of their requests."""
    if not folder.is_dir():
        return []
    files = [path for path in folder.iterdir() if _NAME.fullmatch(path.name)]
    return sorted(files, key=lambda path: (_number(path), path.name))


def read_recordings(folder: Path) -> list[Exchange]:
    """Read every recording of a folder, in the order of their requests.

    Raises:
        UsageError: The folder has no recordings, or one of them cannot be read.
    """
    files = recording_files(folder)
    if not files:
        raise UsageError(
            f"{folder} has no recordings", hint=f"make some: fal-codegen emulate --record {folder}"
        )
    return [_read(path) for path in files]


def content_of(body: Body) -> bytes:
    """Return the bytes of a body. A digest has none."""
    match body:
        case Json():
            return encode(body.value)
        case Text():
            return body.text.encode("utf-8", "replace")
        case Data():
            return body.content
        case Digest():
            return b""
        case Events():
            return "".join(event.text for event in body.events).encode("utf-8", "replace")
        case _:
            assert_never(body)


def _number(path: Path) -> int:
    return int(path.name.partition("-")[0])


def _as_json(body: Body) -> dict[str, Any]:
    """Return the member of a file that holds a body."""
    match body:
        case Json():
            return {"json": body.value}
        case Text():
            return {"text": body.text} if body.text else {}
        case Data():
            return {"base64": base64.b64encode(body.content).decode()}
        case Digest():
            return {"file": {"sha256": body.sha256, "size": body.size}}
        case Events():
            events = [{"after": round(e.after, 3), "text": e.text} for e in body.events]
            return {"events": events}
        case _:
            assert_never(body)


def _read(path: Path) -> Exchange:
    try:
        if not path.is_file():  # a device may be endless
            raise ValueError("it is not a regular file")
        content = parse(path.read_bytes())
        request, answer = content["request"], content["answer"]
        urlsplit(request["url"])
        ending = _ending(answer["ending"])
        status, body = _status(answer["status"], ending), _body(answer)
        if status in (204, 304) and content_of(body):  # RFC 9110, section 6.4.1
            raise ValueError(f"an answer with the status {status} has no body")
        return Exchange(
            _number(path),
            content["operation"],
            RecordedRequest(
                _string(request["method"]),
                _string(request["url"]),
                _headers(request["headers"]),
                _body(request),
            ),
            RecordedAnswer(
                _seconds(answer["after"]),
                status,
                _answer_headers(answer["headers"]),
                body,
                ending,
            ),
        )
    except OSError as error:
        reason = error.strerror or str(error)
    except KeyError as error:
        reason = f"it has no {error}"
    except NotJson as error:
        reason = error.reason
    except (AttributeError, TypeError, ValueError, binascii.Error) as error:
        reason = str(error)
    raise UsageError(f"{path} is not a recording: {reason}", hint="delete it, and record it again")


def _body(side: Mapping[str, Any]) -> Body:
    if "json" in side:
        return Json(side["json"])
    if "base64" in side:
        return Data(base64.b64decode(side["base64"], validate=True))
    if "file" in side:
        return Digest(_string(side["file"]["sha256"]), int(side["file"]["size"]))
    if "events" in side:
        return Events(
            tuple(Event(_seconds(e["after"]), _string(e["text"])) for e in side["events"])
        )
    return Text(_string(side.get("text", "")))


def _headers(headers: Mapping[str, Any]) -> dict[str, str]:
    return {_header_name(name): _header(value) for name, value in headers.items()}


def _answer_headers(headers: Mapping[str, Any]) -> dict[str, str]:
    read = _headers(headers)
    for name in read:
        if name.lower() in _OF_CONNECTIONS:
            raise ValueError(f"an answer cannot set the header {name}")
    return read


def _header_name(name: str) -> str:
    if not _TOKEN.fullmatch(name):
        raise ValueError(f"{name!a} is not the name of a header")
    return name


def _header(value: object) -> str:
    text = _string(value)
    if not text.isascii() or not text.isprintable():
        raise ValueError("a header has a character that HTTP does not allow")
    return text


def _status(value: object, ending: Ending) -> int:
    statuses = (0,) if ending == "dropped" else range(200, 600)
    if type(value) is not int or value not in statuses:
        raise ValueError(f"{value!r} is not the status of an answer")
    return value


def _seconds(value: object) -> float:
    if not is_number(value) or not 0 <= value < _LONGEST:
        raise ValueError(f"{value!r} is not a number of seconds")
    return float(value)


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a string")
    return value


def _ending(value: object) -> Ending:
    match value:
        case "complete" | "cut" | "dropped":
            return value
        case _:
            raise ValueError(f"{value!r} is not an ending")
