"""Who may download a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Decision: TypeAlias = Literal["allow", "forbid", "hide"]


@dataclass(frozen=True)
class ACL:
    """Who may download a file: a decision for everyone, and exceptions for some users of fal.

    `forbid` rejects a download, `hide` answers as if the file did not exist. A signed URL, from
    `client.sign_url`, gives access to the file all the same.

    Args:
        default: The decision for everyone: `allow`, `forbid` or `hide`.
        rules: Decisions for single users, by their nickname or id.

    Example:
        ```python
        from fal_endpoints import ACL, Fal

        acl = ACL("forbid", {"my-teammate": "allow"})
        with Fal(acl=acl, expires_in=3600, store_io=False) as client:
            print(client.upload(b"..."))
        ```
    """

    default: Decision
    """The decision for everyone: `allow`, `forbid` or `hide`."""
    rules: Mapping[str, Decision] = field(default_factory=dict[str, Decision], hash=False)
    """Decisions for single users, by their nickname or id."""
