"""What a rule is: a kind of change, its effect and level, and its message; and groups of rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any, NamedTuple

from fal_codegen.document.models import Direction
from fal_codegen.history import Level


class Effect(Enum):
    """The effect of a schema change on the valid values, or on their meaning.

    Attributes:
        NARROWER: Fewer values.
        WIDER: More values.
        OTHER: Different values: neither set contains the other.
        REMOVED: Something that clients may use by name was removed.
        NEW: Something that no client relies on yet.
        HINTED: The same values, with a hint that servers may enforce (`format`).
        DIFFERENT: The same values, with a different effect.
        DESCRIBED: The same values; only annotations changed.
    """

    NARROWER = auto()
    WIDER = auto()
    OTHER = auto()
    REMOVED = auto()
    NEW = auto()
    HINTED = auto()
    DIFFERENT = auto()
    DESCRIBED = auto()

    def on(self, direction: Direction) -> Level:
        """Return the level of a change with this effect, for values in a direction."""
        incoming, outgoing = _LEVELS[self]
        return incoming if direction is Direction.INPUT else outgoing


_LEVELS: Mapping[Effect, tuple[Level, Level]] = {
    Effect.NARROWER: (Level.BREAKING, Level.ADDITIVE),
    Effect.WIDER: (Level.ADDITIVE, Level.BREAKING),
    Effect.OTHER: (Level.BREAKING, Level.BREAKING),
    Effect.REMOVED: (Level.BREAKING, Level.BREAKING),
    Effect.NEW: (Level.ADDITIVE, Level.ADDITIVE),
    Effect.HINTED: (Level.BEHAVIOURAL, Level.ADDITIVE),
    Effect.DIFFERENT: (Level.BEHAVIOURAL, Level.BEHAVIOURAL),
    Effect.DESCRIBED: (Level.COSMETIC, Level.COSMETIC),
}
"""The level of each effect, for inputs and for outputs."""

PLACES: Mapping[Direction, tuple[str, ...]] = {
    Direction.INPUT: ("body", "property", "parameter", "parameter-property"),
    Direction.OUTPUT: ("body", "property", "header", "header-property"),
}
"""The places of schemas, in each direction."""

_ANYWHERE = frozenset(place for places in PLACES.values() for place in places)


@dataclass(frozen=True)
class Rule:
    """A rule at one place.

    Attributes:
        message: What changed, with `{old}` and `{new}` for values of the document, `{before}` and
            `{after}` for names.
        direction: Whether it is about inputs or outputs; None for the endpoint itself.
        topic: What changes, such as `property min`.
        sign: 1 and -1 for changes of a topic in opposite ways, such as set and unset; 0 for a
            change whose opposite has the same rule.
        is_move: Whether it moves a property, so that the opposite change is at another property of
            the same object.
    """

    id: str
    level: Level
    direction: Direction | None
    message: str
    topic: str
    sign: int = 0
    is_move: bool = False


@dataclass(frozen=True)
class SchemaRule:
    """A rule about schemas at any place.

    Attributes:
        name: Its name at every place.
        message: See `Rule`, which also describes `sign` and `is_move`.
        topic: What changes; the name by default.
        ids: Templates of its ids for inputs and for outputs; empty if it cannot occur there.
        places: The places at which it can occur, see `PLACES`.
    """

    name: str
    effect: Effect
    message: str
    topic: str = ""
    sign: int = 0
    is_move: bool = False
    ids: tuple[str, str] = ("request-{place}-{name}", "response-{place}-{name}")
    places: frozenset[str] = _ANYWHERE

    def at(self, direction: Direction, place: str) -> Rule | None:
        """Return the rule at a place; None if it cannot occur there."""
        id = self.ids[0 if direction is Direction.INPUT else 1].format(place=place, name=self.name)
        if not id or place not in self.places:
            return None
        level, topic = self.effect.on(direction), f"{place} {self.topic or self.name}"
        return Rule(id, level, direction, self.message, topic, self.sign, self.is_move)


class Pair(NamedTuple):
    """Two rules of opposite changes, such as setting and unsetting a flag."""

    set: SchemaRule
    unset: SchemaRule

    @classmethod
    def of(cls, topic: str, one: SchemaRule, other: SchemaRule) -> Pair:
        """Return the two rules, as opposite changes of a topic."""
        return cls(replace(one, topic=topic, sign=1), replace(other, topic=topic, sign=-1))


class Statement(NamedTuple):
    """Rules for a value that can be added, removed and changed."""

    added: SchemaRule
    removed: SchemaRule
    changed: SchemaRule

    @classmethod
    def of(
        cls, name: str, words: str, added: Effect, removed: Effect, changed: Effect
    ) -> Statement:
        """Return the rules for a value that messages call `words`, with the effect of each."""
        return cls(
            *Pair.of(
                name,
                SchemaRule(f"{name}-added", added, f"the {words} {{new}} was added"),
                SchemaRule(f"{name}-removed", removed, f"the {words} {{old}} was removed"),
            ),
            SchemaRule(
                f"{name}-changed", changed, f"the {words} changed from {{old}} to {{new}}", name
            ),
        )

    def between(self, old: Any, new: Any) -> SchemaRule:
        """Return the rule for a change from one value to another; None means no value."""
        return self.added if old is None else self.removed if new is None else self.changed


class Limit(NamedTuple):
    """Rules for a limit that can be set, unset, raised and lowered."""

    set: SchemaRule
    unset: SchemaRule
    increased: SchemaRule
    decreased: SchemaRule

    @classmethod
    def of(cls, name: str, words: str, *, is_lower: bool, topic: str = "") -> Limit:
        """Return the rules for a limit: raising a lower limit leaves fewer values."""
        fewer, more = Effect.NARROWER, Effect.WIDER
        raised, lowered = (fewer, more) if is_lower else (more, fewer)
        went = "from {old} to {new}"
        return cls(
            *Pair.of(
                topic or name,
                SchemaRule(f"{name}-set", fewer, f"a new {words}: {{new}}"),
                SchemaRule(f"{name}-unset", more, f"the {words} {{old}} was removed"),
            ),
            *Pair.of(
                topic or name,
                SchemaRule(f"{name}-increased", raised, f"the {words} was raised {went}"),
                SchemaRule(f"{name}-decreased", lowered, f"the {words} was lowered {went}"),
            ),
        )

    def between(self, old: Any, new: Any) -> SchemaRule:
        """Return the rule for a change from one limit to another; None means no limit."""
        if old is None or new is None:
            return self.set if old is None else self.unset
        return self.increased if new > old else self.decreased


class Presence(NamedTuple):
    """Rules for a part of an operation that can be added and removed."""

    added: Rule
    removed: Rule


class Removal(NamedTuple):
    """Rules for a removal that a deprecation announced, and for any other."""

    announced: Rule
    unannounced: Rule


class RequiredOrOptional(NamedTuple):
    """Rules for the same change of something required, and of something optional."""

    required: Rule
    optional: Rule

    def of(self, is_required: bool) -> Rule:
        """Return the rule for one of them."""
        return self.required if is_required else self.optional
