"""An ASGI application through which browsers call fal, with the key of the server."""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import httpx

from .errors import NOTHING, ConfigurationError, FalError
from .log import logger
from .options import check_values
from .protocol.acceptance import judge_submission
from .protocol.option_headers import headers_of, upload_headers_of, url_with, with_defaults
from .protocol.policies import RELAY, STREAM
from .protocol.proxied_calls import (
    TARGET_HEADER,
    NotForwarded,
    ProxyAction,
    ProxyTarget,
    ProxyTargets,
    forwarded_headers,
    returned_headers,
)
from .text import line
from .transport.asgi import (
    BodyTooLong,
    Disconnected,
    Header,
    IncomingBody,
    Receive,
    Scope,
    Send,
    respond,
    send_body,
    start_response,
)
from .transport.bodies import async_pieces, http_response
from .transport.event_loop import open_response
from .transport.io import HttpRequest, Verdict
from .transport.permit import Permit
from .transport.redaction import headers_without_credentials, without_credentials

if TYPE_CHECKING:
    from .client import Client

_METHODS = ("GET", "POST", "PUT")  # those of fal's JavaScript client
_LONGEST_BODY = 10 * 1024 * 1024

# All calls have the same URL, so a cache would mix them up. The body is fal's, not a page.
_OWN_HEADERS = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]


@dataclass(frozen=True)
class ProxyCall:
    """A call of a browser, for `authorize` to judge.

    Example:
        ```python
        from fal_endpoints.proxy import ProxyCall

        tokens = {"a token that you gave to a user"}

        def authorize(call: ProxyCall) -> bool:
            return call.action != "cancel" and call.headers.get("x-token") in tokens
        ```
    """

    action: ProxyAction
    """`submit`, `status`, `stream_status`, `result` or `cancel` of a job in the queue, `run` or
    `stream` of an endpoint without the queue, or `upload`."""
    endpoint_id: str | None
    """The id of the endpoint. For `status`, `stream_status`, `result` and `cancel`, the id of its
    app, because fal's URLs name only the app. None for an upload."""
    request_id: str | None
    """The id of the job, for `status`, `stream_status`, `result` and `cancel`."""
    scope: Scope = field(repr=False)
    """The ASGI scope of the request. FastAPI and Starlette read it: `Request(call.scope)`."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of the request. Names match in any case."""
        return httpx.Headers(self.scope["headers"])


Authorize: TypeAlias = Callable[[ProxyCall], bool | Awaitable[bool]]


class _Refusal(Exception):
    """The proxy responds itself."""

    def __init__(self, status: int, detail: str, *headers: Header) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, headers


