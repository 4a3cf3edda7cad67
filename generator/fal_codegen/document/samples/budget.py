"""The work that may go into samples, so that no schema takes more than a second or two."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, Generic, TypeVar

__all__ = ["CHECK", "VALUE", "Budget", "Lazy", "size_of"]

_WORK = 100_000
"""Steps of about ten microseconds each. Genuine documents take at most 3,000."""

VALUE = 10
"""Steps for a value: at most 10,000 values are made."""

CHECK = 10
"""Steps for checking a value, which may compile a validator."""

_T = TypeVar("_T")


class Budget:
    """The steps that are left."""

    def __init__(self, work: int = _WORK) -> None:
        self._left = work

    @property
    def is_spent(self) -> bool:
        """Whether no step is left."""
        return self._left <= 0

    def spend(self, steps: int) -> None:
        """Take steps from the budget."""
        self._left -= steps


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


def size_of(value: Any) -> int:
    """Return the number of scalars and characters of a JSON value."""
    if isinstance(value, dict):
        return sum(len(name) + size_of(item) for name, item in value.items())
    if isinstance(value, list):
        return 1 + sum(map(size_of, value))
    return 1 + len(value) if isinstance(value, str) else 1
