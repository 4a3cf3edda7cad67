"""The requests that fal lists for endpoints: fal's platform API."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlencode

from ..errors import NOTHING, UnexpectedResponse
from ..json_values import json_array, json_object
from ..transport.io import NEVER, HttpRequest, Io
from .connection import Connection
from .ledger import EntryKey, request_digest
from .policies import READ
from .request_id import is_request_id
from .responses import body_of
from .retry import ask

_MOST_IDS = 50  # that one request can ask for
_PAGE = 100  # as many as fal allows
_MOST_PAGES = 1000  # after which a list counts as endless


@dataclass(frozen=True)
class ListedRequest:
    """A request that fal lists, with its input."""

    request_id: str
    endpoint_id: str
    sent_at: datetime
    input: Any


async def list_requests(
    io: Io, endpoint_ids: Collection[str], since: datetime, connection: Connection
) -> list[ListedRequest]:
    """Return the requests of endpoints since a time that fal lists with their inputs.

    fal may leave out requests that still run, and the inputs of those that must not be stored.
    """
    ids, found = sorted(endpoint_ids), list[ListedRequest]()
    for start in range(0, len(ids), _MOST_IDS):
        query = [("endpoint_id", id) for id in ids[start : start + _MOST_IDS]]
        query += [
            ("start", since.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")),
            ("limit", str(_PAGE)),
            ("expand", "payloads"),
        ]
        found += await _all_pages(io, query, connection)
    return found


async def _all_pages(
    io: Io, query: list[tuple[str, str]], connection: Connection
) -> list[ListedRequest]:
    url = f"{connection.addresses.api}/models/requests/by-endpoint"
    key, found, cursor = connection.key_for(url, NOTHING), list[ListedRequest](), ""
    cursors = set[str]()
    while True:
        page = [*query, ("cursor", cursor)] if cursor else query
        request = HttpRequest("GET", f"{url}?{urlencode(page)}", auth=key)
        body = json_object(body_of(await ask(io, request, READ, NEVER)))
        if not isinstance(body.get("items"), list):
            raise UnexpectedResponse("the response does not list requests", body, NOTHING)
        listed = map(_listed, json_array(body["items"]))
        found += [request for request in listed if request is not None]
        cursor = str(body.get("next_cursor") or "")
        if not cursor:
            return found
        if cursor in cursors or len(cursors) == _MOST_PAGES:
            raise UnexpectedResponse("the list of requests has no end", body, NOTHING)
        cursors.add(cursor)


def _listed(item: object) -> ListedRequest | None:
    found = json_object(item)
    sent_at = moment(found.get("sent_at"))
    match found.get("request_id"), found.get("endpoint_id"):
        case str(request_id), str(endpoint_id) if sent_at and is_request_id(request_id):
            return ListedRequest(request_id, endpoint_id, sent_at, found.get("json_input"))
        case _:
            return None


def matching(
    sent: Mapping[EntryKey, datetime], listed: Iterable[ListedRequest]
) -> dict[EntryKey, str]:
    """Return the id of the listed request that each request in a ledger became, if it has one.

    It has the same arguments, and was sent no earlier. Equal requests are interchangeable.
    """
    by_content = defaultdict[str, list[ListedRequest]](list)
    for request in sorted(listed, key=lambda request: request.sent_at):
        by_content[request_digest(request.endpoint_id, request.input)].append(request)
    found: dict[EntryKey, str] = {}
    for key in sorted(sent, key=sent.__getitem__):
        candidates = by_content[key.request]
        fitting = next((one for one in candidates if one.sent_at >= sent[key]), None)
        if fitting is not None:
            candidates.remove(fitting)
            found[key] = fitting.request_id
    return found


def moment(text: object) -> datetime | None:
    """Return a time of ISO 8601, in UTC if it names no zone; `None` for anything else."""
    try:
        found = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return None
    is_usual = 1 < found.year < 9999  # the first and the last have no day before or after
    zoned = found if found.tzinfo else found.replace(tzinfo=timezone.utc)
    return zoned if is_usual else None
