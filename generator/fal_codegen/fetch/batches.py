"""Batches: requests about many endpoints at once.

fal's platform API rejects a request as a whole if it does not know one of the ids, so the rejected
endpoints are requested again in halves.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from fal_codegen.fetch.download import RejectedError

BATCH = 50
"""Endpoints that can be requested by id at once."""

_MOST_REJECTIONS = 15
"""Rejected requests for a batch and its parts, after which the rest is abandoned. A few missing
endpoints cause fewer."""

_STATUSES = frozenset({400, 404, 413, 414})
"""Statuses that one endpoint of a batch, or the size of the batch, can cause."""


def batches(ids: Sequence[str]) -> list[Sequence[str]]:
    """Split ids into batches."""
    return [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]


async def request_in_halves(
    ids: Sequence[str],
    request: Callable[[Sequence[str]], Awaitable[None]],
    on_rejected: Callable[[str, RejectedError], None],
) -> None:
    """Request a batch, and after a rejection its halves, down to single endpoints.

    Args:
        ids: The endpoints of the batch.
        request: Sends a request about some of them.
        on_rejected: Called with each endpoint that is rejected alone.

    Raises:
        RejectedError: A rejection is not about one of the endpoints, or there are too many.
    """
    rejections = 0
    parts = [ids]
    while parts:
        part = parts.pop()
        try:
            await request(part)
        except RejectedError as error:
            rejections += 1
            if error.status not in _STATUSES or rejections > _MOST_REJECTIONS:
                raise
            if len(part) == 1:
                on_rejected(part[0], error)
            else:
                parts += [part[len(part) // 2 :], part[: len(part) // 2]]
