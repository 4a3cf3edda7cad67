"""A proxy that is served, and what tests ask of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from fal_endpoints import Fal
from fal_endpoints.proxy import ProxyCall
from guide.served_app import listening, url_of

from client.conftest import KEY

ID = "fal-ai/pika/v2.2/image-to-video"


APP = "fal-ai/pika"


INPUT = {"image_url": "https://example.com/a.png", "prompt": "a wave"}


QUEUE, RUN, REST = "https://queue.fal.run", "https://fal.run", "https://rest.fal.ai"


REQUEST_ID = "019f0d2c-6d2f-7b1a-9a44-0c3f2b6f2b7e"


JOB = f"{QUEUE}/{APP}/requests/{REQUEST_ID}"
PATIENCE = 30.0  # seconds on a slow machine


@dataclass
class Upstream:
    """A server in the place of fal, which answers as a test says."""

    url: str = ""
    answer: Callable[[Any, Any, Any], Any] | None = None
    requests: list[httpx.Request] = field(default_factory=list[httpx.Request])

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope["path"]
        self.requests.append(httpx.Request(scope["method"], path, headers=scope["headers"]))
        assert self.answer is not None
        await self.answer(scope, receive, send)


def answer(status: int = 200, body: bytes = b"{}", **headers: str) -> Callable[..., Any]:
    """Return an ASGI application that reads its request, and answers."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        named = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": named})
        await send({"type": "http.response.body", "body": body})

    return app


@dataclass
class Proxied:
    """Proxies that are served: in front of the emulator, and of an `Upstream`."""

    url: str
    upstream: Upstream
    authorize: Callable[[ProxyCall], Any]
    calls: list[ProxyCall]


def nobody_asks(call: ProxyCall) -> bool:
    return True


def unreachable() -> Fal:
    with listening() as closed:
        return Fal(KEY, base_url=url_of(closed))


def call(
    browser: httpx.Client, target: str, method: str = "GET", at: str = "/fal/", **options: Any
) -> httpx.Response:
    headers = {"x-fal-target-url": target, **options.pop("headers", {})}
    return browser.request(method, at, headers=headers, **options)


def submit(browser: httpx.Client, **options: Any) -> httpx.Response:
    return call(browser, f"{QUEUE}/{ID}", "POST", json=INPUT, **options)
