"""Strings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fal_codegen.document.patterns.rust import is_readable, matches
from fal_codegen.drift import schema_rules
from fal_codegen.drift.kinds.constraints import (
    FORMAT_CONSTRAINT,
    Changed,
    Constraint,
    constraint,
    least,
    most,
    one_or_all,
)
from fal_codegen.drift.kinds.scalar import ScalarVariant

_MATCHES_ALL = frozenset({"", "^", "$", ".*", "^.*", ".*$"})
"""Patterns that match every string, because a pattern may match anywhere."""


def _patterns(schema: Mapping[str, Any]) -> frozenset[str] | None:
    pattern = schema.get("pattern")
    if not isinstance(pattern, str) or pattern in _MATCHES_ALL:
        return None
    return frozenset({pattern})


def _pattern_changes(old: frozenset[str] | None, new: frozenset[str] | None) -> Iterator[Changed]:
    before, after = old or frozenset(), new or frozenset()
    if before != after:
        rule = schema_rules.PATTERN.changed
        if before < after:
            rule = schema_rules.PATTERN.added
        elif after < before:
            rule = schema_rules.PATTERN.removed
        yield Changed(rule, one_or_all(before - after), one_or_all(after - before))


_PATTERNS: Constraint[frozenset[str]] = Constraint(
    keywords=("pattern",),
    parse=_patterns,
    intersect=lambda one, other: one | other,
    changes=_pattern_changes,
    admits=lambda patterns, value: all(matches(pattern, value) for pattern in patterns),
    unjudged=lambda patterns: frozenset(p for p in patterns if not is_readable(p)) or None,
    json_schema=lambda patterns, convert: {
        "allOf": [convert({"pattern": pattern}) for pattern in patterns]
    },
)


@dataclass(frozen=True, eq=False, kw_only=True)
class StringSchema(ScalarVariant):
    """Strings.

    Attributes:
        patterns: Regular expressions; a string must match all of them.
    """

    min_length: int | None = constraint(least("minLength", schema_rules.MIN_LENGTH))
    max_length: int | None = constraint(most("maxLength", schema_rules.MAX_LENGTH))
    patterns: frozenset[str] | None = constraint(_PATTERNS)
    formats: tuple[str, ...] | None = constraint(FORMAT_CONSTRAINT)

    OPAQUE = ("contentSchema", "contentEncoding", "contentMediaType")
