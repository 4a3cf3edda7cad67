"""Temporary tokens, which open realtime connections in place of the key."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable
from datetime import timedelta

import httpx

from ..errors import NOTHING, Subject, UnexpectedResponse
from ..handling_options import lifetime
from ..json_values import json_object
from ..transport.io import NEVER, HttpRequest, Io
from .connection import Connection
from .endpoint_id import app_of
from .policies import READ
from .responses import body_of
from .retry import ask


class Token(httpx.Auth):
    """A token, added to a request when it is sent, and never shown."""

    def __init__(self, token: str) -> None:
        self._value = token

    def __repr__(self) -> str:
        return "Token(…)"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the token to the URL of the request."""
        request.url = request.url.copy_merge_params({"fal_jwt_token": self._value})
        yield request


async def create_token(
    io: Io,
    apps: Iterable[str],
    expires_in: int | timedelta,
    connection: Connection,
    subject: Subject = NOTHING,
) -> str:
    """Return a new token for some applications, given as endpoint ids or as their aliases."""
    url = f"{connection.addresses.rest}/tokens/"
    aliases = list(dict.fromkeys(map(_alias, apps)))
    body = json.dumps({"allowed_apps": aliases, "token_expiration": lifetime(expires_in)}).encode()
    headers, key = {"Content-Type": "application/json"}, connection.key_for(url, subject)
    # Safe to repeat: another token expires by itself.
    response = await ask(io, HttpRequest("POST", url, headers, body, key, subject), READ, NEVER)
    answer = body_of(response)
    content = json_object(answer)  # older servers and proxies wrap the token
    for token in (answer, content.get("token"), content.get("detail")):
        if isinstance(token, str) and token:
            return token
    raise UnexpectedResponse("the server returned no token", answer, subject)


def _alias(app: str) -> str:
    """Return the application's name without its owner, as fal's tokens name it."""
    return app_of(app).rpartition("/")[2]
