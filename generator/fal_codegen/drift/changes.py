"""Changes of a document: their level, their direction, and the report of all of them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from functools import cached_property
from typing import Any

from fal_codegen.document.json_values import canonical


class Level(IntEnum):
    """How grave a change is for the contract, as any client with strict types sees it.

    Attributes:
        BREAKING: A call that was valid may fail now, or a client may fail to read the response.
        BEHAVIOURAL: The same calls are accepted, and something about what they do is different.
        ADDITIVE: Callers can do or know more; nothing that worked stops working.
        COSMETIC: Only annotations changed.
        NONE: Nothing changed.
    """

    NONE = 0
    COSMETIC = 1
    ADDITIVE = 2
    BEHAVIOURAL = 3
    BREAKING = 4


class Direction(Enum):
    """Whether a change is about inputs, about outputs, or about the endpoint itself."""

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
        id: Id of its rule, see `rules.RULES`.
        endpoint: Id of the endpoint; empty if the document names none.
        operation: Method and path, such as `POST /fal-ai/flux/dev`; empty if it is about all.
        pointer: JSON Pointer to the place in the document, with every `$ref` followed, so that the
            names of components are not part of it.
        old: The old value there; None if there was none.
        new: The new value there; None if there is none.
        text: What changed, as a sentence.
        subject: The part of the operation that it is about, with which the sentence begins; may be
            empty.
        survives: Whether a client generated from the old document still works (see `surface`): the
            API accepts what it sends, and it can read the responses.
        surface: Whether names or types in the generated code change.
        witness: An example of a breaking input change, where one can be built.
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
        """A permanent name of the change, however it is worded: 16 hexadecimal digits."""
        identity = [
            *(self.id, self.endpoint, self.operation, self.direction.value, self.pointer),
            *(self.old, self.new),
        ]
        return hashlib.sha256(canonical(identity).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Report:
    """The changes between two documents of one endpoint, the gravest first."""

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
        """The number of changes at each level that has any."""
        return Counter(change.level for change in self.changes)
