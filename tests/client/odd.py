"""Answers that no server should give: drawn by hypothesis."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from .scripted import Answer

_TEXTS = st.one_of(
    st.text(st.characters(), max_size=20),  # with half surrogate pairs
    st.sampled_from(["", ".", "..", "\ud800", "a\nb", "\x1b[31m", "../../etc", "COMPLETED"]),
    # Built, as hypothesis repeats what is sampled in its reports.
    st.builds(lambda: "x" * 70_000),
)

_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),  # with NaN and the infinities, which Python's JSON has
    st.builds(lambda: 10**4000),
    _TEXTS,
)

JSON: st.SearchStrategy[Any] = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=12,
)

_URLS = _TEXTS | st.sampled_from(
    [
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:1/",
        "http://[::1",
        "http://\ud800/",
        "http:///",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "javascript:0",
        "//",
        "http://user:password@127.0.0.1:1/",
        "http://127.0.0.1:1/\x00",
    ]
)
_LONG_URLS = st.sampled_from([300, 70_000]).map(lambda length: f"http://{'a' * length}/")

# Some of what the protocol reads, each with a value of any kind.
_ITEMS = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("loc", "msg", "type", "input", "ctx", "url", "categories"), JSON),
)
_DETAILS = st.one_of(JSON, st.lists(_ITEMS | JSON, max_size=4))
_OBJECTS = st.fixed_dictionaries(
    {},
    optional={
        "request_id": st.just("id-1") | JSON,
        "status": st.sampled_from(["IN_QUEUE", "IN_PROGRESS", "COMPLETED", "FAILED"]) | JSON,
        **dict.fromkeys(
            ("status_url", "response_url", "cancel_url", "upload_url"), _URLS | _LONG_URLS | JSON
        ),
        "detail": _DETAILS,
        **dict.fromkeys(("queue_position", "logs", "metrics", "error", "error_type"), JSON),
        **dict.fromkeys(("image", "width", "keys", "file_url", "payload", "payload_error"), JSON),
    },
)


def _nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


_BODIES: st.SearchStrategy[bytes] = st.one_of(
    (_OBJECTS | JSON).map(lambda value: json.dumps(value).encode()),
    (_OBJECTS | JSON).map(lambda value: f"data: {json.dumps(value)}\n\n".encode()),
    st.binary(max_size=40),
    st.just(b"<html>"),
    st.builds(lambda: b'{"detail": ' + b"9" * 5000 + b"}"),
    st.builds(lambda: b'{"status": "COMPLETED", "logs": ' + _nested(300) + b"}"),
    st.builds(lambda: b'{"detail": [{"msg": ' + _nested(900) + b"}]}"),
    st.builds(lambda: _nested(100_000)),
)

_VALUES = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=20)
_HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "content-type": st.sampled_from(
            ["application/json", "text/event-stream", "text/html; charset=klingon", "\xff"]
        ),
        # Those of 1 to 60 seconds would be waited for.
        "retry-after": st.sampled_from(
            ["-1", "nan", "inf", "1e999", "", "soon", "99 Foo 2001", "Mon, 99 Jan 99999 99:99:99"]
        ),
        "location": st.sampled_from(
            ["http://127.0.0.1:99999/", "http://[::1", "//", "ftp://a/", "http:///", "\xff", "?"]
        ),
        "set-cookie": _VALUES,
        **dict.fromkeys(
            [
                "x-fal-request-id",
                "x-fal-error-type",
                "x-fal-needs-retry",
                "x-fal-retryable",
                "x-fal-request-timeout-type",
                "etag",
            ],
            _VALUES | st.sampled_from(["true", "0", "user", "internal_error", "bad_request"]),
        ),
    },
)

_STATUSES = st.sampled_from([200, 202, 204, 299, 301, 307, 499, 500, 502, 503, 504, 520, 599, 999])
_REFUSALS = st.sampled_from([400, 401, 402, 403, 404, 408, 409, 422, 429])

ANSWERS: st.SearchStrategy[Answer] = st.builds(
    Answer, st.just(200) | _STATUSES | _REFUSALS, _BODIES, _HEADERS
)
