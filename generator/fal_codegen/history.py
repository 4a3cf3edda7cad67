"""The history of a project's documents, as records: what changed, and when it was found.

`drift.history` makes the records, `project.history` keeps them in `specs/history.jsonl`, and
targets render them as changelogs.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple


class Level(IntEnum):
    """How severe a change is for a client with strict types.

    Attributes:
        BREAKING: A call that was valid may fail now, or a client may fail to read the response.
        BEHAVIOURAL: The same calls are accepted, but their effect may differ.
        ADDITIVE: Something new is available; everything that worked still works.
        PRICE: Calls cost more or less than before, and nothing else changed.
        COSMETIC: Only annotations changed.
        NONE: Nothing changed.
    """

    NONE = 0
    COSMETIC = 1
    PRICE = 2
    ADDITIVE = 3
    BEHAVIOURAL = 4
    BREAKING = 5


class Entry(NamedTuple):
    """One change of one endpoint, and the date on which it was found.

    Attributes:
        date: The date, such as `2026-06-05`.
        level: Name of the change's level, in lower case.
        direction: `input`, `output` or `endpoint`.
        old: The old value as JSON, or its hash.
        new: The new value as JSON, or its hash.
    """

    date: str
    endpoint: str
    id: str
    level: str
    direction: str
    pointer: str
    old: str
    new: str
    text: str
    fingerprint: str
