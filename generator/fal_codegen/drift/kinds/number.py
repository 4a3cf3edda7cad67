"""Numbers, including integers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from fal_codegen.document.json_values import is_multiple, is_number, strings
from fal_codegen.document.stated_limits import EXCLUSIVE, bounds_in
from fal_codegen.drift import schema_rules
from fal_codegen.drift.kinds.constraints import (
    FORMAT_CONSTRAINT,
    Changed,
    Constraint,
    constraint,
    one_or_all,
)
from fal_codegen.drift.kinds.scalar import ScalarVariant
from fal_codegen.drift.kinds.variant import ValuesOf
from fal_codegen.drift.rule_types import Limit

if TYPE_CHECKING:
    from typing_extensions import Self


@dataclass(frozen=True)
class Bound:
    """A lower or an upper bound."""

    value: Any
    is_exclusive: bool


def _bound(
    keyword: str, tighter: Callable[[Any, Any], Any], inclusive_rules: Limit, exclusive_rules: Limit
) -> Constraint[Bound]:
    """Return a constraint on the lower or the upper bound.

    Args:
        keyword: Its keyword.
        tighter: `max` for a lower bound, `min` for an upper one.
        inclusive_rules: The rules for an inclusive bound.
        exclusive_rules: The rules for an exclusive bound.
    """
    strict_keyword = EXCLUSIVE[keyword]

    def parse(schema: Mapping[str, Any]) -> Bound | None:
        bounds = bounds_in(schema)
        inclusive = Bound(bounds[keyword], False) if keyword in bounds else None
        strictly = Bound(bounds[strict_keyword], True) if strict_keyword in bounds else None
        return intersect(inclusive, strictly) if inclusive and strictly else inclusive or strictly

    def intersect(one: Bound, other: Bound) -> Bound:
        value = tighter(one.value, other.value)
        return Bound(value, any(b.is_exclusive for b in (one, other) if b.value == value))

    def changes(old: Bound | None, new: Bound | None) -> Iterator[Changed]:
        if old == new:
            return
        bound = new or old
        limit = exclusive_rules if bound and bound.is_exclusive else inclusive_rules
        before, after = (bound.value if bound else None for bound in (old, new))
        rule = limit.between(before, after)
        if new and before == after:  # `> 0` is higher than `>= 0`, and `< 0` lower than `<= 0`
            is_higher = new.is_exclusive == (tighter is max)
            rule = limit.increased if is_higher else limit.decreased
        yield Changed(rule, before, after)

    def admits(bound: Bound, value: Any) -> bool:
        is_within = tighter(value, bound.value) == value
        return is_within and not (bound.is_exclusive and value == bound.value)

    return Constraint(
        keywords=(keyword, strict_keyword),
        parse=parse,
        intersect=intersect,
        changes=changes,
        admits=admits,
        json_schema=lambda bound, _: {
            strict_keyword if bound.is_exclusive else keyword: bound.value
        },
    )


def _is_whole(schema: Mapping[str, Any]) -> bool | None:
    kinds = schema.get("type")
    named = [kinds] if isinstance(kinds, str) else strings(kinds)
    return ("integer" in named and "number" not in named) or None


def _whole_changes(old: bool | None, new: bool | None) -> Iterator[Changed]:
    if new and not old:
        yield Changed(schema_rules.TYPE_SPECIALIZED, "number", "integer")
    elif old and not new:
        yield Changed(schema_rules.TYPE_GENERALIZED, "integer", "number")


_WHOLE: Constraint[bool] = Constraint(
    parse=_is_whole,
    intersect=lambda one, other: True,
    changes=_whole_changes,
    admits=lambda _, value: float(value).is_integer(),
    json_schema=lambda _whole, _convert: {"type": "integer"},
)


def _steps(schema: Mapping[str, Any]) -> frozenset[Any] | None:
    step = schema.get("multipleOf")
    return frozenset({step}) if is_number(step) and step > 0 else None


def _step_changes(old: frozenset[Any] | None, new: frozenset[Any] | None) -> Iterator[Changed]:
    if old == new:
        return
    if old is None or new is None:
        rule = schema_rules.MULTIPLE_OF.added if old is None else schema_rules.MULTIPLE_OF.removed
    elif all(any(is_multiple(b, a) for b in new) for a in old):
        rule = schema_rules.STEP_NARROWED
    elif all(any(is_multiple(a, b) for a in old) for b in new):
        rule = schema_rules.STEP_WIDENED
    else:
        rule = schema_rules.MULTIPLE_OF.changed
    yield Changed(rule, one_or_all(old), one_or_all(new))


_MULTIPLE_OF: Constraint[frozenset[Any]] = Constraint(
    keywords=("multipleOf",),
    parse=_steps,
    intersect=lambda one, other: one | other,
    changes=_step_changes,
    admits=lambda steps, value: all(is_multiple(value, step) for step in steps),
    json_schema=lambda steps, _: {"allOf": [{"multipleOf": step} for step in steps]},
)


@dataclass(frozen=True, eq=False, kw_only=True)
class NumberSchema(ScalarVariant):
    """Numbers.

    Attributes:
        is_whole: Whether they are integers.
        multiple_of: Every number is a multiple of each of these.
    """

    is_whole: bool | None = constraint(_WHOLE)
    minimum: Bound | None = constraint(
        _bound("minimum", max, schema_rules.MINIMUM, schema_rules.EXCLUSIVE_MINIMUM)
    )
    maximum: Bound | None = constraint(
        _bound("maximum", min, schema_rules.MAXIMUM, schema_rules.EXCLUSIVE_MAXIMUM)
    )
    multiple_of: frozenset[Any] | None = constraint(_MULTIPLE_OF)
    formats: tuple[str, ...] | None = constraint(FORMAT_CONSTRAINT)

    @property
    def type_name(self) -> str:
        """The `type` in messages: `integer` for whole numbers."""
        values = (self.values or {}).values()
        is_whole = bool(values) and all(float(value).is_integer() for value in values)
        return "integer" if self.is_whole or is_whole else "number"

    def simplified(self) -> Self | None:
        """Return the variant in its simplest spelling; None if it allows no value."""
        whole = self._whole() if self.is_whole or _are_whole(self.multiple_of) else self
        low, high = whole.minimum, whole.maximum
        if low and high:
            is_touching = low.value == high.value and (low.is_exclusive or high.is_exclusive)
            if low.value > high.value or is_touching:
                return None
        return ScalarVariant.simplified(whole)

    def _whole(self) -> Self:
        """Return the variant for integers, with bounds that are whole and inclusive."""
        steps = self.multiple_of
        if steps and len(steps) > 1 and _are_whole(steps):
            steps = frozenset({math.lcm(*map(int, steps))})
        low, high = self.minimum, self.maximum
        if low:
            value = math.ceil(low.value)
            low = Bound(value + (low.is_exclusive and value == low.value), False)
        if high:
            value = math.floor(high.value)
            high = Bound(value - (high.is_exclusive and value == high.value), False)
        return replace(
            self,
            is_whole=True,
            minimum=low,
            maximum=high,
            multiple_of=None if steps == frozenset({1}) else steps,
        )

    def is_disjoint(self, other: Self, values_of: ValuesOf) -> bool:
        """Return whether no value matches both variants, as far as easily seen."""
        if self.values is not None and other.values is not None:
            return super().is_disjoint(other, values_of)
        return any(
            low.value > high.value
            for low, high in ((self.minimum, other.maximum), (other.minimum, self.maximum))
            if low and high
        )


def _are_whole(steps: frozenset[Any] | None) -> bool:
    return bool(steps) and all(float(step).is_integer() for step in steps or ())
