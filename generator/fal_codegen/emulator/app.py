"""The emulator as a Starlette application: its routes."""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from fal_codegen.emulator.access import LOOPBACK_ONLY, Access, Doorkeeping
from fal_codegen.emulator.exchange import Exchange, problem
from fal_codegen.emulator.hosts import HostRouting
from fal_codegen.emulator.journal import JournalKeeping
from fal_codegen.emulator.playground import WHERE, Playground, show_the_way
from fal_codegen.emulator.services import catalogue, files, queue, run, tokens
from fal_codegen.emulator.state import Fal

__all__ = ["create_app"]

_JOB = "/queue/{path:path}/requests/{request_id}"
_FILE = "/files/{name:path}"
_PARTS = _FILE + "/multipart/{upload_id}"

_ROUTES = (
    ("GET", _JOB + "/status/stream", "events", queue.events),
    ("GET", _JOB + "/status", "status", queue.status),
    ("PUT", _JOB + "/cancel", "cancel", queue.cancel),
    ("GET", _JOB + "/response", "result", queue.result),
    ("GET", _JOB, "result", queue.result),
    ("POST", "/queue/{id:path}", "submit", queue.submit),
    ("POST", "/run/{id:path}/stream", "stream", run.stream),
    ("POST", "/run/{id:path}", "run", run.run),
    ("POST", "/rest/storage/upload/initiate", "upload", files.initiate),
    ("POST", "/rest/storage/upload/initiate-multipart", "upload", files.initiate_parts),
    ("POST", "/rest/storage/auth/token", "upload", files.create_token),
    ("POST", "/rest/tokens/realtime", "token", tokens.create),
    ("POST", "/rest/tokens/", "token", tokens.create),
    ("POST", "/files/upload", "upload", files.upload),
    ("POST", "/files/upload/multipart", "upload", files.upload_parts),
    ("PUT", _PARTS + "/{number}", "upload", files.receive_part),
    ("POST", _PARTS + "/complete", "upload", files.complete_parts),
    ("PUT", _FILE, "upload", files.receive),
    ("GET", _FILE, "file", files.download),
    ("GET", "/rest/.well-known/jwks.json", "jwks", catalogue.jwks),
    ("GET", "/api/openapi/queue/openapi.json", "document", catalogue.document),
    ("GET", "/api/v1/models", "models", catalogue.models),
)
"""Method, path, operation and handler; the first that fits is taken."""

_CORS: dict[str, Any] = {
    "allow_methods": ["*"],
    "allow_headers": ["*"],
    "expose_headers": ["*"],
    "max_age": 600,
}
"""What pages of the origins that are allowed may send, and read."""


def create_app(fal: Fal, access: Access = LOOPBACK_ONLY) -> Starlette:
    """Return an ASGI application over what `fal` remembers, for those who may use it."""
    return Starlette(
        routes=[
            Route(path, Exchange(fal, operation, handler), methods=[method])
            for method, path, operation, handler in _ROUTES
        ]
        + [Route("/", show_the_way), Mount(WHERE, Playground(fal))],
        middleware=[
            Middleware(Doorkeeping, access=access),
            Middleware(CORSMiddleware, **_CORS, allow_origins=list(access.origins)),
            Middleware(HostRouting),
            Middleware(JournalKeeping, journal=fal.journal),
        ],
        exception_handlers={HTTPException: _no_such_path},
    )


async def _no_such_path(request: Request, error: Exception) -> Response:
    """Answer what no route fits: the only HTTPException that an Exchange does not answer itself."""
    assert isinstance(error, HTTPException)
    return problem(error.status_code, error.detail, error.headers)
