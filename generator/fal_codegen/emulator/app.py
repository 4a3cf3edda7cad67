"""The emulator as a Starlette application: its routes."""

from __future__ import annotations

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import ASGIApp

from fal_codegen.emulator.emulation import Emulation
from fal_codegen.emulator.journal import JournalMiddleware
from fal_codegen.emulator.network.access import LOOPBACK_ONLY, Access, with_access
from fal_codegen.emulator.playground import PLAYGROUND_PATH, Playground, redirect_browsers
from fal_codegen.emulator.request_handling import OperationApp, error_response
from fal_codegen.emulator.services import (
    catalogue,
    cdn,
    past_requests,
    pricing,
    private_data,
    queue,
    synchronous,
    tokens,
)
from fal_codegen.emulator.services.realtime import RealtimeApp

__all__ = ["ROUTES", "create_app"]

_JOB = "/queue/{path:path}/requests/{request_id}"
_FILE = "/files/{name:path}"
_FALLBACK_FILE = "/fallback-files/{name:path}"
_PARTS = _FILE + "/multipart/{upload_id}"

ROUTES = (
    ("GET", _JOB + "/status/stream", "events", queue.events),
    ("GET", _JOB + "/status", "status", queue.status),
    ("PUT", _JOB + "/cancel", "cancel", queue.cancel),
    ("GET", _JOB + "/response", "result", queue.result),
    ("GET", _JOB, "result", queue.result),
    ("POST", "/queue/{id:path}", "submit", queue.submit),
    ("POST", "/run/{id:path}/stream", "stream", synchronous.stream),
    ("POST", "/run/{id:path}", "run", synchronous.run),
    ("POST", "/rest/storage/upload/initiate", "upload", cdn.initiate),
    ("POST", "/rest/storage/upload/initiate-multipart", "upload", cdn.initiate_parts),
    ("POST", "/rest/storage/auth/token", "upload", cdn.create_token),
    ("POST", "/rest/tokens/realtime", "token", tokens.create),
    ("POST", "/rest/tokens/", "token", tokens.create),
    ("POST", "/files/upload", "upload", cdn.upload),
    ("POST", "/files/upload/multipart", "upload", cdn.upload_parts),
    ("PUT", _PARTS + "/{number}", "upload", cdn.receive_part),
    ("POST", _PARTS + "/complete", "upload", cdn.complete_parts),
    ("PUT", _FILE, "upload", cdn.receive),
    ("GET", _FILE, "file", cdn.download),
    ("PUT", _FALLBACK_FILE, "upload", cdn.receive),
    ("GET", _FALLBACK_FILE, "file", cdn.download),
    ("GET", "/rest/.well-known/jwks.json", "jwks", catalogue.jwks),
    ("GET", "/api/openapi/queue/openapi.json", "document", catalogue.document),
    ("GET", "/api/v1/models", "models", catalogue.models),
    ("GET", "/api/v1/models/pricing", "prices", pricing.prices),
    ("POST", "/api/v1/models/pricing/estimate", "estimate", pricing.estimate),
    ("GET", "/api/v1/models/requests/by-endpoint", "requests", past_requests.by_endpoint),
    ("POST", "/api/v1/storage/files/sign", "sign", private_data.sign),
    ("DELETE", "/api/v1/models/requests/{request_id}/payloads", "delete", private_data.delete),
)
"""Method, path, operation and handler; the first match is used."""


def create_app(
    emulation: Emulation,
    access: Access = LOOPBACK_ONLY,
    replay: Callable[[ASGIApp], ASGIApp] | None = None,
) -> ASGIApp:
    """Return an ASGI application that serves an emulation to callers with access.

    `replay` may wrap the emulation, to answer some requests from recordings.
    """
    operations = [
        Route(path, OperationApp(emulation, operation, handler), methods=[method])
        for method, path, operation, handler in ROUTES
    ]
    app: ASGIApp = Starlette(
        routes=[
            *operations,
            WebSocketRoute("/run/{id:path}/realtime", RealtimeApp(emulation)),
            Route("/", redirect_browsers),
            Mount(PLAYGROUND_PATH, Playground(emulation)),
        ],
        exception_handlers={HTTPException: _no_such_path},
    )
    if replay is not None:
        app = replay(app)
    return with_access(JournalMiddleware(app, emulation.journal), access)


async def _no_such_path(request: Request, error: Exception) -> Response:
    """Answer a request that no route matches; an OperationApp answers every other HTTPException."""
    assert isinstance(error, HTTPException)
    return error_response(error.status_code, error.detail, error.headers)
