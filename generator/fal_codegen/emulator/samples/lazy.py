"""Values that are made when they are first needed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Generic, TypeVar

__all__ = ["Lazy"]

_T = TypeVar("_T")


class Lazy(Generic[_T]):
    """The values of an iterator, each made when it is first needed and kept."""

    def __init__(self, values: Iterator[_T]) -> None:
        self._values = values
        self._kept: list[_T] = []

    def first(self, count: int) -> list[_T]:
        """Return the first values: `count` of them, or all if there are fewer."""
        self._keep(count)
        return self._kept[:count]

    def nth(self, index: int) -> _T:
        """Return a value by its index, or the last one if there are fewer."""
        self._keep(index + 1)
        return self._kept[min(index, len(self._kept) - 1)]

    def _keep(self, count: int) -> None:
        self._kept += islice(self._values, max(count - len(self._kept), 0))
