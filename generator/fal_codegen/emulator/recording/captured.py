"""Turn the requests and answers of HTTP into what a recording keeps of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from starlette.requests import Request
from typing_extensions import assert_never

from fal_codegen.emulator.json_bodies import NotJson, parse
from fal_codegen.emulator.recording.fal_urls import Origin, fal_url, target_of
from fal_codegen.emulator.recording.recordings import (
    Body,
    Data,
    Digest,
    Event,
    Events,
    Json,
    RecordedAnswer,
    RecordedRequest,
    Text,
)
from fal_codegen.emulator.recording.redaction import Redaction

__all__ = [
    *("answer_headers", "body_of", "is_events", "is_text", "recorded_request"),
    *("redacted_answer", "redacted_request"),
]

_REQUEST_HEADERS = (
    *("accept", "content-type", "range", "x-fal-file-name", "x-fal-no-retry"),
    *("x-fal-queue-priority", "x-fal-request-start-timeout", "x-fal-request-timeout"),
    *("x-fal-runner-hint", "x-fal-store-io"),
)

_ANSWER_HEADERS = (
    *("accept-ranges", "content-disposition", "content-range", "content-type", "etag"),
    *("location", "retry-after", "x-fal-billable-units", "x-fal-error-type", "x-fal-needs-retry"),
    *("x-fal-request-id", "x-fal-request-timeout-type", "x-fal-retryable", "x-fal-served-from"),
)


def recorded_request(http: Request, content: bytes, here: Origin) -> RecordedRequest:
    """Return a request to an origin as a recording has it, with fal's own URLs."""
    content_type = http.headers.get("content-type", "")
    body = _request_body(content, content_type)
    if isinstance(body, Json | Text):
        body = _request_body(here.with_fal_urls(content.decode()).encode(), content_type)
    headers = {name: http.headers[name] for name in _REQUEST_HEADERS if name in http.headers}
    return RecordedRequest(http.method, fal_url(target_of(http.scope)), headers, body)


def answer_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of an answer that matter, by their names in lower case."""
    return {name: headers[name] for name in _ANSWER_HEADERS if name in headers}


def is_events(content_type: str) -> bool:
    """Return whether a body is a stream of events."""
    return content_type.startswith("text/event-stream")


def is_text(content_type: str) -> bool:
    """Return whether a body is text, which may have URLs in it."""
    return content_type.startswith("text/") or "json" in content_type


def _request_body(content: bytes, content_type: str) -> Body:
    """Return the body of a request; of a file, only its digest."""
    body = body_of(content, content_type)
    if isinstance(body, Data):
        return Digest(hashlib.sha256(content).hexdigest(), len(content))
    return body


def body_of(content: bytes, content_type: str) -> Body:
    """Return a body as JSON if it is, or as text, or as it is."""
    if not content:
        return Text("")
    if content_type and not is_text(content_type):
        return Data(content)
    try:
        return Json(parse(content))
    except NotJson:
        pass
    try:
        return Text(content.decode())
    except UnicodeDecodeError:
        return Data(content)


def redacted_request(request: RecordedRequest, redaction: Redaction) -> RecordedRequest:
    """Return a request without secrets."""
    body = _redacted(request.body, redaction)
    return replace(
        request,
        url=redaction.text(request.url),
        headers=_redacted_headers(request.headers, redaction),
        body=body,
    )


def redacted_answer(answer: RecordedAnswer, redaction: Redaction) -> RecordedAnswer:
    """Return an answer without secrets."""
    body = _redacted(answer.body, redaction)
    return replace(answer, headers=_redacted_headers(answer.headers, redaction), body=body)


def _redacted(body: Body, redaction: Redaction) -> Body:
    match body:
        case Json():
            return Json(redaction.json(body.value))
        case Text():
            return Text(redaction.text(body.text))
        case Data():
            return Data(redaction.data(body.content))
        case Digest():
            return body
        case Events():
            return Events(tuple(Event(e.after, redaction.events(e.text)) for e in body.events))
        case _:
            assert_never(body)


def _redacted_headers(headers: Mapping[str, str], redaction: Redaction) -> dict[str, str]:
    return {name: redaction.text(value) for name, value in headers.items()}
