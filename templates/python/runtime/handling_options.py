"""Options of how fal handles a request and its files: what it keeps, how long, who may see it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, TypedDict, cast

if TYPE_CHECKING:
    from .acl import ACL

LONGEST_LIFETIME = 2**31 - 1  # seconds; a longer one is a mistake, and servers may not read it

# The limits of the gateway, which drops a wrong tag without an error
# (https://fal.ai/docs/documentation/model-apis/request-tags).
_MOST_TAGS, _MOST_TAG_CHARACTERS = 10, 1024
_TAG_KEY = r"(?!fal\.)[a-z0-9._-]{1,64}"  # compiled at first use
_TAG_VALUE = r"([!-+\--~]([ -+\--~]{0,254}[!-+\--~])?)?"  # ASCII without commas


class FileOptions(TypedDict, total=False):
    """How fal stores files. An option that is left out, or None, leaves it to your account."""

    expires_in: int | timedelta | None
    """How long fal stores the files of the result, and those uploaded for the call: whole seconds,
    or a `timedelta`."""
    acl: Literal["allow", "forbid", "hide"] | ACL | None
    """Who may download these files: `allow`, `forbid` or `hide` for everyone, or an `ACL`."""


class HandlingOptions(FileOptions, total=False):
    """How fal handles a request. An option that is left out, or None, leaves it to your account."""

    store_io: bool | None
    """False stops fal from storing the input and the output in your request history, which keeps
    them for 30 days by default. Their files are stored separately: see `expires_in`."""
    no_retry: bool | None
    """True stops fal from running the request again after a runner failed. By default, fal makes up
    to 10 attempts."""
    tags: Mapping[str, str] | None
    """Tags by which fal reports your usage, such as `{"team": "design"}`."""
    max_queue_length: int | None
    """The most requests, of all callers, that may be waiting for the endpoint. If more are, the
    call ends with `RateLimitError`."""


def lifetime(value: int | timedelta) -> int:
    """Return the whole seconds of a lifetime."""
    return int(value.total_seconds()) if isinstance(value, timedelta) else value


def is_lifetime(value: object, longest: int = LONGEST_LIFETIME) -> bool:
    """Return whether a value is a lifetime of at least one second."""
    return (type(value) is int or isinstance(value, timedelta)) and 1 <= lifetime(value) <= longest


def is_acl(value: object) -> bool:
    """Return whether a value says who may download a file."""
    if _is_decision(value):
        return True
    from .acl import ACL

    if not isinstance(value, ACL):
        return False
    rules = _mapping(value.rules)
    return (
        _is_decision(value.default)
        and rules is not None
        and all(
            isinstance(user, str) and user and _is_decision(decision)
            for user, decision in rules.items()
        )
    )


def are_tags(value: object) -> bool:
    """Return whether a value is tags that the gateway keeps."""
    tags = _mapping(value)
    return (
        tags is not None
        and len(tags) <= _MOST_TAGS
        and all(
            isinstance(key, str)
            and re.fullmatch(_TAG_KEY, key)
            and isinstance(text, str)
            and re.fullmatch(_TAG_VALUE, text)
            for key, text in tags.items()
        )
        and sum(len(f"{key}{text}") for key, text in tags.items()) <= _MOST_TAG_CHARACTERS
    )


TAGS = (
    "a mapping of at most 10 keys to values: keys of a-z, 0-9, '.', '_' and '-' that do not start "
    "with 'fal.', up to 64 characters; values of printable ASCII without commas and without spaces "
    "around them, up to 256 characters; 1,024 characters together"
)


def _is_decision(value: object) -> bool:
    return isinstance(value, str) and value in ("allow", "forbid", "hide")


def _mapping(value: object) -> Mapping[object, object] | None:
    return cast("Mapping[object, object]", value) if isinstance(value, Mapping) else None
