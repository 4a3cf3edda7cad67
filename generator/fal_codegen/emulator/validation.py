"""Say what is wrong with an input the way fal's models say it.

The form of an item and the names of its types are those of https://docs.fal.ai/model-apis/errors
(`one_of`, `greater_than_equal`, `sequence_too_short`, …); where that page is silent, pydantic's,
which fal's models are written with (`missing`, `string_type`, `extra_forbidden`, …).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonschema_rs import ValidationError, ValidationErrorKind, Validator

__all__ = ["Detail", "detail", "problems"]

Detail = dict[str, Any]
"""One item of a 422's `detail`: `loc`, `msg`, `type`, `url`, `input` and sometimes `ctx`."""

_TYPES = {
    "string": ("string_type", "a valid string"),
    "integer": ("int_type", "a valid integer"),
    "number": ("float_type", "a valid number"),
    "boolean": ("bool_type", "a valid boolean"),
    "array": ("list_type", "a valid list"),
    "object": ("dict_type", "a valid dictionary"),
    "null": ("none_required", "None"),
}


def detail(
    kind: str, message: str, where: tuple[str | int, ...] = (), *, given: object, **ctx: object
) -> Detail:
    """Build one item; `where` is the path below the request body."""
    item: Detail = {
        "loc": ["body", *where],
        "msg": message,
        "type": kind,
        "url": f"https://docs.fal.ai/errors/#{kind}",
        "input": given,
    }
    return {**item, "ctx": ctx} if ctx else item


def problems(validator: Validator, instance: object) -> list[Detail]:
    """List what is wrong with `instance`, in the order the validator finds it."""
    return [item for error in validator.iter_errors(instance) for item in _details(error)]


def _details(error: ValidationError) -> Iterator[Detail]:
    where = tuple(error.instance_path)
    given = error.instance
    kind = error.kind

    def item(name: str, message: str, **ctx: object) -> Detail:
        return detail(name, message, where, given=given, **ctx)

    match kind:
        case ValidationErrorKind.Required(property=name):
            yield detail("missing", "Field required", (*where, name), given=given)
        case ValidationErrorKind.AdditionalProperties(unexpected=names):
            for name in names:
                value = given.get(name) if isinstance(given, dict) else given
                message = "Extra inputs are not permitted"
                yield detail("extra_forbidden", message, (*where, name), given=value)
        case ValidationErrorKind.AnyOf() | ValidationErrorKind.OneOfNotValid():
            yield from _branches(error, kind.context)
        case ValidationErrorKind.Type(types=types):
            name, noun = _TYPES[next((t for t in types if t != "null"), "null")]
            yield item(name, f"Input should be {noun}")
        case ValidationErrorKind.Enum(options=options):
            yield item("one_of", f"Input should be {_alternatives(options)}", expected=options)
        case ValidationErrorKind.Constant(expected_value=value):
            yield item("one_of", f"Input should be {_alternatives([value])}", expected=[value])
        case ValidationErrorKind.Minimum(limit=limit):
            message = f"Input should be greater than or equal to {limit}"
            yield item("greater_than_equal", message, ge=limit)
        case ValidationErrorKind.ExclusiveMinimum(limit=limit):
            yield item("greater_than", f"Input should be greater than {limit}", gt=limit)
        case ValidationErrorKind.Maximum(limit=limit):
            yield item(
                "less_than_equal", f"Input should be less than or equal to {limit}", le=limit
            )
        case ValidationErrorKind.ExclusiveMaximum(limit=limit):
            yield item("less_than", f"Input should be less than {limit}", lt=limit)
        case ValidationErrorKind.MultipleOf(multiple_of=factor):
            yield item("multiple_of", f"Input should be a multiple of {factor}", multiple_of=factor)
        case ValidationErrorKind.MinLength(limit=limit) | ValidationErrorKind.MinItems(limit=limit):
            message = f"Sequence should have at least {limit} items"
            yield item("sequence_too_short", message, min_length=limit)
        case ValidationErrorKind.MaxLength(limit=limit) | ValidationErrorKind.MaxItems(limit=limit):
            message = f"Sequence should have at most {limit} items"
            yield item("sequence_too_long", message, max_length=limit)
        case ValidationErrorKind.Pattern(pattern=pattern):
            message = f"String should match pattern '{pattern}'"
            yield item("string_pattern_mismatch", message, pattern=pattern)
        case _:
            yield item("value_error", error.message)


def _branches(error: ValidationError, branches: list[list[ValidationError]]) -> Iterator[Detail]:
    """Report the alternatives worth naming: never `null`, and the nearest ones only.

    Nearest are those that fail inside the value rather than at it: of `image_size: ImageSize |
    enum`, an object with a wrong width is an ImageSize gone wrong and no attempt at an enum.
    """
    real = [errors for errors in branches if not all(_is_null_type(e) for e in errors)]
    depth = len(error.instance_path)
    inside = [errors for errors in real if all(_depth(e) > depth for e in errors)]
    for errors in inside or real:
        for inner in errors:
            yield from _details(inner)


def _depth(error: ValidationError) -> int:
    """Return how deep the fault lies; a missing field is a fault inside its object."""
    return len(error.instance_path) + isinstance(error.kind, ValidationErrorKind.Required)


def _is_null_type(error: ValidationError) -> bool:
    return isinstance(error.kind, ValidationErrorKind.Type) and error.kind.types == ["null"]


def _alternatives(values: list[Any]) -> str:
    texts = [repr(value) for value in values]
    *others, last = texts or ["nothing"]
    return f"{', '.join(others)} or {last}" if others else last
