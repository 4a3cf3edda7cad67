"""What a comparison says: changes, how grave they are, and for whom. Values only."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from functools import cached_property
from typing import Any

from fal_codegen.drift.values import canonical


class Level(IntEnum):
    """How grave a change is: for the contract, as any client with strict types sees it.

    Attributes:
        BREAKING: A call that was valid may fail now, or a client may fail to read the answer.
        BEHAVIOURAL: The same calls are accepted, and something about what they do is different.
        ADDITIVE: More can be done or known; nothing that worked stops working.
        COSMETIC: Only what is said about it changed.
        NONE: Nothing changed.
    """

    NONE = 0
    COSMETIC = 1
    ADDITIVE = 2
    BEHAVIOURAL = 3
    BREAKING = 4


class Direction(Enum):
    """Which way the values travel that a change is about; ENDPOINT if it is about none."""

    INPUT = "input"
    OUTPUT = "output"
    ENDPOINT = "endpoint"


@dataclass(frozen=True)
class Witness:
    """An input that shows a change: valid before it, and rejected because of it alone."""

    value: Any


@dataclass(frozen=True)
class Change:
    """One change of a document.

    Attributes:
        id: Its rule, see `rules.RULES`.
        endpoint: Id of the endpoint; empty for a document that is not of one.
        operation: Method and path, such as `POST /fal-ai/flux/dev`; empty if it is about all.
        pointer: JSON Pointer to the place in the document, with every `$ref` followed, so that the
            names of components are not part of it.
        old: What stood there before; None if nothing did.
        new: What stands there now; None if nothing does.
        text: What changed, as a sentence for people.
        subject: What of the operation it is about, with which the sentence begins if it has one.
        survives: Whether a client that this project generated from the old document goes on
            working (see `surface`): what it sends is accepted, and it can read the answers.
        surface: Whether names or types in the generated code change with it.
        witness: For a breaking change of an input, where one could be made.
    """

    id: str
    level: Level
    endpoint: str
    operation: str
    direction: Direction
    pointer: str
    old: Any
    new: Any
    text: str
    subject: str = ""
    survives: bool = True
    surface: bool = False
    witness: Witness | None = field(default=None, compare=False)

    @cached_property
    def fingerprint(self) -> str:
        """What names this change for good, however it is worded: 16 hexadecimal digits."""
        told = [
            *(self.id, self.endpoint, self.operation, self.direction.value, self.pointer),
            *(self.old, self.new),
        ]
        return hashlib.sha256(canonical(told).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Report:
    """All that changed between two documents, the gravest first."""

    endpoint: str
    changes: tuple[Change, ...]

    @property
    def level(self) -> Level:
        """The level of the gravest change."""
        return max((change.level for change in self.changes), default=Level.NONE)

    @property
    def survives(self) -> bool:
        """Whether a client generated from the old document survives every change."""
        return all(change.survives for change in self.changes)

    def at(self, level: Level) -> tuple[Change, ...]:
        """Return the changes of a level."""
        return tuple(change for change in self.changes if change.level is level)

    @property
    def counts(self) -> Mapping[Level, int]:
        """How many changes there are at each level that has any."""
        return Counter(change.level for change in self.changes)
