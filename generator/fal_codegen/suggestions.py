"""Suggestions for mistyped names: keys, targets, classes and endpoint ids."""

from __future__ import annotations

from collections.abc import Iterable


def closest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is most similar to a mistyped one; None if none is similar."""
    from difflib import get_close_matches  # only errors need it

    by_lower_case = {candidate.lower(): candidate for candidate in sorted(known)}
    matches = get_close_matches(name.lower(), by_lower_case, n=1)
    return by_lower_case[matches[0]] if matches else None


def did_you_mean(name: str, known: Iterable[str], otherwise: str) -> str:
    """Return the hint of an error about an unknown name.

    Args:
        name: The unknown name.
        known: The names that would have been accepted.
        otherwise: The next step if no name is similar; it also follows a suggestion.
    """
    match = closest(name, known)
    return otherwise if match is None else f"did you mean {match}? {otherwise}"
