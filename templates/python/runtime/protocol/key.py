"""The API key."""

from __future__ import annotations

import os
import re
from collections.abc import Generator
from typing import NoReturn

import httpx

from ..errors import ConfigurationError


class Key(httpx.Auth):
    """The API key, added to a request when it is sent, and never shown.

    No function holds the key in a local variable when it raises, because error reports may show
    local variables.
    """

    def __init__(self, key: str) -> None:
        self._value = key.strip()

    @classmethod
    def from_environment(cls) -> Key:
        """Return the key that the environment sets."""
        key = cls(os.getenv("FAL_KEY") or _key_of_two_parts())
        if not key._value:
            raise ConfigurationError(
                "no API key: set FAL_KEY (or FAL_KEY_ID and FAL_KEY_SECRET), or pass key=…; "
                "create one at https://fal.ai/dashboard/keys"
            )
        key.check()
        return key

    def check(self) -> None:
        """Raise ConfigurationError if the value cannot be a key."""
        # httpx would reject it too, but its message would show the key.
        if not re.fullmatch(r"[!-~]+", self._value):
            raise ConfigurationError(
                "the API key is empty or has invalid characters: copy it again"
            )

    def __repr__(self) -> str:
        return "Key(…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key cannot be pickled or copied")

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the key to the request (called by httpx)."""
        request.headers["Authorization"] = f"Key {self._value}"
        yield request


def _key_of_two_parts() -> str:
    pair = os.getenv("FAL_KEY_ID"), os.getenv("FAL_KEY_SECRET")
    return f"{pair[0]}:{pair[1]}" if all(pair) else ""