class Proxy:
    """A proxy for fal's JavaScript client in browsers: an ASGI application.

    Mount it at a URL, and set the client's `proxyUrl` to that URL. It forwards only calls of this
    package's endpoints to fal, with the key of the server. The URL that the browser sends is not
    used: the proxy builds one from the id of the endpoint. The options of the client, such as
    `Fal(store_io=False)`, apply to each call.

    Args:
        client: The client whose key, addresses and options are used. You close it.
        authorize: Returns whether a browser may make a call. A plain function is called in a
            thread. An exception of your framework that it raises, such as `HTTPException(401)`,
            becomes the response.
        uploads: Whether browsers may upload files to fal's storage with your account.
        max_body: The maximum size of a call's input in bytes.

    Raises:
        ConfigurationError: An argument is invalid.

    Example:
        ```python
        from fal_endpoints import Fal
        from fal_endpoints.proxy import Proxy, ProxyCall

        tokens = {"a token that you gave to a user"}

        def authorize(call: ProxyCall) -> bool:
            return call.headers.get("x-token") in tokens

        app = Proxy(Fal(), authorize)  # or app.mount("/fal", Proxy(…)) of FastAPI
        ```
    """

    def __init__(
        self,
        client: Client,
        authorize: Authorize,
        *,
        uploads: bool = False,
        max_body: int = _LONGEST_BODY,
    ) -> None:
        check_values(authorize=authorize, uploads=uploads, max_body=max_body)
        self._connection = client.connection
        self._authorize = authorize
        self._is_coroutine_function = inspect.iscoroutinefunction(authorize)
        self._max_body = max_body
        self._targets = ProxyTargets(client.endpoint_ids, client.connection.addresses, uploads)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (called by the ASGI server or framework)."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            # What ASGI asks of an application that needs no `lifespan` events: servers go on.
            raise ValueError(f"the proxy serves HTTP, and not the ASGI protocol {scope['type']!r}")
        try:
            target = await self._authorized(scope)
            request = self._request(target, scope)
            body = IncomingBody(receive, self._max_body)
            await _unless_left(body, self._relay(target, request, body, send))
        except _Refusal as refusal:
            headers = [*_OWN_HEADERS, *refusal.headers]
            await respond(send, refusal.status, {"detail": refusal.detail}, headers)

    async def _authorized(self, scope: Scope) -> ProxyTarget:
        """Return the target of a call that its caller may make."""
        if scope["method"] not in _METHODS:
            methods = ", ".join(_METHODS)
            raise _Refusal(405, f"this proxy forwards only {methods}", (b"allow", methods.encode()))
        target = self._target(scope)
        call = ProxyCall(target.action, target.endpoint_id, target.request_id, scope)
        if self._is_coroutine_function:
            allowed = self._authorize(call)
        else:
            allowed = await asyncio.to_thread(self._authorize, call)
        if inspect.isawaitable(allowed):
            allowed = await allowed
        if allowed is not True:
            raise _Refusal(403, "this call is not allowed")
        return target

    def _target(self, scope: Scope) -> ProxyTarget:
        name = TARGET_HEADER.encode()
        urls = [value for key, value in scope["headers"] if key.lower() == name]
        if len(urls) != 1:
            raise _Refusal(
                400, f"the request needs one header {TARGET_HEADER}: set the client's proxyUrl"
            )
        try:
            return self._targets.target(scope["method"], urls[0].decode("latin-1"))
        except NotForwarded as error:
            raise _Refusal(403, str(error)) from None

    def _request(self, target: ProxyTarget, scope: Scope) -> HttpRequest:
        """Return the request to fal, without its body."""
        given = httpx.Headers(scope["headers"])
        forwarded = forwarded_headers(given)
        if target.takes_body and (length := given.get("content-length")) is not None:
            if not re.fullmatch("[0-9]{1,18}", length):
                raise _Refusal(400, "the header content-length is not a number")
            if int(length) > self._max_body:
                raise self._too_long()
            forwarded["content-length"] = length
        try:
            check_values(headers=forwarded)
        except ConfigurationError:
            raise _Refusal(400, "a header has characters that cannot be forwarded") from None
        headers = httpx.Headers(forwarded)
        options = with_defaults({}, self._connection.defaults)
        match target.action:
            case "submit":
                headers.update(headers_of(options))
                target = target._replace(url=url_with(target.url, options))
            case "run" | "stream":
                headers.update(headers_of(options))
            case "upload":
                headers.update({"Content-Type": "application/json"} | upload_headers_of(options))
            case "status" | "stream_status" | "result" | "cancel":
                pass
        return HttpRequest(target.method, target.url, headers)

    async def _relay(
        self, target: ProxyTarget, request: HttpRequest, body: IncomingBody, send: Send
    ) -> None:
        """Send the request to fal, and its response to the browser, each as it arrives."""
        async with aclosing(await self._respond(target, request, body)) as response:
            body.ignore_rest()
            if target.is_billed and judge_submission(http_response(response)) is Verdict.UNCERTAIN:
                logger.warning(
                    "%s: HTTP %d, but not from fal itself", request, response.status_code
                )
                raise _Refusal(500, _UNCERTAIN)
            if response.has_redirect_location:
                logger.warning("%s: redirected, which is not followed", request)
                raise _Refusal(502, "fal's response is a redirect, which is not followed")
            headers = returned_headers(headers_without_credentials(response).raw)
            pieces = async_pieces(response, self._connection.pools.tuning.longest_response)
            if not response.is_success:
                headers = [header for header in headers if header[0] != b"content-length"]
                pieces = _without_credentials(pieces, response.request)
            try:
                await start_response(send, response.status_code, [*headers, *_OWN_HEADERS])
                async for piece in pieces:
                    await send_body(send, piece, has_more=True)
                await send_body(send, b"")
            except httpx.HTTPError as error:
                # The ASGI server closes the connection, so the browser sees an incomplete response.
                logger.warning("%s: the response was cut (%s)", request, _named(error))
            except OSError as error:
                logger.debug("%s: the browser has left (%s)", request, _named(error))

    async def _respond(
        self, target: ProxyTarget, request: HttpRequest, body: IncomingBody
    ) -> httpx.Response:
        """Return fal's response, unread. Its request is sent once."""
        permit = Permit(lambda: None)
        if target.takes_body:
            content: bytes | AsyncIterator[bytes] = _permitted(permit, body.pieces())
        else:
            content = b""
            body.ignore_rest()
        policy = STREAM if target.action in ("run", "stream") else RELAY
        try:
            key = self._connection.key_for(request.url, NOTHING)
            request = request._replace(auth=key)
            return await open_response(self._connection.pools, request, policy, content)
        except asyncio.CancelledError:
            if permit.withdraw() and target.is_billed:
                logger.warning("%s: the browser has left; it may still be running", request)
            raise
        except Disconnected:
            raise
        except BodyTooLong:
            raise self._too_long() from None
        except Exception as error:
            is_written = permit.withdraw()
            logger.warning("%s failed (%s)", request, _named(error))
            if is_written and target.is_billed:
                # Not 502, 503 or 504: fal's JavaScript client would submit again.
                raise _Refusal(500, _UNCERTAIN) from None
            if isinstance(error, FalError):
                raise _Refusal(500, "the server cannot call fal; its log has the reason") from None
            raise _Refusal(502, "fal did not respond") from None

    def _too_long(self) -> _Refusal:
        return _Refusal(413, f"the body has more than {self._max_body:,} bytes")


_UNCERTAIN = "fal may have accepted the call without a response; do not send it again"


async def _permitted(permit: Permit, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield a body when the transport asks for it, if it is permitted."""
    permit.use()
    async for piece in pieces:
        yield piece


async def _without_credentials(
    pieces: AsyncIterator[bytes], request: httpx.Request
) -> AsyncIterator[bytes]:
    """Yield the body of an error, once it is complete, without the key."""
    yield without_credentials(b"".join([piece async for piece in pieces]), request)


async def _unless_left(body: IncomingBody, relay: Coroutine[Any, Any, None]) -> None:
    """Run a relay to its end, or cancel it if the browser leaves."""
    relaying = asyncio.ensure_future(relay)
    leaving = asyncio.ensure_future(body.disconnection())
    try:
        await asyncio.wait([relaying, leaving], return_when=asyncio.FIRST_COMPLETED)
    finally:
        relaying.cancel()
        leaving.cancel()
        await asyncio.wait([relaying, leaving])
    with suppress(Disconnected):
        if not relaying.cancelled():
            relaying.result()


def _named(error: Exception) -> str:
    return line(f"{type(error).__name__} {error}".strip())
