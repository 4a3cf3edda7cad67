"""The changes of a document, and the report of all of them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from fal_codegen.document.json_values import canonical_text
from fal_codegen.document.models import Direction
from fal_codegen.history import Level


@dataclass(frozen=True)
class Witness:
    """An input that was valid before a change, and that this change alone rejects."""

    value: Any


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change of a document.

    Attributes:
        id: Id of its rule, see `rules.RULES`.
        endpoint: Id of the endpoint; empty if the document names none.
        operation: Method and path, such as `POST /fal-ai/flux/dev`; empty for the whole document.
        direction: Whether it affects inputs or outputs; None if it affects the endpoint itself.
        pointer: JSON Pointer to the place in the document, with every `$ref` followed, so that it
            does not contain the names of components.
        old: The old value; None if there was none.
        new: The new value; None if there is none.
        text: What changed, as a sentence.
        subject: The part of the operation that changed, at the start of `text`; may be empty.
        survives: Whether a client generated from the old document still works: the API accepts
            its inputs, and it can read the outputs.
        surface: Whether names or types in the generated code change.
        distinctions: Those of its differences; empty if its other attributes identify it.
        witness: For a breaking input change, an input that shows it, where one can be built.
    """

    id: str
    level: Level
    endpoint: str
    text: str
    operation: str = ""
    direction: Direction | None = None
    pointer: str = ""
    old: Any = None
    new: Any = None
    subject: str = ""
    survives: bool = True
    surface: bool = False
    distinctions: tuple[tuple[str, ...], ...] = ()
    witness: Witness | None = field(default=None, compare=False)

    @property
    def direction_name(self) -> str:
        """`input`, `output` or `endpoint`."""
        return self.direction.value if self.direction else "endpoint"

    @cached_property
    def fingerprint(self) -> str:
        """A permanent id that does not depend on `text`: 16 hexadecimal digits."""
        identity = [
            *(self.id, self.endpoint, self.operation, self.direction_name, self.pointer),
            *(self.old, self.new),
            *([self.distinctions] if self.distinctions else ()),
        ]
        return hashlib.sha256(canonical_text(identity).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Report:
    """The changes between two documents of one endpoint, the most severe first."""

    endpoint: str
    changes: tuple[Change, ...]

    @property
    def level(self) -> Level:
        """The level of the most severe change."""
        return max((change.level for change in self.changes), default=Level.NONE)

    @property
    def survives(self) -> bool:
        """Whether a client generated from the old document survives every change."""
        return all(change.survives for change in self.changes)

    def at(self, level: Level) -> tuple[Change, ...]:
        """Return the changes at a level."""
        return tuple(change for change in self.changes if change.level is level)

    @property
    def counts(self) -> Mapping[Level, int]:
        """The number of changes at each level that has any."""
        return Counter(change.level for change in self.changes)
