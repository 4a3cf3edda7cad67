"""The rules: every kind of change, what it means for whom, and in which words it is told.

Ids are those that oasdiff uses for the same thing, so that people who know one know the other. A
change inside a schema has a *stem*, such as `max-decreased`; its id says where the schema stands
as well: `request-property-max-decreased`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from fal_codegen.drift.changes import Direction, Level


class Effect(Enum):
    """What a change of a schema does to the values that it allows, or to what is known of them.

    Attributes:
        NARROWER: Fewer values.
        WIDER: More values.
        OTHER: Other values: neither what was allowed nor what is contains the other.
        GONE: Something that clients may use by its name is no more.
        NEW: Something that no client knows of yet.
        PROMISED: The same values, with a promise about them that a server may hold callers to.
        DIFFERENT: The same values, with another effect.
        SAID: The same values; only what is said about them changed.
    """

    NARROWER = auto()
    WIDER = auto()
    OTHER = auto()
    GONE = auto()
    NEW = auto()
    PROMISED = auto()
    DIFFERENT = auto()
    SAID = auto()

    def on(self, direction: Direction) -> Level:
        """Return the level of such a change, for what travels in a direction."""
        incoming, outgoing = _LEVELS[self]
        return incoming if direction is Direction.INPUT else outgoing


_LEVELS: Mapping[Effect, tuple[Level, Level]] = {
    Effect.NARROWER: (Level.BREAKING, Level.ADDITIVE),
    Effect.WIDER: (Level.ADDITIVE, Level.BREAKING),
    Effect.OTHER: (Level.BREAKING, Level.BREAKING),
    Effect.GONE: (Level.BREAKING, Level.BREAKING),
    Effect.NEW: (Level.ADDITIVE, Level.ADDITIVE),
    Effect.PROMISED: (Level.BEHAVIOURAL, Level.ADDITIVE),
    Effect.DIFFERENT: (Level.BEHAVIOURAL, Level.BEHAVIOURAL),
    Effect.SAID: (Level.COSMETIC, Level.COSMETIC),
}
"""The level of each effect, for what goes in and for what comes out."""


@dataclass(frozen=True)
class Stem:
    """A kind of change inside a schema.

    Attributes:
        words: What changed, with `{old}` and `{new}` for the values.
        is_named: Whether old and new are in the words of this tool, and no values of the document.
        ids: How its ids are made, for what goes in and what comes out.
    """

    effect: Effect
    words: str
    is_named: bool = False
    ids: tuple[str, str] = ("request-{place}-{stem}", "response-{place}-{stem}")


_N, _W, _O = Effect.NARROWER, Effect.WIDER, Effect.OTHER


def _limit(stem: str, name: str, *, is_lower: bool) -> dict[str, Stem]:
    """Return what can happen to a limit: a lower one that is raised leaves fewer values."""
    raised, lowered = (_N, _W) if is_lower else (_W, _N)
    went = "from {old} to {new}"
    return {
        f"{stem}-set": Stem(_N, f"a new {name}: {{new}}"),
        f"{stem}-unset": Stem(_W, f"the {name}, {{old}}, is gone"),
        f"{stem}-increased": Stem(raised, f"the {name} was raised {went}"),
        f"{stem}-decreased": Stem(lowered, f"the {name} was lowered {went}"),
    }


STEMS: Mapping[str, Stem] = {
    # types
    "type-changed": Stem(_O, "the type went from {old} to {new}", is_named=True),
    "type-specialized": Stem(_N, "the type was narrowed from {old} to {new}", is_named=True),
    "type-generalized": Stem(_W, "the type was widened from {old} to {new}", is_named=True),
    "list-of-types-narrowed": Stem(_N, "{old} is no longer among the types", is_named=True),
    "list-of-types-widened": Stem(_W, "{new} is now among the types", is_named=True),
    "became-nullable": Stem(_W, "null is now possible"),
    "became-not-nullable": Stem(_N, "null is no longer possible"),
    "wrapped-in-one-of": Stem(_N, "it may now fit one of the forms only, and no longer several"),
    "unwrapped-from-one-of": Stem(_W, "it may now fit several of the forms"),
    "one-of-overlap-added": Stem(
        _N, "a value of one form may now fit another too, and must fit one only"
    ),
    "any-of-removed": Stem(_N, "the form {old} is gone", is_named=True),
    "any-of-added": Stem(_W, "the form {new} is new", is_named=True),
    # lists of values
    "enum-value-removed": Stem(_N, "the value {old} is gone"),
    "enum-value-renamed": Stem(_O, "the value {old} was probably renamed to {new}"),
    "enum-value-added": Stem(_W, "the value {new} is new"),
    "became-enum": Stem(_N, "only the values {new} are left"),
    "enum-removed": Stem(_W, "values are no longer limited to {old}"),
    "const-added": Stem(_N, "the only value is now {new}"),
    "const-removed": Stem(_W, "the only value is no longer {old}"),
    "const-changed": Stem(_O, "the only value went from {old} to {new}"),
    # numbers
    **_limit("min", "minimum", is_lower=True),
    **_limit("max", "maximum", is_lower=False),
    **_limit("exclusive-min", "exclusive minimum", is_lower=True),
    **_limit("exclusive-max", "exclusive maximum", is_lower=False),
    "multiple-of-set": Stem(_N, "only multiples of {new} are left"),
    "multiple-of-unset": Stem(_W, "no longer only multiples of {old}"),
    "multiple-of-narrowed": Stem(_N, "multiples of {new}, no longer of {old}"),
    "multiple-of-widened": Stem(_W, "multiples of {new}, no longer of {old}"),
    "multiple-of-changed": Stem(_O, "multiples of {new}, no longer of {old}"),
    # sizes
    **_limit("min-length", "least number of characters", is_lower=True),
    **_limit("max-length", "largest number of characters", is_lower=False),
    **_limit("min-items", "least number of items", is_lower=True),
    **_limit("max-items", "largest number of items", is_lower=False),
    **_limit("min-properties", "least number of properties", is_lower=True),
    **_limit("max-properties", "largest number of properties", is_lower=False),
    # texts
    "pattern-added": Stem(_N, "it must now match {new}"),
    "pattern-removed": Stem(_W, "it no longer has to match {old}"),
    "pattern-changed": Stem(_O, "the pattern went from {old} to {new}"),
    "format-added": Stem(Effect.PROMISED, "the format {new} is now stated"),
    "format-removed": Stem(_W, "the format {old} is no longer stated"),
    "format-changed": Stem(_O, "the format went from {old} to {new}"),
    # arrays
    "unique-items-set": Stem(_N, "items must now be unique"),
    "unique-items-unset": Stem(_W, "items are no longer unique"),
    # objects
    "optional-removed": Stem(
        Effect.GONE,
        "the property is gone",
        is_named=True,
        ids=("request-{place}-removed", "response-optional-{place}-removed"),
    ),
    "required-removed": Stem(
        Effect.GONE,
        "the property is gone",
        is_named=True,
        ids=("request-{place}-removed", "response-required-{place}-removed"),
    ),
    "renamed": Stem(Effect.GONE, "it was probably renamed to `{new}`", is_named=True),
    "new-optional": Stem(
        Effect.NEW,
        "a new optional property: {new}",
        is_named=True,
        ids=("new-optional-request-{place}", "response-optional-{place}-added"),
    ),
    "new-required": Stem(
        _N,
        "a new required property: {new}",
        is_named=True,
        ids=("new-required-request-{place}", "response-required-{place}-added"),
    ),
    "new-required-with-default": Stem(
        _N,
        "a new required property, with a default: {new}",
        is_named=True,
        ids=(
            "new-required-request-{place}-with-default",
            "response-required-{place}-with-default-added",
        ),
    ),
    "became-required": Stem(_N, "it became required"),
    "became-required-with-default": Stem(_N, "it became required, with a default"),
    "became-optional": Stem(_W, "it became optional"),
    "became-read-only": Stem(Effect.GONE, "it became read-only"),
    "became-not-read-only": Stem(Effect.NEW, "it is no longer read-only"),
    "became-write-only": Stem(Effect.GONE, "it became write-only"),
    "became-not-write-only": Stem(Effect.NEW, "it is no longer write-only"),
    "additional-properties-closed": Stem(_N, "properties that are not listed are refused now"),
    "additional-properties-opened": Stem(Effect.NEW, "properties that are not listed may be there"),
    # whatever else asks something
    "keyword-added": Stem(_N, "{new} asks something new", is_named=True),
    "keyword-removed": Stem(_W, "{old} asks nothing any more", is_named=True),
    "keyword-changed": Stem(_O, "{new} asks something else", is_named=True),
    # what is said
    "default-value-added": Stem(Effect.DIFFERENT, "the default is now {new}; there was none"),
    "default-value-removed": Stem(Effect.DIFFERENT, "the default {old} is gone"),
    "default-value-changed": Stem(Effect.DIFFERENT, "the default went from {old} to {new}"),
    "deprecated": Stem(Effect.DIFFERENT, "it is now deprecated"),
    "reactivated": Stem(Effect.NEW, "it is no longer deprecated"),
    "discriminator-changed": Stem(Effect.DIFFERENT, "the discriminator went from {old} to {new}"),
    "file-limit-changed": Stem(
        Effect.DIFFERENT, "what a file must keep to went from {old} to {new}"
    ),
    "title-changed": Stem(Effect.SAID, "the title went from {old} to {new}"),
    "description-changed": Stem(Effect.SAID, "the description changed"),
    "examples-changed": Stem(Effect.SAID, "the examples changed"),
    "metadata-changed": Stem(Effect.SAID, "{old} became {new}, which asks nothing of values"),
    "order-changed": Stem(Effect.SAID, "properties are shown in another order"),
    "component-renamed": Stem(
        Effect.SAID, "the component {old} is now called {new}", is_named=True
    ),
}
"""Changes inside a schema, by stem."""


@dataclass(frozen=True)
class Rule:
    """A rule as a reader of a report looks it up.

    Attributes:
        description: What it means, in one line.
    """

    id: str
    level: Level
    direction: Direction
    description: str


_ABOUT_ENDPOINTS: Mapping[tuple[Direction, Level], Mapping[str, str]] = {
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

ABOUT_ENDPOINTS: Mapping[str, tuple[Level, Direction, str]] = {
    id: (level, direction, words)
    for (direction, level), told in _ABOUT_ENDPOINTS.items()
    for id, words in told.items()
}
"""Changes outside of schemas, by id: level, direction, and words as of a `Stem`."""

PLACES: Mapping[Direction, tuple[str, ...]] = {
    Direction.INPUT: ("body", "property", "parameter", "parameter-property"),
    Direction.OUTPUT: ("body", "property", "header", "header-property"),
}
"""Where a schema can stand, in each direction."""


def rule_id(stem: str, direction: Direction, place: str) -> str:
    """Return the id of a change inside a schema."""
    incoming, outgoing = STEMS[stem].ids
    form = incoming if direction is Direction.INPUT else outgoing
    return form.format(place=place, stem=stem)


def _table() -> Mapping[str, Rule]:
    rules = {id: Rule(id, *told) for id, told in ABOUT_ENDPOINTS.items()}
    for direction, places in PLACES.items():
        for place in places:
            for name, stem in STEMS.items():
                id = rule_id(name, direction, place)
                rules.setdefault(id, Rule(id, stem.effect.on(direction), direction, stem.words))
    return dict(sorted(rules.items()))


RULES: Mapping[str, Rule] = _table()
"""Every rule, by its id."""
