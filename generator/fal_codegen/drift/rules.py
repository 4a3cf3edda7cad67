"""All rules: each kind of change, its level for inputs and outputs, and its message.

Rule ids are the ones that oasdiff uses for the same change, so that users of one tool recognise
those of the other. A `SchemaRule`, such as `max-decreased`, results in one rule for each place of a
schema: `request-property-max-decreased`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from operator import attrgetter
from types import ModuleType
from typing import TypeVar

from fal_codegen.drift import operation_rules, schema_rules
from fal_codegen.drift.rule_types import PLACES, Rule, SchemaRule

_Declared = TypeVar("_Declared", Rule, SchemaRule)


def _declared(module: ModuleType, kind: type[_Declared]) -> Iterator[_Declared]:
    """Yield the rules that a module declares, alone or in a group."""
    for value in vars(module).values():
        group = value if isinstance(value, tuple) else (value,)
        yield from (rule for rule in group if isinstance(rule, kind))


SCHEMA_RULES: Mapping[str, SchemaRule] = {
    rule.name: rule for rule in _declared(schema_rules, SchemaRule)
}
"""Rules about schemas, by name."""


def _all_rules() -> Iterator[Rule]:
    yield from _declared(operation_rules, Rule)
    for direction, places in PLACES.items():
        for place in places:
            rules = (rule.at(direction, place) for rule in SCHEMA_RULES.values())
            yield from (rule for rule in rules if rule is not None)


RULES: Mapping[str, Rule] = {rule.id: rule for rule in sorted(_all_rules(), key=attrgetter("id"))}
"""Every rule, by its id."""


@cache
def opposites(rule: Rule) -> frozenset[str]:
    """Return the ids of the rules for the opposite change."""
    key = rule.direction, rule.topic, -rule.sign
    return frozenset(
        other.id for other in RULES.values() if (other.direction, other.topic, other.sign) == key
    )
