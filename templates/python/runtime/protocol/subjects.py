"""What an error is about, with the response that it comes from."""

from __future__ import annotations

from ..errors import Subject
from ..response_details import ResponseDetails, ResponseHeaders
from ..transport.io import HttpResponse
from .request_id import is_request_id


def with_response(subject: Subject, response: HttpResponse) -> Subject:
    """Return the subject with the details of a response, and with its request id if that is new."""
    request_id, named = subject.request_id, response.headers.get("x-fal-request-id")
    if request_id is None and is_request_id(named):
        request_id = named
    details = details_of(response, request_id)
    return subject._replace(request_id=request_id, response=details)


def details_of(
    response: HttpResponse,
    request_id: str | None,
    inference_time: float | None = None,
    queue_time: float | None = None,
) -> ResponseDetails:
    """Return the details of a response."""
    headers = ResponseHeaders(response.headers)
    return ResponseDetails(request_id, response.status_code, headers, inference_time, queue_time)
