"""Report the problems of an input as fal's models do.

As recorded, a problem of the input is an item as pydantic writes it: `type`, `loc`, `msg`, `input`
and, for some types, `ctx`. An error of the model also has fal's `url` (`model_error`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Literal

from jsonschema_rs import ValidationError, ValidationErrorKind, Validator

from fal_codegen.text import counted

__all__ = ["Detail", "detail", "model_error", "problems"]

Detail = dict[str, Any]
"""One item of a 422's `detail`."""

_MOST = 1000
"""Items of one `detail`; each has a value of the input."""

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
    error_type: str,
    message: str,
    where: tuple[str | int, ...] = (),
    *,
    given: object,
    **ctx: object,
) -> Detail:
    """Return an item about the input; `where` is the path inside the request body."""
    item: Detail = {"type": error_type, "loc": ["body", *where], "msg": message, "input": given}
    return {**item, "ctx": ctx} if ctx else item


def model_error(error_type: str, message: str, *, given: object) -> Detail:
    """Return an item about an error of the model."""
    # Recorded without a slash before the fragment; fal's documentation shows one.
    url = f"https://docs.fal.ai/errors#{error_type}"
    return {**detail(error_type, message, given=given), "url": url}


def problems(validator: Validator, instance: object) -> list[Detail]:
    """Return the problems of an input, in the order in which the validator finds them."""
    found = (item for error in validator.iter_errors(instance) for item in _details(error))
    return list(islice(found, _MOST))


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
            if name == "int_type" and isinstance(given, float):
                name, noun = "int_from_float", f"{noun}, got a number with a fractional part"
            elif name == "dict_type" and not where:  # the whole input is a model
                name = "model_attributes_type"
                noun = f"{noun} or object to extract fields from"
            yield item(name, f"Input should be {noun}")
        case ValidationErrorKind.Enum(options=options):
            yield _literal(item, options)
        case ValidationErrorKind.Constant(expected_value=value):
            yield _literal(item, [value])
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
        case ValidationErrorKind.MinLength(limit=limit):
            message = f"String should have at least {counted(limit, 'character')}"
            yield item("string_too_short", message, min_length=limit)
        case ValidationErrorKind.MaxLength(limit=limit):
            message = f"String should have at most {counted(limit, 'character')}"
            yield item("string_too_long", message, max_length=limit)
        case ValidationErrorKind.MinItems(limit=limit):
            yield _size(item, "least", "List", limit, given)
        case ValidationErrorKind.MaxItems(limit=limit):
            yield _size(item, "most", "List", limit, given)
        case ValidationErrorKind.MinProperties(limit=limit):
            yield _size(item, "least", "Dictionary", limit, given)
        case ValidationErrorKind.MaxProperties(limit=limit):
            yield _size(item, "most", "Dictionary", limit, given)
        case ValidationErrorKind.Pattern(pattern=pattern):
            message = f"String should match pattern '{pattern}'"
            yield item("string_pattern_mismatch", message, pattern=pattern)
        case _:
            yield item("value_error", f"Value error, the input breaks `{kind.name}`", error={})


def _literal(item: Callable[..., Detail], values: list[Any]) -> Detail:
    expected = _alternatives(values)
    return item("literal_error", f"Input should be {expected}", expected=expected)


def _size(
    item: Callable[..., Detail], bound: Literal["least", "most"], noun: str, limit: int, given: Any
) -> Detail:
    name, key = ("too_short", "min_length") if bound == "least" else ("too_long", "max_length")
    items, size = counted(limit, "item"), len(given)
    message = f"{noun} should have at {bound} {items} after validation, not {size}"
    return item(name, message, field_type=noun, **{key: limit}, actual_length=size)


def _branches(error: ValidationError, branches: list[list[ValidationError]]) -> Iterator[Detail]:
    """Report the problems of the nearest members of a union, never of `null`.

    The nearest members fail inside the value, not at the value itself: for `image_size: ImageSize |
    enum`, an object with a wrong width is meant as an ImageSize, not as an enum value.
    """
    real = [errors for errors in branches if not all(_is_null_type(e) for e in errors)]
    depth = len(error.instance_path)
    inside = [errors for errors in real if all(_depth(e) > depth for e in errors)]
    for errors in inside or real:
        for inner in errors:
            yield from _details(inner)


def _depth(error: ValidationError) -> int:
    """Return the depth of a problem; a missing field is a problem inside its object."""
    return len(error.instance_path) + isinstance(error.kind, ValidationErrorKind.Required)


def _is_null_type(error: ValidationError) -> bool:
    return isinstance(error.kind, ValidationErrorKind.Type) and error.kind.types == ["null"]


def _alternatives(values: list[Any]) -> str:
    texts = [repr(value) for value in values]
    *others, last = texts or ["nothing"]
    return f"{', '.join(others)} or {last}" if others else last
