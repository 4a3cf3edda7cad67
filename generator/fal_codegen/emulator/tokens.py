"""Temporary tokens: which applications they allow, and until when."""

from __future__ import annotations

import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass

from fal_codegen.emulator.limits import keep

__all__ = ["Tokens"]


@dataclass(frozen=True)
class _Grant:
    apps: frozenset[str]
    expires_at: float
    """On the monotonic clock."""


class Tokens:
    """The tokens so far; if there are more than `most`, the oldest are dropped."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._grants: dict[str, _Grant] = {}

    def create(self, apps: Collection[str], seconds: float) -> str:
        """Return a new token for some applications, named by an alias or by an id."""
        token = f"emulated-{secrets.token_urlsafe(24)}"
        keep(self._grants, token, _Grant(frozenset(apps), time.monotonic() + seconds), self._most)
        return token

    def allows(self, token: str, app: str, endpoint_id: str) -> bool:
        """Return whether a token is valid for an endpoint of an application (`owner/alias`)."""
        grant = self._grants.get(token)
        if grant is None or time.monotonic() >= grant.expires_at:
            return False
        return not grant.apps.isdisjoint(
            (app.rpartition("/")[2], app, endpoint_id, f"{endpoint_id}/realtime")
        )

    def clear(self) -> None:
        """Remove every token."""
        self._grants.clear()
