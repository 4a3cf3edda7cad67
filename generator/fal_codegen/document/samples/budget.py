"""The work that may go into samples, so that no schema takes more than a second or two."""

from __future__ import annotations

__all__ = ["VALUE", "Budget"]

_WORK = 100_000
"""Steps of about ten microseconds each. Genuine documents take at most 3,000."""

VALUE = 10
"""Steps for a value: at most 10,000 values are made."""


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
