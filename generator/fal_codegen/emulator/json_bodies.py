"""JSON of requests and answers: parsed strictly, so that every parsed value can be encoded."""

from __future__ import annotations

import json
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from fal_codegen.document import strict_json

__all__ = ["JsonResponse", "NotJson", "encode", "json_object", "parse"]


class NotJson(ValueError):
    """A body is not JSON.

    Attributes:
        reason: What is wrong.
        position: Where that is, in characters.
    """

    def __init__(self, reason: str, position: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.position = position


class JsonResponse(JSONResponse):
    """A JSON answer that can always be encoded."""

    def render(self, content: Any) -> bytes:
        """Encode the answer."""
        return encode(content)


def encode(value: Any) -> bytes:
    """Return a value as JSON; a lone surrogate, which UTF-8 cannot carry, becomes `?`."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def parse(body: bytes) -> Any:
    """Parse JSON in UTF-8: finite numbers, whole characters, and no endless nesting.

    Raises:
        NotJson: The body is not such JSON.
    """
    try:
        value = strict_json.loads(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise NotJson("The body is not UTF-8", error.start) from None
    except json.JSONDecodeError as error:
        raise NotJson(error.msg, error.pos) from None
    except ValueError as error:
        raise NotJson(f"The number cannot be used: {error}") from None
    except RecursionError:
        raise _too_deep() from None
    if strict_json.is_deeper(value, strict_json.MAX_DEPTH):  # validators and encoders recurse
        raise _too_deep()
    if strict_json.may_have_lone_surrogates(body) and not _is_encodable(value):
        raise NotJson("A surrogate stands alone")
    return value


def json_object(body: bytes) -> dict[str, Any]:
    """Parse a body that has to be a JSON object. Raises HTTPException if it is not."""
    try:
        value = parse(body)
    except NotJson:
        value = None
    if not isinstance(value, dict):
        raise HTTPException(422, "A JSON object is required")
    return value


def _too_deep() -> NotJson:
    return NotJson(f"Nested more than {strict_json.MAX_DEPTH} levels deep")


def _is_encodable(value: object) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True
