"""How the options of a call are sent: as HTTP headers, and in the query of its URL."""

from __future__ import annotations

import json
from typing import Any

from ..acl import ACL
from ..handling_options import FileOptions, HandlingOptions, lifetime
from ..options import JobOptions

_FRAMING = ("content-length", "transfer-encoding")  # headers that follow from the body


def with_defaults(options: JobOptions, defaults: HandlingOptions) -> JobOptions:
    """Return the options of a call on a client with defaults. None of a call is no default."""
    return {**defaults, **options}


def headers_of(options: JobOptions) -> dict[str, str]:
    """Return the headers of a submission. The caller's own `headers` replace those of options."""
    start_timeout, tags = options.get("start_timeout"), options.get("tags")
    seconds = None if start_timeout is None else str(start_timeout)
    values = {
        "Content-Type": "application/json",
        "X-Fal-Queue-Priority": options.get("priority"),
        "X-Fal-Runner-Hint": options.get("hint"),
        "X-Fal-Request-Start-Timeout": seconds,
        # The deprecated name, which servers may still expect.
        "X-Fal-Request-Timeout": seconds,
        "X-Fal-Store-IO": {True: "1", False: "0", None: None}[options.get("store_io")],
        "X-Fal-No-Retry": "1" if options.get("no_retry") else None,
        "X-Fal-Tags": ",".join(f"{key}={value}" for key, value in tags.items()) if tags else None,
        "X-Fal-Object-Lifecycle-Preference": _lifecycle(options),
    }
    own = {
        name: value
        for name, value in (options.get("headers") or {}).items()
        if name.lower() not in _FRAMING
    }
    replaced = {name.lower() for name in own}
    sent = {
        name: value
        for name, value in values.items()
        if value is not None and name.lower() not in replaced
    }
    return sent | own


def upload_headers_of(options: FileOptions) -> dict[str, str]:
    """Return the headers of the request that initiates an upload."""
    lifecycle = _lifecycle(options)
    if lifecycle is None:
        return {}
    # @fal-ai/client sends the first, and fal-client both.
    return {
        "X-Fal-Object-Lifecycle": lifecycle,
        "X-Fal-Object-Lifecycle-Preference": lifecycle,
    }


def url_with(url: str, options: JobOptions) -> str:
    """Return the URL of a submission, with the options that are sent in its query."""
    length = options.get("max_queue_length")
    if length is None:
        return url
    return f"{url}{'&' if '?' in url else '?'}fal_max_queue_length={length}"


def _lifecycle(options: FileOptions) -> str | None:
    """Return how long files are stored and who may download them, as fal's JSON."""
    preference: dict[str, Any] = {}
    expires_in, acl = options.get("expires_in"), options.get("acl")
    if expires_in is not None:
        preference["expiration_duration_seconds"] = lifetime(expires_in)
    if acl is not None:
        acl = acl if isinstance(acl, ACL) else ACL(acl)
        rules = [{"user": user, "decision": decision} for user, decision in acl.rules.items()]
        preference["initial_acl"] = {"default": acl.default, "rules": rules}
    return json.dumps(preference) if preference else None
