"""The ids that the catalogue listed before, for suggestions and completion without the network.

They are in the user's cache folder, by the address of the catalogue. They never decide what is
generated.
"""

from __future__ import annotations

from collections.abc import Iterable

from fal_codegen import cache
from fal_codegen.digests import digest_of
from fal_codegen.endpoint_id import is_valid

_MOST = 20_000
"""Ids of a catalogue with suggestions, many times as many as fal has: a search among them takes a
second."""


def remember(address: str, ids: Iterable[str], *, is_complete: bool) -> None:
    """Keep the ids that a catalogue listed.

    Args:
        address: The address of the catalogue.
        ids: The ids. Invalid ones are left out, because a shell may complete them.
        is_complete: Whether these are all of the catalogue, so that earlier ids are forgotten.
    """
    earlier = set() if is_complete else remembered(address)
    cache.write(_name(address), sorted({*earlier, *filter(is_valid, ids)}))


def remembered(address: str) -> frozenset[str]:
    """Return the ids that a catalogue listed before; empty if none are known."""
    ids = cache.read(_name(address))
    if not isinstance(ids, list) or len(ids) > _MOST:
        return frozenset()
    return frozenset(id_ for id_ in ids if isinstance(id_, str) and is_valid(id_))


def _name(address: str) -> str:
    return f"catalogue-{digest_of(address)[:32]}.json"
