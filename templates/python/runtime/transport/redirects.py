"""Which redirects are followed."""

from __future__ import annotations

import httpx

from .io import Unacceptable

_MOST_REDIRECTS = 10


def check_redirect(response: httpx.Response, following: httpx.Request, followed: int) -> None:
    """Raise Unacceptable if a redirect is not followed, or is one too many."""
    was_encrypted = response.request.url.scheme == "https"
    if following.url.scheme not in (("https",) if was_encrypted else ("http", "https")):
        raise Unacceptable(f"a redirect to {following.url.scheme}:// is not followed")
    if followed == _MOST_REDIRECTS:
        raise Unacceptable(f"the request was redirected more than {_MOST_REDIRECTS} times")
