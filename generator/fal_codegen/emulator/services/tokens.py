"""rest.fal.ai: temporary tokens, with which a browser calls applications without a key."""

from __future__ import annotations

from starlette.responses import Response

from fal_codegen.emulator.endpoints.validation import detail
from fal_codegen.emulator.json_bodies import JsonResponse
from fal_codegen.emulator.request_handling import IncomingRequest

__all__ = ["create"]

_DEFAULT = 120
"""Seconds that a token is valid if the request does not say."""


async def create(request: IncomingRequest) -> Response:
    """Return a token for some applications and some seconds, as a JSON string.

    fal's documentation shows other names for the realtime path than its clients use for the other:
    `duration` for the seconds, and an object with the token as the answer.
    """
    request.authenticate()
    body = await request.json_object()
    is_documented = "duration" in body
    name = "duration" if is_documented else "token_expiration"
    apps, seconds = body.get("allowed_apps"), body.get(name)
    problems = []
    if not isinstance(apps, list) or not all(isinstance(app, str) for app in apps):
        problems.append(
            detail("list_type", "Input should be a valid list", ("allowed_apps",), given=apps)
        )
    if isinstance(seconds, bool) or not isinstance(seconds, int | None):
        message = "Input should be a valid integer"
        problems.append(detail("int_type", message, (name,), given=seconds))
    if problems:
        return JsonResponse({"detail": problems}, 422)
    assert isinstance(apps, list)
    token = request.emulation.tokens.create(apps, _DEFAULT if seconds is None else seconds)
    return JsonResponse({"token": token} if is_documented else token)
