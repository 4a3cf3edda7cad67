"""Calls of fal's JavaScript client that arrive at a proxy, and the requests that they result in.

The client sends each request to its `proxyUrl`, with the URL that it means in a header. That URL is
only read: the URL of the request to fal is built anew, from a declared endpoint's id.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple, TypeAlias

from .addresses import Addresses, Service
from .endpoint_id import app_of

TARGET_HEADER = "x-fal-target-url"

ProxyAction: TypeAlias = Literal[
    "submit", "status", "stream_status", "result", "cancel", "run", "stream", "upload"
]

_REQUEST = re.compile(r"(?P<id>.+)/requests/(?P<request_id>[A-Za-z0-9_-]{1,256})(?P<rest>(/.+)?)")

_OF_REQUEST: dict[tuple[str, str], tuple[ProxyAction, Literal["GET", "PUT"]]] = {
    ("GET", ""): ("result", "GET"),
    ("GET", "/response"): ("result", "GET"),
    ("GET", "/status"): ("status", "GET"),
    ("GET", "/status/stream"): ("stream_status", "GET"),
    ("PUT", "/cancel"): ("cancel", "PUT"),
}
"""What a method and the path below the URL of a job mean."""

_INITIATIONS = ("storage/upload/initiate", "storage/upload/initiate-multipart")

_LOGS = re.compile(r"(logs=[01])?")
_QUERIES: dict[ProxyAction, re.Pattern[str]] = {
    "status": _LOGS,
    "stream_status": _LOGS,
    "upload": re.compile(r"storage_type=fal-cdn-v3"),
}
"""The queries that are forwarded; every other action has none."""

_FORWARDED = (
    "accept",
    "x-fal-object-lifecycle",
    "x-fal-object-lifecycle-preference",
    "x-fal-queue-priority",
    "x-fal-request-start-timeout",
    "x-fal-request-timeout",
    "x-fal-runner-hint",
)
"""The request headers that options of the JavaScript client set."""

_RETURNED = re.compile(rb"content-(type|length)|retry-after|x-fal-[a-z-]+")
"""Neither cookies nor headers of the connection, of fal's servers, or of CORS."""


class NotForwarded(Exception):
    """A proxy does not forward a call. The message says why."""


class ProxyTarget(NamedTuple):
    """What a call asks of fal."""

    action: ProxyAction
    method: Literal["GET", "POST", "PUT"]
    url: str
    endpoint_id: str | None = None
    """The id of the endpoint; of a job, that of its app."""
    request_id: str | None = None

    @property
    def is_billed(self) -> bool:
        """Return whether the model runs, and is billed, each time that fal gets this request."""
        return self.action in ("submit", "run", "stream")

    @property
    def takes_body(self) -> bool:
        """Return whether the request has a body."""
        return self.method == "POST"


class ProxyTargets:
    """The targets that a proxy forwards to.

    Args:
        endpoint_ids: The endpoints.
        addresses: Where fal's services are.
        uploads: Whether files may be uploaded.
    """

    def __init__(self, endpoint_ids: Iterable[str], addresses: Addresses, uploads: bool) -> None:
        self._ids = frozenset(endpoint_ids)
        self._apps = {endpoint_id: app_of(endpoint_id) for endpoint_id in self._ids}
        self._apps |= {app: app for app in self._apps.values()}
        self._addresses, self._uploads = addresses, uploads

    def target(self, method: str, url: str) -> ProxyTarget:
        """Return the target that a URL names.

        Raises:
            NotForwarded: The URL is not that of a call of one of the endpoints.
        """
        for service, below in self._addresses.services_of(url):
            path, _, query = below.partition("?")
            target = self._target(service, method, path)
            if target is None:
                continue
            if not query:
                return target
            if not (allowed := _QUERIES.get(target.action)) or not allowed.fullmatch(query):
                raise NotForwarded(
                    f"this proxy does not forward the query parameters in {TARGET_HEADER}: "
                    "only the server can set a webhook"
                )
            return target._replace(url=f"{target.url}?{query}")
        raise NotForwarded(
            f"this proxy does not forward {method} to the URL in {TARGET_HEADER}: check that the "
            "endpoint is declared, or that uploads are allowed"
        )

    def _target(self, service: Service, method: str, path: str) -> ProxyTarget | None:
        addresses = self._addresses
        match service, method:
            case "queue", "POST":
                if path in self._ids:
                    return ProxyTarget("submit", "POST", f"{addresses.queue}/{path}", path)
            case "queue", _:
                found = _REQUEST.fullmatch(path)
                app = found and self._apps.get(found["id"])
                if found and app and (meant := _OF_REQUEST.get((method, found["rest"]))):
                    request_id = found["request_id"]
                    url = f"{addresses.queue}/{app}/requests/{request_id}{found['rest']}"
                    return ProxyTarget(*meant, url, app, request_id)
            case "run", "POST":
                if path in self._ids:
                    return ProxyTarget("run", "POST", f"{addresses.run}/{path}", path)
                called = path.removesuffix("/stream")
                if called in self._ids:
                    url = f"{addresses.run}/{called}/stream"
                    return ProxyTarget("stream", "POST", url, called)
            case "rest", "POST":
                if self._uploads and path in _INITIATIONS:
                    return ProxyTarget("upload", "POST", f"{addresses.rest}/{path}")
            case _:
                pass
        return None


def forwarded_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of a call that are forwarded to fal."""
    return {name: headers[name] for name in _FORWARDED if name in headers}


def returned_headers(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return the headers of fal's response that are returned, with their names in lower case."""
    lower = {name.lower(): value for name, value in headers}
    if b"content-encoding" in lower:  # the body is returned decoded
        lower.pop(b"content-length", None)
    return [(name, value) for name, value in lower.items() if _RETURNED.fullmatch(name)]
