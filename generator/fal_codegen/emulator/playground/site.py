"""The playground's pages, as an application to be mounted at `/playground`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from fal_codegen.document.metadata import Metadata, about_of, category_of
from fal_codegen.emulator.emulation import Emulation
from fal_codegen.emulator.endpoints.catalogue import ServedCatalogue
from fal_codegen.emulator.endpoints.served_endpoint import ServedEndpoint
from fal_codegen.emulator.faults import describe
from fal_codegen.emulator.json_bodies import JsonResponse, json_object
from fal_codegen.emulator.network.hosts import caller_of
from fal_codegen.emulator.playground.estimate import estimate
from fal_codegen.emulator.playground.form import form, unplanned_form
from fal_codegen.emulator.playground.icons import Icon, icon_of
from fal_codegen.emulator.playground.snippets import PythonClient, snippets
from fal_codegen.emulator.playground.templates import render
from fal_codegen.emulator.request_handling import FAULTS_HEADER

__all__ = ["Site"]

_FOLDER = Path(__file__).parent / "assets"
_ASSETS = tuple(sorted(path.name for path in _FOLDER.iterdir()))

_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "media-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""No text of a document can make a page load or run anything that the emulator does not serve."""


@dataclass(frozen=True)
class _Entry:
    """An endpoint in the list. Any string but the icon may come from a document."""

    id: str
    path: str
    title: str
    category: str
    about: str
    icon: Icon

    @property
    def kind(self) -> str:
        """Its title and its category, as far as they are known."""
        return " · ".join(filter(None, (self.title, self.category)))


class Site:
    """The pages for the endpoints of an emulator."""

    def __init__(self, emulation: Emulation) -> None:
        self._emulation = emulation

    def routes(self) -> list[Route]:
        """Return the routes, relative to the path of the playground."""
        return [
            Route("/", self.index),
            *(Route(f"/assets/{name}", self.asset, name=name) for name in _ASSETS),
            Route("/snippets/{id:path}", self.snippets, methods=["POST"]),
            Route("/estimate/{id:path}", self.estimate, methods=["POST"]),
            Route("/{id:path}", self.page),
        ]

    async def index(self, request: Request) -> Response:
        """List the endpoints."""
        return self._index()

    async def page(self, request: Request) -> Response:
        """Show one endpoint's form."""
        catalogue = self._emulation.catalogue
        endpoint = catalogue.endpoints.get(request.path_params["id"])
        if endpoint is None:
            return self._index(missing=request.path_params["id"])
        planned = endpoint.planned
        return _page(
            "endpoint.html.jinja",
            entry=_entry(catalogue, endpoint),
            price=price.dated if (price := catalogue.prices.get(endpoint.id)) else "",
            form=form(planned) if planned else unplanned_form(),
            is_planned=planned is not None,
            example=json.dumps(endpoint.example_input),
            faults_header=FAULTS_HEADER,
            faults=describe(),
        )

    async def snippets(self, request: Request) -> Response:
        """Return the examples that send an input."""
        catalogue = self._emulation.catalogue
        endpoint, payload = await _sent(request, catalogue)
        to_fal = request.query_params.get("to") == "fal"
        here = caller_of(request.scope).url("")
        base_url = None if to_fal else here
        client = None
        if endpoint.planned:
            call = ".".join(catalogue.calls[endpoint.id])
            client = PythonClient(self._emulation.package, call, endpoint.planned)
        return JsonResponse(snippets(endpoint.id, payload, client, base_url, f"{here}/files/"))

    async def estimate(self, request: Request) -> Response:
        """Return what an input costs at fal."""
        catalogue = self._emulation.catalogue
        endpoint, payload = await _sent(request, catalogue)
        price, planned = catalogue.prices.get(endpoint.id), endpoint.planned
        return JsonResponse(estimate(price, planned, payload) if planned else "unknown")

    async def asset(self, request: Request) -> Response:
        """Serve an asset of the pages."""
        name = request.url.path.rpartition("/")[2]
        return FileResponse(_FOLDER / name, headers=_HEADERS)

    def _index(self, missing: str | None = None) -> Response:
        catalogue = self._emulation.catalogue
        entries = [_entry(catalogue, endpoint) for endpoint in catalogue.endpoints.values()]
        status = 200 if missing is None else 404
        return _page("index.html.jinja", status, entries=entries, missing=missing)


async def _sent(
    request: Request, catalogue: ServedCatalogue
) -> tuple[ServedEndpoint, dict[str, Any]]:
    """Return the endpoint of a request, and the input that it has. Raises HTTPException."""
    endpoint = catalogue.endpoints.get(request.path_params["id"])
    if endpoint is None:
        raise HTTPException(404, "There is no such endpoint")
    return endpoint, json_object(await request.body())


def _entry(catalogue: ServedCatalogue, endpoint: ServedEndpoint) -> _Entry:
    known = catalogue.listing.get(endpoint.id, Metadata())
    category = category_of(endpoint.category, known)
    return _Entry(
        id=endpoint.id,
        path=quote(endpoint.id),
        title=known.title,
        category=category,
        about=about_of(endpoint.about, known),
        icon=icon_of(category),
    )


def _page(template: str, status: int = 200, **context: object) -> Response:
    return HTMLResponse(render(template, **context), status, _HEADERS)
