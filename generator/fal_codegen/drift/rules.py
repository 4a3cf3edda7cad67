"""The rules: each kind of change, its level for inputs and outputs, and its message.

Rule ids are the ones that oasdiff uses for the same change, so that users of one tool recognise
those of the other. A `SchemaRule`, such as `max-decreased`, results in one rule for each place of a
schema: `request-property-max-decreased`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import cached_property
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

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
_PROPERTIES = frozenset(("property", "parameter-property", "header-property"))


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

    @cached_property
    def opposites(self) -> frozenset[str]:
        """Ids of the rules for the opposite change."""
        key = self.direction, self.topic, -self.sign
        return frozenset(
            rule.id for rule in RULES.values() if (rule.direction, rule.topic, rule.sign) == key
        )


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
        raised, lowered = (_N, _W) if is_lower else (_W, _N)
        went = "from {old} to {new}"
        return cls(
            *Pair.of(
                topic or name,
                SchemaRule(f"{name}-set", _N, f"a new {words}: {{new}}"),
                SchemaRule(f"{name}-unset", _W, f"the {words} {{old}} was removed"),
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


_N, _W, _O = Effect.NARROWER, Effect.WIDER, Effect.OTHER

# types
TYPE_SPECIALIZED, TYPE_GENERALIZED = Pair.of(
    "type",
    SchemaRule("type-specialized", _N, "the type was narrowed from {before} to {after}"),
    SchemaRule("type-generalized", _W, "the type was widened from {before} to {after}"),
)
TYPE_CHANGED = SchemaRule("type-changed", _O, "the type changed from {before} to {after}", "type")
TYPES_NARROWED, TYPES_WIDENED = Pair.of(
    "types",
    SchemaRule("list-of-types-narrowed", _N, "the type {before} was removed"),
    SchemaRule("list-of-types-widened", _W, "the type {after} was added"),
)
NULLABLE = Pair.of(
    "null",
    SchemaRule("became-nullable", _W, "null is now accepted"),
    SchemaRule("became-not-nullable", _N, "null is no longer accepted"),
)

# schemas that cannot be resolved
RESOLUTION = Pair.of(
    "resolution",
    SchemaRule(
        "schema-unresolved",
        _O,
        "the schema can no longer be resolved, so it could not be compared; its type was {before}",
    ),
    SchemaRule("schema-resolved", _N, "the schema can be resolved now: {after}"),
)

# variants of a union
VARIANT_ADDED, VARIANT_REMOVED = Pair.of(
    "variant",
    SchemaRule("any-of-added", _W, "the variant {after} was added"),
    SchemaRule("any-of-removed", _N, "the variant {before} was removed"),
)
ONE_OF = Pair.of(
    "one-of",
    SchemaRule("wrapped-in-one-of", _N, "a value may now match only one variant"),
    SchemaRule("unwrapped-from-one-of", _W, "a value may now match several variants"),
)
OVERLAP = SchemaRule(
    "one-of-overlap-added",
    _N,
    "a value of one variant may now match another too, and must match only one",
)

# lists of values
VALUE_ADDED, VALUE_REMOVED = Pair.of(
    "value",
    SchemaRule("enum-value-added", _W, "the value {new} was added"),
    SchemaRule("enum-value-removed", _N, "the value {old} was removed"),
)
VALUE_RENAMED = SchemaRule(
    "enum-value-renamed", _O, "the value {old} was probably renamed to {new}", "value"
)
ENUM = Pair.of(
    "enum",
    SchemaRule("became-enum", _N, "only the values {new} are accepted now"),
    SchemaRule("enum-removed", _W, "values are no longer limited to {old}"),
)
CONST = Statement(
    *Pair.of(
        "const",
        SchemaRule("const-added", _N, "only the value {new} is accepted now"),
        SchemaRule("const-removed", _W, "values are no longer limited to {old}"),
    ),
    SchemaRule("const-changed", _O, "the only accepted value changed from {old} to {new}", "const"),
)

# numbers
MINIMUM = Limit.of("min", "minimum", is_lower=True)
MAXIMUM = Limit.of("max", "maximum", is_lower=False)
EXCLUSIVE_MINIMUM = Limit.of("exclusive-min", "exclusive minimum", is_lower=True, topic="min")
EXCLUSIVE_MAXIMUM = Limit.of("exclusive-max", "exclusive maximum", is_lower=False, topic="max")
MULTIPLE_OF = Statement(
    *Pair.of(
        "multiple-of",
        SchemaRule("multiple-of-set", _N, "only multiples of {new} are accepted now"),
        SchemaRule("multiple-of-unset", _W, "values are no longer limited to multiples of {old}"),
    ),
    SchemaRule(
        "multiple-of-changed",
        _O,
        "values must be multiples of {new} instead of {old}",
        "multiple-of",
    ),
)
STEP_NARROWED, STEP_WIDENED = Pair.of(
    "multiple-of",
    SchemaRule("multiple-of-narrowed", _N, "values must be multiples of {new} instead of {old}"),
    SchemaRule("multiple-of-widened", _W, "values must be multiples of {new} instead of {old}"),
)

# strings
MIN_LENGTH = Limit.of("min-length", "minimum length", is_lower=True)
MAX_LENGTH = Limit.of("max-length", "maximum length", is_lower=False)
PATTERN = Statement.of("pattern", "pattern", _N, _W, _O)
FORMAT = Statement.of("format", "format", Effect.HINTED, _W, _O)

# arrays
MIN_ITEMS = Limit.of("min-items", "minimum number of items", is_lower=True)
MAX_ITEMS = Limit.of("max-items", "maximum number of items", is_lower=False)
UNIQUE_ITEMS = Pair.of(
    "unique-items",
    SchemaRule("unique-items-set", _N, "items must now be unique"),
    SchemaRule("unique-items-unset", _W, "items no longer need to be unique"),
)

# objects
MIN_PROPERTIES = Limit.of("min-properties", "minimum number of properties", is_lower=True)
MAX_PROPERTIES = Limit.of("max-properties", "maximum number of properties", is_lower=False)
ADDITIONAL_PROPERTIES = Pair.of(
    "additional-properties",
    SchemaRule(
        "additional-properties-closed", _N, "properties that are not listed are now rejected"
    ),
    SchemaRule(
        "additional-properties-opened",
        Effect.NEW,
        "properties that are not listed are now accepted",
    ),
)

# properties


def _property(name: str, effect: Effect, message: str, ids: tuple[str, str]) -> SchemaRule:
    """Return a rule about properties, with its ids for inputs and for outputs."""
    return SchemaRule(name, effect, message, ids=ids, places=_PROPERTIES)


OPTIONAL_ADDED, OPTIONAL_REMOVED = Pair.of(
    "presence",
    _property(
        "new-optional",
        Effect.NEW,
        "a new optional property: {after}",
        ("new-optional-request-{place}", "response-optional-{place}-added"),
    ),
    _property(
        "optional-removed",
        Effect.REMOVED,
        "the property was removed",
        ("request-{place}-removed", "response-optional-{place}-removed"),
    ),
)
REQUIRED_ADDED, REQUIRED_REMOVED = Pair.of(
    "presence",
    _property(
        "new-required",
        _N,
        "a new required property: {after}",
        ("new-required-request-{place}", "response-required-{place}-added"),
    ),
    _property(
        "required-removed",
        Effect.REMOVED,
        "the property was removed",
        ("request-{place}-removed", "response-required-{place}-removed"),
    ),
)
REQUIRED_WITH_DEFAULT_ADDED = SchemaRule(
    "new-required-with-default",
    _N,
    "a new required property, with a default: {after}",
    topic="presence",
    sign=1,
    ids=(
        "new-required-request-{place}-with-default",
        "response-required-{place}-with-default-added",
    ),
    places=_PROPERTIES,
)
_PARAMETER = _PROPERTIES | {"parameter"}
BECAME_REQUIRED, BECAME_OPTIONAL = Pair.of(
    "presence",
    SchemaRule("became-required", _N, "it became required", places=_PARAMETER),
    SchemaRule("became-optional", _W, "it became optional", places=_PARAMETER),
)
BECAME_REQUIRED_WITH_DEFAULT = SchemaRule(
    "became-required-with-default",
    _N,
    "it became required, with a default",
    topic="presence",
    sign=1,
    places=_PROPERTIES,
)
RENAMED = SchemaRule(
    "renamed",
    Effect.REMOVED,
    "it was probably renamed to `{after}`",
    is_move=True,
    places=_PROPERTIES,
)
_IN, _OUT = ("request-{place}-{name}", ""), ("", "response-{place}-{name}")
READ_ONLY = Pair.of(
    "read-only",
    _property("became-read-only", Effect.REMOVED, "it became read-only", _IN),
    _property("became-not-read-only", Effect.NEW, "it is no longer read-only", _IN),
)
WRITE_ONLY = Pair.of(
    "write-only",
    _property("became-write-only", Effect.REMOVED, "it became write-only", _OUT),
    _property("became-not-write-only", Effect.NEW, "it is no longer write-only", _OUT),
)

# keywords that have no rules of their own
KEYWORD = Statement.of("keyword", "keyword", _N, _W, _O)._replace(
    changed=SchemaRule("keyword-changed", _O, "the keyword {new} changed", "keyword")
)

# annotations
_DIFFERENT, _DESCRIBED = Effect.DIFFERENT, Effect.DESCRIBED
DEFAULT = Statement.of("default-value", "default", _DIFFERENT, _DIFFERENT, _DIFFERENT)
DEPRECATED = Pair.of(
    "deprecated",
    SchemaRule("deprecated", _DIFFERENT, "it is now deprecated"),
    SchemaRule("reactivated", Effect.NEW, "it is no longer deprecated"),
)
DISCRIMINATOR_CHANGED = SchemaRule(
    "discriminator-changed", _DIFFERENT, "the discriminator changed from {old} to {new}"
)
FILE_LIMIT_TIGHTENED, FILE_LIMIT_LOOSENED = Pair.of(
    "file-limit",
    SchemaRule("file-limit-tightened", _N, "a limit of files was tightened from {old} to {new}"),
    SchemaRule("file-limit-loosened", _W, "a limit of files was loosened from {old} to {new}"),
)
TITLE_CHANGED = SchemaRule("title-changed", _DESCRIBED, "the title changed from {old} to {new}")
DESCRIPTION_CHANGED = SchemaRule("description-changed", _DESCRIBED, "the description changed")
EXAMPLES_CHANGED = SchemaRule("examples-changed", _DESCRIBED, "the examples changed")
METADATA_CHANGED = SchemaRule(
    "metadata-changed", _DESCRIBED, "metadata changed from {old} to {new}"
)
ORDER_CHANGED = SchemaRule("order-changed", _DESCRIBED, "the order of properties changed")
COMPONENT_RENAMED = SchemaRule(
    "component-renamed", _DESCRIBED, "the component {before} was renamed to {after}"
)


# operations


@dataclass(frozen=True)
class _Topic:
    """A topic of rules about operations: a change `forth` is reverted by one `back`."""

    name: str
    direction: Direction | None = None

    def forth(self, level: Level, id: str, message: str) -> Rule:
        return Rule(id, level, self.direction, message, self.name, 1)

    def back(self, level: Level, id: str, message: str) -> Rule:
        return Rule(id, level, self.direction, message, self.name, -1)


def _alone(level: Level, id: str, message: str, direction: Direction | None = None) -> Rule:
    """Return a rule for changes that the same rule reverts."""
    return Rule(id, level, direction, message, topic=id)


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


_BREAKING, _ADDITIVE, _COSMETIC = Level.BREAKING, Level.ADDITIVE, Level.COSMETIC

# the endpoint as a whole
_endpoint = _Topic("endpoint")
ENDPOINT = Presence(
    _endpoint.forth(_ADDITIVE, "endpoint-new", "the endpoint was added"),
    _endpoint.back(_BREAKING, "endpoint-gone", "the endpoint was removed"),
)
OPERATION_ADDED = _endpoint.forth(_ADDITIVE, "endpoint-added", "the operation was added")
OPERATION_REMOVED = Removal(
    _endpoint.back(
        _BREAKING, "api-removed-with-deprecation", "the deprecated operation was removed"
    ),
    _endpoint.back(_BREAKING, "api-removed-without-deprecation", "the operation was removed"),
)
PATH_REMOVED = Removal(
    _endpoint.back(
        _BREAKING, "api-path-removed-with-deprecation", "the deprecated path was removed"
    ),
    _endpoint.back(_BREAKING, "api-path-removed-without-deprecation", "the path was removed"),
)
_deprecation = _Topic("deprecation")
ENDPOINT_DEPRECATED = _deprecation.forth(
    Level.BEHAVIOURAL, "endpoint-deprecated", "it is now deprecated"
)
ENDPOINT_REACTIVATED = _deprecation.back(
    _ADDITIVE, "endpoint-reactivated", "it is no longer deprecated"
)
_server = _Topic("server")
SERVER = Presence(
    _server.forth(_ADDITIVE, "api-server-added", "the server {new} was added"),
    _server.back(_BREAKING, "api-server-removed", "the server {old} was removed"),
)
SERVERS_CHANGED = _alone(
    _COSMETIC,
    "api-servers-changed",
    "the servers in fal's document changed from {old} to {new}",
)
_security = _Topic("security")
SECURITY_ADDED = _security.forth(
    _BREAKING, "api-security-added", "authentication by {new} is now required"
)
SECURITY_ALTERNATIVE_ADDED = _security.forth(
    _ADDITIVE, "api-security-alternative-added", "authentication by {new} is now sufficient"
)
SECURITY_REMOVED = _security.back(
    _BREAKING, "api-security-removed", "authentication by {old} is no longer sufficient"
)
SECURITY_CHANGED = _alone(
    _COSMETIC,
    "api-security-changed",
    "the authentication in fal's document changed from {old} to {new}",
)
CALLBACKS_CHANGED = _alone(Level.BEHAVIOURAL, "callbacks-changed", "callbacks or webhooks changed")
OPERATION_ID_CHANGED = _alone(
    _COSMETIC, "api-operation-id-changed", "the operation id changed from {old} to {new}"
)
TAGS_CHANGED = _alone(_COSMETIC, "api-tags-changed", "the tags changed")
ENDPOINT_DESCRIPTION_CHANGED = _alone(
    _COSMETIC, "endpoint-description-changed", "the description changed"
)
INFO_CHANGED = _alone(_COSMETIC, "api-info-changed", "the key {new} of the document's info changed")

# prices
_price = _Topic("price")
PRICE_INCREASED = _price.forth(
    Level.PRICE, "price-increased", "the price increased from {old} to {new}"
)
PRICE_DECREASED = _price.back(
    Level.PRICE, "price-decreased", "the price decreased from {old} to {new}"
)
PRICE_CHANGED = _alone(Level.PRICE, "price-changed", "the price changed from {old} to {new}")
PRICE_REMOVED = _alone(Level.PRICE, "price-removed", "fal no longer lists a price; it was {old}")

# bodies and parameters of requests
_body = _Topic("body", Direction.INPUT)
BODY_ADDED = RequiredOrOptional(
    _body.forth(_BREAKING, "request-body-added-required", "a required body was added"),
    _body.forth(_ADDITIVE, "request-body-added-optional", "an optional body was added"),
)
BODY_REMOVED = _body.back(_BREAKING, "request-body-removed", "the body was removed")
BODY_BECAME = RequiredOrOptional(
    _body.forth(_BREAKING, "request-body-became-required", "the body became required"),
    _body.back(_ADDITIVE, "request-body-became-optional", "the body became optional"),
)
_request_media_type = _Topic("media-type", Direction.INPUT)
REQUEST_MEDIA_TYPE = Presence(
    _request_media_type.forth(
        _ADDITIVE,
        "request-body-media-type-added",
        "bodies of the media type {new} are now accepted",
    ),
    _request_media_type.back(
        _BREAKING,
        "request-body-media-type-removed",
        "bodies of the media type {old} are no longer accepted",
    ),
)
_parameter = _Topic("parameter", Direction.INPUT)
PARAMETER_ADDED = RequiredOrOptional(
    _parameter.forth(_BREAKING, "new-required-request-parameter", "a new required parameter"),
    _parameter.forth(_ADDITIVE, "new-optional-request-parameter", "a new optional parameter"),
)
PARAMETER_REMOVED = _parameter.back(
    _BREAKING, "request-parameter-removed", "the parameter was removed"
)
PARAMETER_STYLE_CHANGED = _alone(
    _BREAKING,
    "request-parameter-style-changed",
    "it is now serialized as {new} instead of {old}",
    Direction.INPUT,
)

# responses and their headers
_success_status = _Topic("success-status", Direction.OUTPUT)
SUCCESS_STATUS = Presence(
    _success_status.forth(_ADDITIVE, "response-success-status-added", "the status {new} was added"),
    _success_status.back(
        _BREAKING, "response-success-status-removed", "the status {old} was removed"
    ),
)
_other_status = _Topic("other-status", Direction.OUTPUT)
OTHER_STATUS = Presence(
    _other_status.forth(
        _ADDITIVE, "response-non-success-status-added", "the status {new} is now documented"
    ),
    _other_status.back(
        _ADDITIVE,
        "response-non-success-status-removed",
        "the status {old} is no longer documented",
    ),
)
_response_media_type = _Topic("media-type", Direction.OUTPUT)
RESPONSE_MEDIA_TYPE = Presence(
    _response_media_type.forth(
        _ADDITIVE, "response-media-type-added", "the media type {new} was added"
    ),
    _response_media_type.back(
        _BREAKING, "response-media-type-removed", "the media type {old} was removed"
    ),
)
_header = _Topic("header", Direction.OUTPUT)
HEADER_ADDED = _header.forth(_ADDITIVE, "response-header-added", "a new header")
HEADER_REMOVED = RequiredOrOptional(
    _header.back(_BREAKING, "required-response-header-removed", "the header was removed"),
    _header.back(_BREAKING, "optional-response-header-removed", "the header was removed"),
)
HEADER_BECAME = RequiredOrOptional(
    _header.forth(_ADDITIVE, "response-header-became-required", "the header became required"),
    _header.back(_BREAKING, "response-header-became-optional", "the header became optional"),
)

_Declared = TypeVar("_Declared", Rule, SchemaRule)


def _declared(kind: type[_Declared]) -> Iterator[_Declared]:
    """Yield the rules that this module declares, alone or in a group."""
    for value in list(globals().values()):
        group = value if isinstance(value, tuple) else (value,)
        yield from (rule for rule in group if isinstance(rule, kind))


SCHEMA_RULES: Mapping[str, SchemaRule] = {rule.name: rule for rule in _declared(SchemaRule)}
"""Rules about schemas, by name."""


def _all_rules() -> Iterator[Rule]:
    yield from _declared(Rule)
    for direction, places in PLACES.items():
        for place in places:
            rules = (rule.at(direction, place) for rule in SCHEMA_RULES.values())
            yield from (rule for rule in rules if rule is not None)


RULES: Mapping[str, Rule] = {rule.id: rule for rule in sorted(_all_rules(), key=attrgetter("id"))}
"""Every rule, by its id."""
