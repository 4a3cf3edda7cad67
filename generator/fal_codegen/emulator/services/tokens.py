"""rest.fal.ai: temporary tokens, with which a browser calls applications without a key."""

from __future__ import annotations

import secrets

from starlette.responses import Response

from fal_codegen.emulator.json_bodies import JsonResponse
from fal_codegen.emulator.request_handling import IncomingRequest
from fal_codegen.emulator.validation import detail

__all__ = ["create"]


async def create(request: IncomingRequest) -> Response:
    """Return a token for some applications and some seconds, as a JSON string."""
    request.authenticate()
    body = await request.json_object()
    apps, seconds = body.get("allowed_apps"), body.get("token_expiration")
    problems = []
    if not isinstance(apps, list) or not all(isinstance(app, str) for app in apps):
        problems.append(
            detail("list_type", "Input should be a valid list", ("allowed_apps",), given=apps)
        )
    if isinstance(seconds, bool) or not isinstance(seconds, int | None):
        message = "Input should be a valid integer"
        problems.append(detail("int_type", message, ("token_expiration",), given=seconds))
    if problems:
        return JsonResponse({"detail": problems}, 422)
    return JsonResponse(f"emulated-{secrets.token_urlsafe(24)}")
