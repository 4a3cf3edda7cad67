"""Suggestions for mistyped names: keys, targets, classes and endpoint ids."""

from __future__ import annotations

from collections.abc import Iterable


def closest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is most similar to a mistyped one; None if none is similar."""
    from difflib import get_close_matches  # only errors need it

    by_lower_case = {candidate.lower(): candidate for candidate in sorted(known)}
    matches = get_close_matches(name.lower(), by_lower_case)
    near = (match for match in matches if _are_ends_similar(name.lower(), match))
    match = next(near, None)
    return None if match is None else by_lower_case[match]


def _are_ends_similar(name: str, known: str) -> bool:
    """Return whether two names are similar from the first segment in which they differ.

    Endpoint ids share long beginnings, which make any two of them similar.
    """
    from difflib import SequenceMatcher

    parts, others = name.split("/"), known.split("/")
    while parts and others and parts[0] == others[0]:
        parts, others = parts[1:], others[1:]
    is_part = not parts or not others
    return is_part or SequenceMatcher(None, "/".join(parts), "/".join(others)).ratio() >= 0.6


def did_you_mean(name: str, known: Iterable[str], otherwise: str) -> str:
    """Return the hint of an error about an unknown name.

    Args:
        name: The unknown name.
        known: The names that would have been accepted.
        otherwise: The next step if no name is similar; it also follows a suggestion.
    """
    match = closest(name, known)
    return otherwise if match is None else f"did you mean {match}? {otherwise}"
