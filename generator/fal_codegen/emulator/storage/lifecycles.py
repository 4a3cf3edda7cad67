"""Who may download a file, and until when: as its upload or the request for its result asked."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

from starlette.exceptions import HTTPException

from fal_codegen.document.json_values import mapping
from fal_codegen.emulator.json_bodies import NotJson, parse
from fal_codegen.emulator.limits import Limits, keep

__all__ = ["PUBLIC", "Lifecycle", "Lifecycles", "lifecycle_of"]

_Decision = Literal["allow", "forbid", "hide"]


@dataclass(frozen=True)
class Lifecycle:
    """How long a file is stored, in seconds, and who may download it.

    The emulator knows no users, so rules for single users have no effect.
    """

    seconds: float | None = None
    decision: _Decision = "allow"


PUBLIC = Lifecycle()


def lifecycle_of(header: str | None) -> Lifecycle:
    """Return the lifecycle that a header asks for. Raises HTTPException if it is invalid."""
    if header is None:
        return PUBLIC
    try:
        asked = parse(header.encode())
    except NotJson:
        asked = None
    if isinstance(asked, dict):
        seconds, acl = asked.get("expiration_duration_seconds"), asked.get("initial_acl")
        decision: Any = "allow" if acl is None else mapping(acl).get("default")
        is_duration = seconds is None or (type(seconds) is int and seconds >= 1)
        if is_duration and decision in get_args(_Decision):
            return Lifecycle(seconds, decision)
    raise HTTPException(400, "Invalid X-Fal-Object-Lifecycle-Preference header")


@dataclass(frozen=True)
class _Restriction:
    expires_at: float | None
    decision: _Decision


class Lifecycles:
    """The files that not everyone may download for ever; all others are public.

    A name is what follows `/files/` in a URL, unquoted. Files of one result share a restriction.
    """

    def __init__(self, clock: Callable[[], float], *, most: int = Limits.announcements) -> None:
        self._clock = clock
        self._most = most
        self._secret = secrets.token_bytes(32)
        self._restrictions: dict[str, _Restriction] = {}

    def clear(self) -> None:
        """Make every file public."""
        self._restrictions.clear()

    def restrict(self, name: str, lifecycle: Lifecycle, delay: float = 0.0) -> None:
        """Restrict a file that will exist after `delay` seconds."""
        if lifecycle == PUBLIC:
            return
        expires_at = None
        if lifecycle.seconds is not None:
            expires_at = self._clock() + delay + lifecycle.seconds
        keep(
            self._restrictions, _key(name), _Restriction(expires_at, lifecycle.decision), self._most
        )

    def remove(self, name: str) -> None:
        """Treat a file as expired."""
        keep(self._restrictions, _key(name), _Restriction(0.0, "hide"), self._most)

    def sign(self, name: str, seconds: float) -> str:
        """Return a signature that gives access to a file for some seconds."""
        until = f"{self._clock() + seconds:.3f}"
        return f"{until}.{self._digest(name, until)}"

    def is_stored(self, name: str) -> bool:
        """Return whether a file has neither expired nor been removed."""
        restriction = self._restrictions.get(_key(name))
        expires_at = restriction.expires_at if restriction else None
        return expires_at is None or self._clock() < expires_at

    def decision(self, name: str, signature: str | None) -> _Decision:
        """Return who may download a file that is stored, with a signature or without."""
        restriction = self._restrictions.get(_key(name))
        if restriction is None or (signature and self._is_signed(name, signature)):
            return "allow"
        return restriction.decision

    def _is_signed(self, name: str, signature: str) -> bool:
        match = re.fullmatch(r"([0-9]{1,18}\.[0-9]{3})\.([0-9a-f]{64})", signature)
        if match is None or not hmac.compare_digest(match[2], self._digest(name, match[1])):
            return False
        return self._clock() < float(match[1])

    def _digest(self, name: str, until: str) -> str:
        return hmac.new(self._secret, f"{until} {name}".encode(), "sha256").hexdigest()


def _key(name: str) -> str:
    """Return what files of one result share; an upload's own name."""
    return "/".join(name.split("/")[:2])
