"""The rules: every kind of change, what it means for whom, and the message that reports it.

Rule ids are those that oasdiff uses for the same change, so that people who know one tool know the
other. A `SchemaRule`, such as `max-decreased`, gives one rule for each place at which a schema can
stand: `request-property-max-decreased`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any, Generic, NamedTuple, TypeVar

from fal_codegen.drift.changes import Direction, Level


class Effect(Enum):
    """What a change of a schema does to the values that it allows, or to what is known of them.

    Attributes:
        NARROWER: Fewer values.
        WIDER: More values.
        OTHER: Other values: itself the old nor the new values contain the others.
        REMOVED: Something that clients may use by its name is removed.
        NEW: Something that no client knows of yet.
        PROMISED: The same values, with a promise about them that a server may hold callers to.
        DIFFERENT: The same values, with another effect.
        DESCRIBED: The same values; only annotations changed.
    """

    NARROWER = auto()
    WIDER = auto()
    OTHER = auto()
    REMOVED = auto()
    NEW = auto()
    PROMISED = auto()
    DIFFERENT = auto()
    DESCRIBED = auto()

    def on(self, direction: Direction) -> Level:
        """Return the level of such a change, for values that travel in a direction."""
        incoming, outgoing = _LEVELS[self]
        return incoming if direction is Direction.INPUT else outgoing


_LEVELS: Mapping[Effect, tuple[Level, Level]] = {
    Effect.NARROWER: (Level.BREAKING, Level.ADDITIVE),
    Effect.WIDER: (Level.ADDITIVE, Level.BREAKING),
    Effect.OTHER: (Level.BREAKING, Level.BREAKING),
    Effect.REMOVED: (Level.BREAKING, Level.BREAKING),
    Effect.NEW: (Level.ADDITIVE, Level.ADDITIVE),
    Effect.PROMISED: (Level.BEHAVIOURAL, Level.ADDITIVE),
    Effect.DIFFERENT: (Level.BEHAVIOURAL, Level.BEHAVIOURAL),
    Effect.DESCRIBED: (Level.COSMETIC, Level.COSMETIC),
}
"""The level of each effect, for inputs and for outputs."""

PLACES: Mapping[Direction, tuple[str, ...]] = {
    Direction.INPUT: ("body", "property", "parameter", "parameter-property"),
    Direction.OUTPUT: ("body", "property", "header", "header-property"),
}
"""Where a schema can stand, in each direction."""

_ANYWHERE = frozenset(place for places in PLACES.values() for place in places)
_PROPERTIES = frozenset(("property", "parameter-property", "header-property"))


@dataclass(frozen=True)
class SchemaRule:
    """A rule about schemas, wherever they stand.

    Attributes:
        name: What it is called at every place.
        message: What changed, with `{old}` and `{new}` for values of the document, `{before}` and
            `{after}` for names.
        ids: How its ids are made for inputs and for outputs; empty if it cannot occur there.
        places: The places at which it can occur, see `PLACES`.
        is_move: As of `Rule`.
    """

    name: str
    effect: Effect
    message: str
    ids: tuple[str, str] = ("request-{place}-{name}", "response-{place}-{name}")
    places: frozenset[str] = _ANYWHERE
    is_move: bool = False

    def at(self, direction: Direction, place: str) -> Rule | None:
        """Return the rule at a place; None if it cannot occur there."""
        id = self.ids[0 if direction is Direction.INPUT else 1]
        if not id or place not in self.places:
            return None
        id = id.format(place=place, name=self.name)
        level = self.effect.on(direction)
        return Rule(id, level, direction, self.message, is_move=self.is_move)


@dataclass(frozen=True)
class Rule:
    """A rule as a reader of a report looks it up.

    Attributes:
        message: What changed, as of a `SchemaRule`.
        aspect: Id of the first rule about the same thing, such as a minimum.
        opposites: Ids of the rules of changes that revert one by this rule.
        is_move: Whether it moves a property, so that the opposite change is at another property of
            the same object.
    """

    id: str
    level: Level
    direction: Direction
    message: str
    aspect: str = ""
    opposites: frozenset[str] = frozenset()
    is_move: bool = False


_R = TypeVar("_R")


@dataclass(frozen=True)
class Aspect(Generic[_R]):
    """Rules about one thing, such as a minimum.

    A change by a rule of one side is reverted by a rule of the other side. A rule of `itself`, such
    as that of a default that changed, is on both sides.
    """

    one: tuple[_R, ...] = ()
    other: tuple[_R, ...] = ()
    itself: tuple[_R, ...] = ()


class Limit(NamedTuple):
    """Rules of a limit that can be set, raised, lowered and unset."""

    set: SchemaRule
    unset: SchemaRule
    increased: SchemaRule
    decreased: SchemaRule

    @classmethod
    def of(cls, name: str, words: str, *, is_lower: bool) -> Limit:
        """Return the rules of a limit: a lower one that is raised leaves fewer values."""
        raised, lowered = (_N, _W) if is_lower else (_W, _N)
        went = "from {old} to {new}"
        return cls(
            SchemaRule(f"{name}-set", _N, f"a new {words}: {{new}}"),
            SchemaRule(f"{name}-unset", _W, f"the {words}, {{old}}, is gone"),
            SchemaRule(f"{name}-increased", raised, f"the {words} was raised {went}"),
            SchemaRule(f"{name}-decreased", lowered, f"the {words} was lowered {went}"),
        )

    def between(self, old: Any, new: Any) -> SchemaRule:
        """Return the rule of a change from one limit to another; None is no limit."""
        if old is None or new is None:
            return self.set if old is None else self.unset
        return self.increased if new > old else self.decreased


class Statement(NamedTuple):
    """Rules of a value that can be stated, changed and taken back."""

    added: SchemaRule
    removed: SchemaRule
    changed: SchemaRule

    def between(self, old: Any, new: Any) -> SchemaRule:
        """Return the rule of a change from one value to another; None is no value."""
        return self.added if old is None else self.removed if new is None else self.changed


class Flag(NamedTuple):
    """Rules of a flag that can be set and unset."""

    set: SchemaRule
    unset: SchemaRule


_N, _W, _O = Effect.NARROWER, Effect.WIDER, Effect.OTHER

# types
TYPE_CHANGED = SchemaRule("type-changed", _O, "the type went from {before} to {after}")
TYPE_SPECIALIZED = SchemaRule(
    "type-specialized", _N, "the type was narrowed from {before} to {after}"
)
TYPE_GENERALIZED = SchemaRule(
    "type-generalized", _W, "the type was widened from {before} to {after}"
)
TYPES_NARROWED = SchemaRule("list-of-types-narrowed", _N, "{before} is no longer among the types")
TYPES_WIDENED = SchemaRule("list-of-types-widened", _W, "{after} is now among the types")
NULLABLE = Flag(
    SchemaRule("became-nullable", _W, "null is now possible"),
    SchemaRule("became-not-nullable", _N, "null is no longer possible"),
)

# variants of a union
ONE_OF = Flag(
    SchemaRule(
        "wrapped-in-one-of", _N, "it may now fit one of the forms only, and no longer several"
    ),
    SchemaRule("unwrapped-from-one-of", _W, "it may now fit several of the forms"),
)
ONE_OF_OVERLAP_ADDED = SchemaRule(
    "one-of-overlap-added", _N, "a value of one form may now fit another too, and must fit one only"
)
VARIANT_REMOVED = SchemaRule("any-of-removed", _N, "the form {before} is gone")
VARIANT_ADDED = SchemaRule("any-of-added", _W, "the form {after} is new")

# lists of values
VALUE_REMOVED = SchemaRule("enum-value-removed", _N, "the value {old} is gone")
VALUE_RENAMED = SchemaRule(
    "enum-value-renamed", _O, "the value {old} was probably renamed to {new}"
)
VALUE_ADDED = SchemaRule("enum-value-added", _W, "the value {new} is new")
ENUM = Flag(
    SchemaRule("became-enum", _N, "only the values {new} are left"),
    SchemaRule("enum-removed", _W, "values are no longer limited to {old}"),
)
CONST = Statement(
    SchemaRule("const-added", _N, "the only value is now {new}"),
    SchemaRule("const-removed", _W, "the only value is no longer {old}"),
    SchemaRule("const-changed", _O, "the only value went from {old} to {new}"),
)

# numbers
MINIMUM = Limit.of("min", "minimum", is_lower=True)
MAXIMUM = Limit.of("max", "maximum", is_lower=False)
EXCLUSIVE_MINIMUM = Limit.of("exclusive-min", "exclusive minimum", is_lower=True)
EXCLUSIVE_MAXIMUM = Limit.of("exclusive-max", "exclusive maximum", is_lower=False)
MULTIPLE_OF = Flag(
    SchemaRule("multiple-of-set", _N, "only multiples of {new} are left"),
    SchemaRule("multiple-of-unset", _W, "no longer only multiples of {old}"),
)
MULTIPLE_OF_NARROWED = SchemaRule(
    "multiple-of-narrowed", _N, "multiples of {new}, no longer of {old}"
)
MULTIPLE_OF_WIDENED = SchemaRule(
    "multiple-of-widened", _W, "multiples of {new}, no longer of {old}"
)
MULTIPLE_OF_CHANGED = SchemaRule(
    "multiple-of-changed", _O, "multiples of {new}, no longer of {old}"
)

# strings
MIN_LENGTH = Limit.of("min-length", "least number of characters", is_lower=True)
MAX_LENGTH = Limit.of("max-length", "largest number of characters", is_lower=False)
PATTERN = Statement(
    SchemaRule("pattern-added", _N, "it must now match {new}"),
    SchemaRule("pattern-removed", _W, "it no longer has to match {old}"),
    SchemaRule("pattern-changed", _O, "the pattern went from {old} to {new}"),
)
FORMAT = Statement(
    SchemaRule("format-added", Effect.PROMISED, "the format {new} is now stated"),
    SchemaRule("format-removed", _W, "the format {old} is no longer stated"),
    SchemaRule("format-changed", _O, "the format went from {old} to {new}"),
)

# arrays
MIN_ITEMS = Limit.of("min-items", "least number of items", is_lower=True)
MAX_ITEMS = Limit.of("max-items", "largest number of items", is_lower=False)
UNIQUE_ITEMS = Flag(
    SchemaRule("unique-items-set", _N, "items must now be unique"),
    SchemaRule("unique-items-unset", _W, "items are no longer unique"),
)

# objects
MIN_PROPERTIES = Limit.of("min-properties", "least number of properties", is_lower=True)
MAX_PROPERTIES = Limit.of("max-properties", "largest number of properties", is_lower=False)
OPTIONAL_REMOVED = SchemaRule(
    *("optional-removed", Effect.REMOVED, "the property is gone"),
    ids=("request-{place}-removed", "response-optional-{place}-removed"),
    places=_PROPERTIES,
)
REQUIRED_REMOVED = SchemaRule(
    *("required-removed", Effect.REMOVED, "the property is gone"),
    ids=("request-{place}-removed", "response-required-{place}-removed"),
    places=_PROPERTIES,
)
NEW_OPTIONAL = SchemaRule(
    *("new-optional", Effect.NEW, "a new optional property: {after}"),
    ids=("new-optional-request-{place}", "response-optional-{place}-added"),
    places=_PROPERTIES,
)
NEW_REQUIRED = SchemaRule(
    *("new-required", _N, "a new required property: {after}"),
    ids=("new-required-request-{place}", "response-required-{place}-added"),
    places=_PROPERTIES,
)
NEW_REQUIRED_WITH_DEFAULT = SchemaRule(
    *("new-required-with-default", _N, "a new required property, with a default: {after}"),
    ids=(
        "new-required-request-{place}-with-default",
        "response-required-{place}-with-default-added",
    ),
    places=_PROPERTIES,
)
RENAMED = SchemaRule(
    "renamed",
    Effect.REMOVED,
    "it was probably renamed to `{after}`",
    places=_PROPERTIES,
    is_move=True,
)
BECAME_REQUIRED = SchemaRule(
    "became-required", _N, "it became required", places=_PROPERTIES | {"parameter"}
)
BECAME_REQUIRED_WITH_DEFAULT = SchemaRule(
    "became-required-with-default", _N, "it became required, with a default", places=_PROPERTIES
)
BECAME_OPTIONAL = SchemaRule(
    "became-optional", _W, "it became optional", places=_PROPERTIES | {"parameter"}
)


def _mark(name: str, effect: Effect, message: str, direction: Direction) -> SchemaRule:
    """Return a rule of a mark that takes a property out of what travels in a direction."""
    incoming, outgoing = SchemaRule.ids
    ids = (incoming, "") if direction is Direction.INPUT else ("", outgoing)
    return SchemaRule(name, effect, message, ids=ids, places=_PROPERTIES)


READ_ONLY = Flag(
    _mark("became-read-only", Effect.REMOVED, "it became read-only", Direction.INPUT),
    _mark("became-not-read-only", Effect.NEW, "it is no longer read-only", Direction.INPUT),
)
WRITE_ONLY = Flag(
    _mark("became-write-only", Effect.REMOVED, "it became write-only", Direction.OUTPUT),
    _mark("became-not-write-only", Effect.NEW, "it is no longer write-only", Direction.OUTPUT),
)
ADDITIONAL_PROPERTIES = Flag(
    SchemaRule(
        "additional-properties-closed", _N, "properties that are not listed are refused now"
    ),
    SchemaRule(
        "additional-properties-opened", Effect.NEW, "properties that are not listed may be there"
    ),
)

# keywords that have no rules of their own
KEYWORD = Statement(
    SchemaRule("keyword-added", _N, "{after} asks something new"),
    SchemaRule("keyword-removed", _W, "{before} asks nothing any more"),
    SchemaRule("keyword-changed", _O, "{after} asks something else"),
)

# annotations
DEFAULT = Statement(
    SchemaRule("default-value-added", Effect.DIFFERENT, "the default is now {new}; there was none"),
    SchemaRule("default-value-removed", Effect.DIFFERENT, "the default {old} is gone"),
    SchemaRule("default-value-changed", Effect.DIFFERENT, "the default went from {old} to {new}"),
)
DEPRECATED = Flag(
    SchemaRule("deprecated", Effect.DIFFERENT, "it is now deprecated"),
    SchemaRule("reactivated", Effect.NEW, "it is no longer deprecated"),
)
DISCRIMINATOR_CHANGED = SchemaRule(
    "discriminator-changed", Effect.DIFFERENT, "the discriminator went from {old} to {new}"
)
FILE_LIMIT_CHANGED = SchemaRule(
    "file-limit-changed", Effect.DIFFERENT, "what a file must keep to went from {old} to {new}"
)
TITLE_CHANGED = SchemaRule("title-changed", Effect.DESCRIBED, "the title went from {old} to {new}")
DESCRIPTION_CHANGED = SchemaRule("description-changed", Effect.DESCRIBED, "the description changed")
EXAMPLES_CHANGED = SchemaRule("examples-changed", Effect.DESCRIBED, "the examples changed")
METADATA_CHANGED = SchemaRule(
    "metadata-changed", Effect.DESCRIBED, "{old} became {new}, which asks nothing of values"
)
ORDER_CHANGED = SchemaRule(
    "order-changed", Effect.DESCRIBED, "properties are shown in another order"
)
COMPONENT_RENAMED = SchemaRule(
    "component-renamed", Effect.DESCRIBED, "the component {before} is now called {after}"
)


def _limit(*limits: Limit) -> Aspect[SchemaRule]:
    return Aspect(
        tuple(rule for limit in limits for rule in (limit.set, limit.increased)),
        tuple(rule for limit in limits for rule in (limit.unset, limit.decreased)),
    )


def _statement(rules: Statement) -> Aspect[SchemaRule]:
    return Aspect((rules.added,), (rules.removed,), (rules.changed,))


def _flag(rules: Flag) -> Aspect[SchemaRule]:
    return Aspect((rules.set,), (rules.unset,))


_ABOUT_SCHEMAS: Sequence[Aspect[SchemaRule]] = (
    Aspect((TYPE_SPECIALIZED,), (TYPE_GENERALIZED,), (TYPE_CHANGED,)),
    Aspect((TYPES_NARROWED,), (TYPES_WIDENED,)),
    Aspect((VARIANT_ADDED, ONE_OF_OVERLAP_ADDED), (VARIANT_REMOVED,)),
    Aspect((VALUE_ADDED,), (VALUE_REMOVED,)),
    _limit(MINIMUM, EXCLUSIVE_MINIMUM),
    _limit(MAXIMUM, EXCLUSIVE_MAXIMUM),
    Aspect(
        (MULTIPLE_OF.set, MULTIPLE_OF_NARROWED),
        (MULTIPLE_OF.unset, MULTIPLE_OF_WIDENED),
        (MULTIPLE_OF_CHANGED,),
    ),
    *map(_limit, (MIN_LENGTH, MAX_LENGTH, MIN_ITEMS, MAX_ITEMS, MIN_PROPERTIES, MAX_PROPERTIES)),
    *map(_statement, (CONST, PATTERN, FORMAT, KEYWORD, DEFAULT)),
    *map(
        _flag,
        (
            *(NULLABLE, ONE_OF, ENUM, UNIQUE_ITEMS, READ_ONLY, WRITE_ONLY),
            *(ADDITIONAL_PROPERTIES, DEPRECATED),
        ),
    ),
    Aspect(
        (
            *(NEW_OPTIONAL, NEW_REQUIRED, NEW_REQUIRED_WITH_DEFAULT),
            *(BECAME_REQUIRED, BECAME_REQUIRED_WITH_DEFAULT),
        ),
        (OPTIONAL_REMOVED, REQUIRED_REMOVED, BECAME_OPTIONAL),
    ),
    *(
        Aspect(itself=(rule,))
        for rule in (
            *(VALUE_RENAMED, RENAMED, DISCRIMINATOR_CHANGED, FILE_LIMIT_CHANGED),
            *(TITLE_CHANGED, DESCRIPTION_CHANGED, EXAMPLES_CHANGED, METADATA_CHANGED),
            *(ORDER_CHANGED, COMPONENT_RENAMED),
        )
    ),
)

SCHEMA_RULES: Mapping[str, SchemaRule] = {
    rule.name: rule
    for aspect in _ABOUT_SCHEMAS
    for rule in (*aspect.one, *aspect.other, *aspect.itself)
}
"""Rules about schemas, by name."""


_ABOUT_OPERATIONS: Mapping[tuple[Direction, Level], Mapping[str, str]] = {
    (Direction.ENDPOINT, Level.BREAKING): {
        "endpoint-gone": "the endpoint is gone",
        "api-removed-with-deprecation": "the operation is gone, as was announced",
        "api-removed-without-deprecation": "the operation is gone",
        "api-path-removed-with-deprecation": "the path is gone, as was announced",
        "api-path-removed-without-deprecation": "the path is gone",
        "api-server-removed": "the server {old} is gone",
        "api-security-added": "what was open to all now asks for {new}",
        "api-security-removed": "authentication by {old} no longer suffices",
    },
    (Direction.ENDPOINT, Level.BEHAVIOURAL): {
        "endpoint-deprecated": "it is now deprecated",
        "callbacks-changed": "the calls that the server makes back changed",
    },
    (Direction.ENDPOINT, Level.ADDITIVE): {
        "endpoint-new": "the endpoint is new",
        "endpoint-added": "the operation is new",
        "endpoint-reactivated": "it is no longer deprecated",
        "api-server-added": "a new server: {new}",
        "api-security-alternative-added": "authentication by {new} suffices now",
    },
    (Direction.ENDPOINT, Level.COSMETIC): {
        "api-operation-id-changed": "the operation id went from {old} to {new}",
        "api-tags-changed": "the tags changed",
        "api-servers-changed": "the servers named in fal's document went from {old} to {new}",
        "api-security-changed": "the authentication in fal's document went from {old} to {new}",
        "endpoint-description-changed": "what is said about it changed",
        "api-info-changed": "what the document says of itself changed: {new}",
    },
    (Direction.INPUT, Level.BREAKING): {
        "request-body-added-required": "a body is now taken, and required",
        "request-body-removed": "a body is no longer taken",
        "request-body-became-required": "the body became required",
        "request-body-media-type-removed": "bodies of the media type {old} are no longer taken",
        "new-required-request-parameter": "a new required parameter",
        "request-parameter-removed": "the parameter is gone",
        "request-parameter-style-changed": "it is now written as {new}, no longer as {old}",
    },
    (Direction.INPUT, Level.ADDITIVE): {
        "request-body-added-optional": "a body is now taken",
        "request-body-became-optional": "the body became optional",
        "request-body-media-type-added": "bodies of the media type {new} are now taken",
        "new-optional-request-parameter": "a new optional parameter",
    },
    (Direction.OUTPUT, Level.BREAKING): {
        "response-success-status-removed": "it no longer answers with the status {old}",
        "response-media-type-removed": "it no longer answers in the media type {old}",
        "required-response-header-removed": "the header is gone",
        "optional-response-header-removed": "the header is gone",
        "response-header-became-optional": "the header may now be missing",
    },
    (Direction.OUTPUT, Level.ADDITIVE): {
        "response-success-status-added": "it may now answer with the status {new}",
        "response-non-success-status-added": "the status {new} is now described",
        "response-non-success-status-removed": "the status {old} is no longer described",
        "response-media-type-added": "it may now answer in the media type {new}",
        "response-header-added": "a new header",
        "response-header-became-required": "the header is now always there",
    },
}

_SIDES: Sequence[tuple[str, str]] = (
    (
        "endpoint-new endpoint-added",
        "endpoint-gone api-removed-with-deprecation api-removed-without-deprecation"
        " api-path-removed-with-deprecation api-path-removed-without-deprecation",
    ),
    ("endpoint-deprecated", "endpoint-reactivated"),
    ("api-server-added", "api-server-removed"),
    ("api-security-added api-security-alternative-added", "api-security-removed"),
    (
        "request-body-added-required request-body-added-optional request-body-became-required",
        "request-body-removed request-body-became-optional",
    ),
    ("request-body-media-type-added", "request-body-media-type-removed"),
    (
        "new-required-request-parameter new-optional-request-parameter",
        "request-parameter-removed",
    ),
    ("response-success-status-added", "response-success-status-removed"),
    ("response-non-success-status-added", "response-non-success-status-removed"),
    ("response-media-type-added", "response-media-type-removed"),
    (
        "response-header-added response-header-became-required",
        "required-response-header-removed optional-response-header-removed"
        " response-header-became-optional",
    ),
)
"""Rules about operations that revert each other: a rule of one side those of the other side."""


def _aspects() -> Iterator[Aspect[Rule]]:
    rules = {
        id: Rule(id, level, direction, message)
        for (direction, level), messages in _ABOUT_OPERATIONS.items()
        for id, message in messages.items()
    }
    for sides in _SIDES:
        one, other = (tuple(rules.pop(id) for id in side.split()) for side in sides)
        yield Aspect(one, other)
    yield from (Aspect(itself=(rule,)) for rule in rules.values())
    for direction, places in PLACES.items():
        for place in places:
            for aspect in _ABOUT_SCHEMAS:
                yield Aspect(
                    *(
                        tuple(rule for one in side if (rule := one.at(direction, place)))
                        for side in (aspect.one, aspect.other, aspect.itself)
                    )
                )


def _table() -> Mapping[str, Rule]:
    rules: dict[str, Rule] = {}
    for aspect in _aspects():
        sides = [(aspect.one, aspect.other), (aspect.other, aspect.one)]
        sides += [((rule,), (rule,)) for rule in aspect.itself]
        first = next((rule.id for side, _ in sides for rule in side), "")
        for side, back in sides:
            opposites = frozenset(rule.id for rule in back)
            for rule in side:
                rules[rule.id] = replace(rule, aspect=first, opposites=opposites)
    return dict(sorted(rules.items()))


RULES: Mapping[str, Rule] = _table()
"""Every rule, by its id."""
