"""Find the recording of a request: by its method, URL and normalised input, in recorded order."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import astuple
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from fal_codegen.document.pointers import escape
from fal_codegen.emulator.recording.recordings import Body, Exchange, Json, RecordedRequest

__all__ = ["Recordings"]

_MOST_DIFFERENCES = 3
"""Places at which a message says that two inputs differ."""


class Recordings:
    """The exchanges of a folder, each of which is played once.

    The last answer to a GET is repeated: a client may poll more often than it did before.
    """

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        self._left: dict[str, list[Exchange]] = defaultdict(list)
        self._all = list(exchanges)
        for exchange in self._all:
            self._left[_identity(exchange.request)].append(exchange)

    def take(self, request: RecordedRequest) -> Exchange | None:
        """Return the next recording of a request; None if there is none (left)."""
        left = self._left.get(_identity(request), [])
        if not left:
            return None
        is_repeated = request.method == "GET" and len(left) == 1
        return left[0] if is_repeated else left.pop(0)

    def explain(self, operation: str, request: RecordedRequest) -> str:
        """Return why there is no recording of a request, with the nearest one."""
        path = urlsplit(request.url)
        what = f"{request.method} {path.netloc}{path.path}"
        identity = _identity(request)
        same = [e.file_name for e in self._all if _identity(e.request) == identity]
        if same:
            count = "its recording is" if len(same) == 1 else f"its {len(same)} recordings are"
            return f"{what}: {count} already replayed (the last is {same[-1]})"
        nearest = self._nearest(operation, request)
        if nearest is None:
            return f"{what} is not recorded, and no other {operation} request is"
        differences = list(_differences(nearest.request, request))
        places = ", ".join(differences[:_MOST_DIFFERENCES])
        more = len(differences) - _MOST_DIFFERENCES
        places += f" and {more} more places" if more > 0 else ""
        return (
            f"{what} is not recorded; the nearest recording is {nearest.file_name}, "
            f"which differs in {places}"
        )

    def _nearest(self, operation: str, request: RecordedRequest) -> Exchange | None:
        def distance(exchange: Exchange) -> tuple[bool, int]:
            other_path = urlsplit(exchange.request.url).path != urlsplit(request.url).path
            return other_path, sum(1 for _ in _differences(exchange.request, request))

        alike = [exchange for exchange in self._all if exchange.operation == operation]
        return min(alike, key=distance, default=None)


def _identity(request: RecordedRequest) -> str:
    """Return what has to be equal for two requests to be the same: of an input, only its values."""
    url = urlsplit(request.url)
    query = sorted(parse_qsl(url.query, keep_blank_values=True))
    body = [type(request.body).__name__, *astuple(_normalised(request))]
    parts = [request.method, url.netloc, url.path, query, request.headers.get("range"), body]
    return json.dumps(parts, sort_keys=True, default=repr)


def _normalised(request: RecordedRequest) -> Body:
    """Return the input without the name of an upload, which is the time in @fal-ai/client."""
    match request.body:
        case Json(dict(announced)) if "/storage/upload/initiate" in request.url:
            return Json({name: announced[name] for name in announced if name != "file_name"})
    return request.body


def _differences(recorded: RecordedRequest, request: RecordedRequest) -> Iterator[str]:
    """Yield where two requests differ: parts of the URL, or JSON Pointers into the input."""
    first, second = urlsplit(recorded.url), urlsplit(request.url)
    if (first.netloc, first.path) != (second.netloc, second.path):
        yield "the path"
    if sorted(parse_qsl(first.query)) != sorted(parse_qsl(second.query)):
        yield "the query"
    if recorded.headers.get("range") != request.headers.get("range"):
        yield "the range"
    match _normalised(recorded), _normalised(request):
        case Json(one), Json(other):
            yield from _places(one, other, ())
        case one, other if one != other:
            yield "the body"


def _places(first: Any, second: Any, at: tuple[str, ...]) -> Iterator[str]:
    match first, second:
        case dict(), dict():
            for name in sorted(first.keys() | second.keys()):
                if name in first and name in second:
                    yield from _places(first[name], second[name], (*at, name))
                else:
                    yield _pointer(*at, name)
        case list(), list() if len(first) == len(second):
            for number, (one, other) in enumerate(zip(first, second, strict=True)):
                yield from _places(one, other, (*at, str(number)))
        case _ if json.dumps(first, sort_keys=True) != json.dumps(second, sort_keys=True):
            yield _pointer(*at) or "the body"


def _pointer(*tokens: str) -> str:
    return "".join(f"/{escape(token)}" for token in tokens)
