"""Keeping the key and signed URLs out of errors, error reports and logs."""

from __future__ import annotations

import logging
from contextvars import ContextVar
from types import TracebackType

import httpx

from .io import Unacceptable

# Local variables of these packages hold the bytes of a request, with the key.
_CONFIDENTIAL = frozenset(
    "anyio asyncio h11 h2 hpack httpcore httpcore2 socket ssl websockets".split()
)

_SHORTEST_SECRET = 16  # anything shorter is a placeholder, which other text may contain

_is_ours: ContextVar[bool] = ContextVar("is_ours", default=False)


class Redaction:
    """The context in which a request is sent.

    Error reports that show local variables do not show the key. httpx's log does not show the
    queries of URLs, which hold signatures and tokens. Values that cannot be sent, such as an
    invalid host name, raise an error of httpx.
    """

    def __enter__(self) -> None:
        self._token = _is_ours.set(True)

    def __exit__(self, _: object, error: BaseException | None, traceback: object) -> None:
        _is_ours.reset(self._token)
        if error is not None:
            _cut_tracebacks(error)
        if isinstance(error, (httpx.InvalidURL, UnicodeError, OverflowError)):
            raise Unacceptable(f"it cannot be sent: {error}") from error


def _cut_tracebacks(error: BaseException) -> None:
    """Remove confidential frames from the tracebacks of an error and of its causes."""
    seen, waiting = set[int](), [error]
    while waiting:
        current = waiting.pop()
        seen.add(id(current))
        current.__traceback__ = _without_confidential(current.__traceback__)
        linked = (current.__cause__, current.__context__)
        waiting += [link for link in linked if link is not None and id(link) not in seen]


def _without_confidential(traceback: TracebackType | None) -> TracebackType | None:
    kept: list[TracebackType] = []
    while traceback is not None:
        module = str(traceback.tb_frame.f_globals.get("__name__"))
        if module.partition(".")[0] not in _CONFIDENTIAL:
            kept.append(traceback)
        traceback = traceback.tb_next
    following = None
    for entry in reversed(kept):
        entry.tb_next = following
        following = entry
    return following


def without_credentials(content: bytes, request: httpx.Request) -> bytes:
    """Return the text of an error without the credentials of its request.

    Some gateways repeat the headers of a request that they reject, and messages repeat their text.
    """
    return _without(_credentials(request), content)


def headers_without_credentials(response: httpx.Response) -> httpx.Headers:
    """Return the headers of a response without the credentials of its request."""
    headers, secrets = response.headers, _credentials(response.request)
    values = b"\n".join([value for _, value in headers.raw])
    if not any(secret in values for secret in secrets):  # the usual case
        return headers
    return httpx.Headers([(name, _without(secrets, value)) for name, value in headers.raw])


def _credentials(request: httpx.Request) -> list[bytes]:
    """Return the key and the tokens of a request, as far as they are secrets."""
    secrets: list[bytes] = []
    for name, value in request.headers.raw:
        if name.lower() == b"authorization":
            _, _, key = value.partition(b" ")
            secrets += [key, key.rpartition(b":")[2]]
    if b"token" in request.url.query:
        query = request.url.params.multi_items()
        secrets += [text.encode() for name, text in query if "token" in name]
    return [secret for secret in secrets if len(secret) >= _SHORTEST_SECRET]


def _without(secrets: list[bytes], content: bytes) -> bytes:
    for secret in secrets:
        content = content.replace(secret, "…".encode())
    return content


class _WithoutQueries(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if _is_ours.get() and isinstance(record.args, tuple):
            record.args = tuple(
                argument.copy_with(query=None) if isinstance(argument, httpx.URL) else argument
                for argument in record.args
            )
        return True


logging.getLogger(httpx.__name__).addFilter(_WithoutQueries())
