"""Requests for a batch."""

from __future__ import annotations

from collections.abc import Iterator

from fal_endpoints import (
    Request,
)

from .collage import Collage, Output


def requests(collage: Collage, count: int) -> Iterator[Request[Output]]:
    """Yield requests that differ; each third one is refused by the model."""
    for number in range(count):
        yield collage(
            layers=[], extra={"number": number}, aspect="1:1" if number % 3 else "refused"
        )
