"""The playground: a page per endpoint, to call it from a browser on the emulator that serves it.

What makes the pages is imported when the first is asked for: most emulators never show one.
"""

from __future__ import annotations

from functools import cached_property

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Router
from starlette.types import Receive, Scope, Send

from fal_codegen.emulator.state import Fal

__all__ = ["WHERE", "Playground", "show_the_way"]

WHERE = "/playground"
"""Path below which the pages are."""


class Playground:
    """ASGI app with the pages of an emulator's endpoints, to be mounted at `WHERE`."""

    def __init__(self, fal: Fal) -> None:
        self._fal = fal

    @cached_property
    def _router(self) -> Router:
        from fal_codegen.emulator.playground.site import Site

        return Router(Site(self._fal).routes())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._router(scope, receive, send)


async def show_the_way(request: Request) -> Response:
    """Send a browser that was given the bare address to the playground.

    Raises:
        HTTPException: It is no browser, and there is nothing there for it.
    """
    if "text/html" not in request.headers.get("accept", ""):
        raise HTTPException(404)
    return RedirectResponse(f"{WHERE}/")
