"""How many examples the property tests try: three times as many with `-m exhaustive`."""

from __future__ import annotations

times = 1
"""Set by `conftest`, before the tests are imported."""


def examples(count: int) -> int:
    """Return how many examples a test tries that usually tries `count`."""
    return count * times
