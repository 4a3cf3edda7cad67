"""The API key, and other credentials that are added to a request when it is sent."""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import Literal, NoReturn

import httpx

from ..errors import ConfigurationError

_QUOTES = tuple("\"'“”‘’")


class Key(httpx.Auth):
    """The API key, added to a request when it is sent, and never shown.

    No function holds the key in a local variable when it raises, because error reports may show
    local variables.

    Args:
        key: The key; invalid if it is not a string.
        source: Where the key comes from, for messages.
        scheme: The HTTP authentication scheme; `Bearer` for an access token.
    """

    def __init__(
        self,
        key: object,
        source: str = "key=",
        scheme: Literal["Key", "Bearer"] = "Key",
    ) -> None:
        self._value = key.strip() if isinstance(key, str) else ""
        self._source = source
        self._scheme = scheme

    def __bool__(self) -> bool:
        """Return whether there is a key."""
        return bool(self._value)

    def check(self) -> None:
        """Raise ConfigurationError if the value cannot be a key."""
        if self._value.startswith(_QUOTES) or self._value.endswith(_QUOTES):
            raise ConfigurationError(
                f"{self._source} has quotes around its value, which some readers of .env files "
                "keep: remove them"
            )
        # httpx would reject it too, but its message would show the key.
        if not re.fullmatch(r"[!-~]+", self._value):
            raise ConfigurationError(
                f"{self._source} is empty or has invalid characters: copy it again"
            )

    def __repr__(self) -> str:
        return "Key(…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key cannot be pickled or copied")

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the key to the request (called by httpx)."""
        request.headers["Authorization"] = f"{self._scheme} {self._value}"
        yield request
