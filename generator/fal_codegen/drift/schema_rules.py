"""The rules about schemas: types, variants, values, constraints, properties and annotations."""

from __future__ import annotations

from fal_codegen.drift.rule_types import Effect, Limit, Pair, SchemaRule, Statement

_PROPERTIES = frozenset(("property", "parameter-property", "header-property"))

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
