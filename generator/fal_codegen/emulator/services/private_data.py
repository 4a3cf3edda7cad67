"""api.fal.ai: sign the URLs of private files, and delete the payloads of requests."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, unquote, urlsplit

from starlette.exceptions import HTTPException
from starlette.responses import Response

from fal_codegen.emulator.endpoints.results import FILES, files_of
from fal_codegen.emulator.json_bodies import JsonResponse
from fal_codegen.emulator.limits import keep
from fal_codegen.emulator.network.hosts import caller_of, is_of_fal
from fal_codegen.emulator.request_handling import IncomingRequest

__all__ = ["delete", "sign"]

_LONGEST = 7 * 24 * 60 * 60
"""Seconds for which a signature is valid at most."""


async def sign(request: IncomingRequest) -> Response:
    """Return a URL that gives access to a file for some seconds, whoever asks."""
    request.authenticate()
    url = request.http.query_params.get("url", "")
    name = _name_of(url, caller_of(request.http.scope).host)
    seconds = (await request.json_object()).get("expiration_seconds")
    if type(seconds) is not int or not 1 <= seconds <= _LONGEST:
        raise HTTPException(400, f"expiration_seconds must be an integer from 1 to {_LONGEST}")
    emulation = request.emulation
    is_known = name.startswith(f"{FILES}/") or emulation.files.find(name) is not None
    if not (is_known and emulation.lifecycles.is_stored(name)):
        raise HTTPException(404, "File not found")
    return JsonResponse(
        {"signed_url": f"{url}?identity={emulation.lifecycles.sign(name, seconds)}"}
    )


async def delete(request: IncomingRequest) -> Response:
    """Delete the result of a request and its files; requests with one idempotency key are one."""
    request.authenticate()
    request_id: str = request.http.path_params["request_id"]
    key = request.http.headers.get("idempotency-key")
    deletions = request.emulation.deletions
    if key is not None and (key, request_id) in deletions:
        return _deleted(deletions[key, request_id])
    job = request.emulation.queue.completed(request_id)
    if job is None or job.schedule.loses_result:
        raise HTTPException(404, "Request not found")
    request.emulation.queue.remove_result(job)
    names = files_of(job.outcome.body) if job.outcome.status < 400 else []
    for name in names:
        request.emulation.lifecycles.remove(name)
    links = [request.url(f"/files/{quote(name)}") for name in names]
    if key is not None:
        keep(deletions, (key, request_id), links, request.emulation.limits.announcements)
    return _deleted(links)


def _deleted(links: Sequence[str]) -> Response:
    return JsonResponse(
        {"cdn_delete_results": [{"link": link, "exception": None} for link in links]}
    )


def _name_of(url: str, host: str) -> str:
    """Return the name of a file of the CDN. Raises HTTPException for any other URL."""
    try:
        parts = urlsplit(url)
        is_own = parts.netloc == host or is_of_fal(parts.hostname or "")
    except ValueError:
        is_own = False
    if not is_own or not parts.path.startswith("/files/") or parts.query or parts.fragment:
        raise HTTPException(400, "url must be the URL of a file, without query parameters")
    return unquote(parts.path.removeprefix("/files/"))
