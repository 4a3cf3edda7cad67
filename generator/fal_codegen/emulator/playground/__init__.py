"""The playground: a page per endpoint, to call it from a browser.

The code for the pages is imported with the first page: most emulators never serve one.
"""

from __future__ import annotations

from functools import cached_property

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Router
from starlette.types import Receive, Scope, Send

from fal_codegen.emulator.emulation import Emulation

__all__ = ["PLAYGROUND_PATH", "Playground", "redirect_browsers"]

PLAYGROUND_PATH = "/playground"
"""Path of the playground."""


class Playground:
    """ASGI app with a page for each endpoint, to be mounted at `PLAYGROUND_PATH`."""

    def __init__(self, emulation: Emulation) -> None:
        self._emulation = emulation

    @cached_property
    def _router(self) -> Router:
        from fal_codegen.emulator.playground.site import Site

        return Router(Site(self._emulation).routes())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._router(scope, receive, send)


async def redirect_browsers(request: Request) -> Response:
    """Redirect a browser from the root to the playground.

    Raises:
        HTTPException: The caller is not a browser.
    """
    if "text/html" not in request.headers.get("accept", ""):
        raise HTTPException(404)
    return RedirectResponse(f"{PLAYGROUND_PATH}/")
