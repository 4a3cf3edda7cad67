"""Changed words of a text, with bounded length."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from enum import Enum
from typing import NamedTuple

MAX_WORDS = 600
"""Words of each text that are compared; the longest genuine description has about 400."""

_MAX_SHOWN = 400
"""Characters of a text in a report."""

_AROUND = 4
"""Unchanged words on either side of a changed run."""


class Tag(Enum):
    """Whether a run of words was kept, removed or added."""

    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"


class Words(NamedTuple):
    """Consecutive words of one tag."""

    tag: Tag
    text: str


def changed_words(old: str, new: str) -> list[Words]:
    """Return the changed words between two texts, with a few unchanged words around them.

    `…` stands for omitted words.
    """
    before, after = old.split()[:MAX_WORDS], new.split()[:MAX_WORDS]
    if before == after:  # only white space differs, or words beyond the limit
        whole = [Words(Tag.REMOVED, old), Words(Tag.ADDED, new)]
        return [Words(tag, text[:_MAX_SHOWN]) for tag, text in whole if text]
    return list(_cut(_runs(before, after)))


def _runs(before: list[str], after: list[str]) -> Iterator[Words]:
    steps = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for number, (step, start, end, start_after, end_after) in enumerate(steps):
        if step == "equal":
            is_first, is_last = number == 0, number == len(steps) - 1
            yield Words(Tag.KEPT, _shortened(before[start:end], is_first, is_last))
            continue
        if end > start:
            yield Words(Tag.REMOVED, " ".join(before[start:end]))
        if end_after > start_after:
            yield Words(Tag.ADDED, " ".join(after[start_after:end_after]))


def _shortened(words: list[str], is_first: bool, is_last: bool) -> str:
    head = 0 if is_first else _AROUND
    tail = 0 if is_last else _AROUND
    if len(words) <= head + tail:
        return " ".join(words)
    return " ".join([*words[:head], "…", *(words[-tail:] if tail else ())])


def _cut(runs: Iterator[Words]) -> Iterator[Words]:
    room = _MAX_SHOWN
    for tag, text in runs:
        yield Words(tag, text if len(text) <= room else f"{text[:room]}…")
        room -= len(text)
        if room <= 0:
            return
