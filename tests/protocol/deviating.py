"""An emulator that deviates from every fact that is compared, to prove that each is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from fal_codegen.emulator.recording.fal_urls import fal_url
from fal_codegen.emulator.recording.operations import operation_of
from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass
class Answer:
    """An answer, before it is sent."""

    status: int
    headers: dict[str, str]
    content: bytes
    query: dict[str, list[str]]

    @property
    def body(self) -> Any:
        return json.loads(self.content)

    @body.setter
    def body(self, value: Any) -> None:
        self.content = json.dumps(value).encode()


def deviating(app: ASGIApp) -> ASGIApp:
    """Wrap an emulation so that its answers deviate."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        answer = Answer(0, {}, b"", parse_qs(scope["query_string"].decode()))

        async def collect(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                headers = {name.decode(): value.decode() for name, value in message["headers"]}
                answer.headers = headers
            else:
                answer.content += message.get("body", b"")

        await app(scope, receive, collect)
        operation = operation_of(scope["method"], fal_url(scope["path"]))
        if operation in _DEVIATIONS:
            _DEVIATIONS[operation](answer)
        answer.headers["content-length"] = str(len(answer.content))
        headers = [(name.encode(), value.encode()) for name, value in answer.headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.content})

    return wrapped


def _submit(answer: Answer) -> None:
    if answer.status != 200:
        answer.body = {"detail": "Another message"}
        return
    answer.status = 201
    del answer.headers["x-fal-request-id"]
    body = answer.body
    for name in ("response_url", "status_url", "cancel_url"):
        # The emulator serves jobs at both forms of their addresses.
        body[name] = body[name].replace("/requests/", "/v1.0/draft/requests/")
    body["request_id"] = "5c6a1f0e-8f0e-4d3c-9d53-0f3c2d1b4a59"
    del body["metrics"]
    answer.body = body


def _status(answer: Answer) -> None:
    body = answer.body
    if answer.status == 404:
        answer.body = {**body, "detail": "Not found"}
        return
    answer.status = 200
    answer.headers["x-fal-request-id"] = body["request_id"]
    body["error"] = None
    if body["logs"]:
        body["logs"] = [line["message"] for line in body["logs"]]
    elif "logs" not in answer.query:
        body["logs"] = []
    if "inference_time" in body["metrics"]:
        body["metrics"]["inference_time"] = "1 s"
    answer.body = body


def _events(answer: Answer) -> None:
    answer.headers["content-type"] = "application/x-ndjson"


def _result(answer: Answer) -> None:
    if answer.status == 400:
        answer.body = {"detail": "Not yet"}
        return
    answer.headers.pop("x-fal-billable-units", None)
    if answer.status == 422:
        answer.body = {"detail": [{**item, "url": "about:blank"} for item in answer.body["detail"]]}
    else:
        answer.body = {}


def _run(answer: Answer) -> None:
    answer.status = 400 if answer.status == 422 else 202


def _cancel(answer: Answer) -> None:
    answer.body = {"status": "OK"}


def _upload(answer: Answer) -> None:
    if answer.content:
        answer.body = {**answer.body, "expires_in": 60}


def _file(answer: Answer) -> None:
    answer.content = b"other content"


def _token(answer: Answer) -> None:
    answer.body = {"token": answer.body}


def _jwks(answer: Answer) -> None:
    answer.body = {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}]}


_DEVIATIONS: dict[str, Callable[[Answer], None]] = {
    "submit": _submit,
    "status": _status,
    "events": _events,
    "result": _result,
    "run": _run,
    "cancel": _cancel,
    "upload": _upload,
    "file": _file,
    "token": _token,
    "jwks": _jwks,
}
