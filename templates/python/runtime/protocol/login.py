"""The login of fal's own command line, `fal auth login`."""

from __future__ import annotations

import json
import os
import time
from base64 import urlsafe_b64decode
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path

import httpx

from ..errors import ConfigurationError
from .key import Key

_MARGIN = 60.0  # seconds before its end that an access token is no longer used


class Login(httpx.Auth):
    """The access token that `fal` stored, read for each request because `fal` renews it.

    It is not renewed here. fal replaces the refresh token with each renewal, so two programs that
    renew it at the same time lose the login.
    """

    @staticmethod
    def exists() -> bool:
        """Return whether somebody is logged in."""
        return bool(_tokens())

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the access token to the request (called by httpx)."""
        access_token = _access_token()
        if access_token is None:
            raise ConfigurationError(
                "the login of `fal auth login` has expired: run `fal auth whoami`, which renews "
                "it, or set FAL_KEY"
            )
        access_token.check()
        yield from access_token.auth_flow(request)


def _access_token() -> Key | None:
    tokens = _tokens()
    if len(tokens) < 2 or _expiry(tokens[1]) - _MARGIN < time.time():
        return None
    return Key(tokens[1], "the token of `fal auth login`", "Bearer")


def _tokens() -> list[str]:
    """Return the refresh token, and the access token if there is one; empty without a login."""
    folder = Path(os.getenv("FAL_HOME_DIR") or "~/.fal")
    # OSError and ValueError: the file cannot be read. RuntimeError: the user has no home.
    with suppress(OSError, ValueError, RuntimeError):
        text = folder.expanduser().joinpath("auth0_token").read_text("utf-8")
        return [line.strip() for line in text.splitlines() if line.strip()]
    return []


def _expiry(token: str) -> float:
    """Return when a JSON web token expires, in seconds since the epoch; 0 if it does not say."""
    with suppress(ValueError, LookupError, TypeError, OverflowError, RecursionError):
        claims = token.split(".")[1]
        return float(json.loads(urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["exp"])
    return 0.0
