"""Parameters that operations of the platform API share: endpoint ids, and pages."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from starlette.exceptions import HTTPException

from fal_codegen.emulator.request_handling import IncomingRequest

__all__ = ["MOST_IDS", "RequestedPage", "require_served", "required_ids", "several"]

MOST_IDS = 50
"""Endpoints that one request can ask for by id."""

_T = TypeVar("_T")


def several(request: IncomingRequest, name: str) -> list[str]:
    """Return the values of a parameter that may be repeated or separated by commas."""
    given = request.http.query_params.getlist(name)
    return [value for values in given for value in values.split(",") if value]


def required_ids(request: IncomingRequest) -> list[str]:
    """Return the endpoints that a request asks for, each once. Raises HTTPException."""
    wanted = list(dict.fromkeys(several(request, "endpoint_id")))
    if not 1 <= len(wanted) <= MOST_IDS:
        raise HTTPException(400, f"endpoint_id must have from 1 to {MOST_IDS} values")
    return wanted


def require_served(request: IncomingRequest, endpoint_ids: Iterable[str]) -> None:
    """Raise HTTPException if an endpoint is not served."""
    for endpoint_id in endpoint_ids:
        if endpoint_id not in request.catalogue.endpoints:
            raise HTTPException(404, f"Endpoint '{endpoint_id}' not found")


@dataclass(frozen=True)
class RequestedPage:
    """A page of a list; the first has the number 1."""

    number: int
    size: int

    @classmethod
    def of(cls, request: IncomingRequest, default_size: int) -> RequestedPage:
        """Return the page that a request asks for. Raises ValueError if there is no such page."""
        query = request.http.query_params
        number = _page_number(query["cursor"]) if query.get("cursor") else 1
        if number < 1:
            raise ValueError(number)
        return cls(number, int(query.get("limit", default_size)))

    def items(self, found: Sequence[_T]) -> Sequence[_T]:
        """Return the items of a list that are on the page."""
        return found[(self.number - 1) * self.size : self.number * self.size]

    def links(self, found: Sequence[object]) -> dict[str, Any]:
        """Return the members of an answer that lead to the next page."""
        has_more = len(found) > self.number * self.size
        return {"next_cursor": _cursor(self.number + 1) if has_more else None, "has_more": has_more}


def _cursor(page: int) -> str:
    """Return a cursor: the number of a page in base64, as fal's are."""
    return base64.urlsafe_b64encode(str(page).encode()).rstrip(b"=").decode()


def _page_number(cursor: str) -> int:
    digits = cursor.rstrip("=")
    return int(base64.urlsafe_b64decode(digits + "=" * (-len(digits) % 4)))
