"""Replace what must not be in a recording: keys, tokens, user ids, and the queries of signed URLs.

Names decide which fields and parameters are secret, so that a request that is replayed is redacted
as it was when it was recorded. Values that were once found to be secret are replaced everywhere.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from fal_codegen.emulator.json_bodies import NotJson, parse

__all__ = ["REDACTED", "Redaction"]

REDACTED = "REDACTED"

_SECRET_FIELD = re.compile(
    "(.*_)?(token|(api|access|secret|private|fal)_?key|secret|password|passwd|authorization"
    "|credentials?|cookie|signature|user_?id|user_?name|nickname|email)"
)

_PUBLIC_PARAMETERS = frozenset(
    "logs fal_max_queue_length storage_type endpoint_id expand limit cursor q category status "
    "estimate_type".split()
)
"""Parameters of fal's interfaces that hold no secret; the values of all others are replaced."""

_URL = re.compile(
    r"(?P<scheme>https?://)(?P<user>[^\s\"'<>/?#@]*@)?(?P<rest>[^\s\"'<>?#\\]*)"
    r"(?:\?(?P<query>[^\s\"'<>#\\]*))?"
)

_OPAQUE = re.compile(r"[\w.:~+/=|@-]{12,}")
"""Values that are no words of other texts, and so can be replaced everywhere."""

_FIELD = re.compile(r'"(?P<name>[A-Za-z_-]+)"\s*:\s*"(?:[^"\\]|\\.)*')
"""A field of JSON that is part of other text, such as a body that was cut."""

_SHORTEST_SECRET = 8
"""Characters; shorter values, such as the key `any` of an emulator, are words of other texts."""


class Redaction:
    """Replaces secrets, and learns those that a response reveals."""

    def __init__(self, *secrets: str | None) -> None:
        self._secrets: set[str] = set()
        for secret in secrets:
            self.learn(secret or "")

    def learn(self, secret: str) -> None:
        """Replace a value from now on; for a key of the form `id:secret`, each part of it, too."""
        for part in (secret, *secret.split(":")):
            if len(part) >= _SHORTEST_SECRET and part != REDACTED:
                quoted = json.dumps(part)[1:-1]
                self._secrets |= {part, quote(part, safe=""), quote(part), quoted}

    def learn_authorization(self, headers: Mapping[str, str]) -> None:
        """Replace the caller's own key or token from now on, whichever it is."""
        self.learn(headers.get("authorization", "").partition(" ")[2])

    def text(self, text: str) -> str:
        """Return text without secrets."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, REDACTED)
        return _FIELD.sub(_without_value, _URL.sub(_without_secrets, text))

    def data(self, content: bytes) -> bytes:
        """Return binary content without the secrets that are known."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            content = content.replace(secret.encode(), REDACTED.encode())
        return content

    def json(self, value: Any) -> Any:
        """Return a JSON value without secrets."""
        self._learn_fields(value)
        return self._json(value)

    def events(self, text: str) -> str:
        """Return server-sent events without secrets; their data may be JSON."""
        return "\n".join(self._event_line(line) for line in text.split("\n"))

    def _event_line(self, line: str) -> str:
        field, colon, data = line.partition(":")
        if field == "data" and colon:
            with contextlib.suppress(NotJson):
                value = parse(data.encode())
                redacted = self.json(value)
                if redacted != value:
                    return f"data: {json.dumps(redacted, ensure_ascii=False)}"
        return self.text(line)

    def _learn_fields(self, value: Any) -> None:
        match value:
            case dict():
                for name, inner in value.items():
                    if isinstance(inner, str) and _is_secret(name) and _OPAQUE.fullmatch(inner):
                        self.learn(inner)
                    self._learn_fields(inner)
            case list():
                for inner in value:
                    self._learn_fields(inner)

    def _json(self, value: Any) -> Any:
        match value:
            case str():
                return self.text(value)
            case list():
                return [self._json(inner) for inner in value]
            case dict():
                return {
                    self.text(name): REDACTED
                    if isinstance(inner, str) and _is_secret(name)
                    else self._json(inner)
                    for name, inner in value.items()
                }
            case _:
                return value


def _is_secret(name: str) -> bool:
    """Return whether a field of this name, in snake_case or camelCase, holds a secret."""
    snake = re.sub("(?<=[a-z0-9])(?=[A-Z])|-", "_", name).lower()
    return _SECRET_FIELD.fullmatch(snake) is not None


def _without_secrets(url: re.Match[str]) -> str:
    plain = url["scheme"] + (f"{REDACTED}@" if url["user"] else "") + url["rest"]
    if url["query"] is None:
        return plain
    parameters = (part.partition("=") for part in url["query"].split("&"))
    return f"{plain}?" + "&".join(
        f"{name}={value if name in _PUBLIC_PARAMETERS else REDACTED}" if equals else REDACTED
        for name, equals, value in parameters
    )


def _without_value(field: re.Match[str]) -> str:
    return f'"{field["name"]}": "{REDACTED}' if _is_secret(field["name"]) else field[0]
