"""The rules of drift, from the code that applies them."""

from __future__ import annotations

import re

from fal_codegen.document.models import Direction
from fal_codegen.drift.rule_types import PLACES, SchemaRule
from fal_codegen.drift.rules import RULES, SCHEMA_RULES

from .markdown import code, markdown_page, table

INTRODUCTION = """\
Each change in a report has the id of its rule. If oasdiff, another tool that compares OpenAPI
documents, reports the same change, the id is the same.
[Levels of drift](../explanation/levels-of-drift.md) explains the levels.

In the tables, *old* and *new* stand for values of the document, *before* and *after* for names.
"""

SCHEMAS = """\
## Schemas

The same change has different levels for inputs and outputs: a narrower input breaks callers, and a
narrower output does not. The id of a rule is made of `request` (input) or `response`
(output), the place and the name: `request-property-max-decreased`. If a cell contains an id, the
rule has that id instead.

- Places in an input: {inputs}.
- Places in an output: {outputs}.
"""


def page() -> str:
    at_places = {
        rule.id
        for schema_rule in SCHEMA_RULES.values()
        for direction, places in PLACES.items()
        for place in places
        if (rule := schema_rule.at(direction, place))
    }
    names = {direction: ", ".join(map(code, places)) for direction, places in PLACES.items()}
    return markdown_page(
        "Drift rules",
        INTRODUCTION,
        SCHEMAS.format(inputs=names[Direction.INPUT], outputs=names[Direction.OUTPUT]),
        table(
            ["name", "change", "in an input", "in an output"],
            [
                [
                    code(name),
                    _message(rule.message),
                    _level(rule, Direction.INPUT),
                    _level(rule, Direction.OUTPUT),
                ]
                for name, rule in SCHEMA_RULES.items()
            ],
        ),
        "## Operations",
        "These are about the endpoint as a whole, its bodies, parameters, responses and headers.",
        table(
            ["id", "change", "level"],
            [
                [code(rule.id), _message(rule.message), rule.level.name.lower()]
                for rule in RULES.values()
                if rule.id not in at_places
            ],
        ),
    )


def _message(text: str) -> str:
    return re.sub(r"`?\{(\w+)\}`?", r"*\1*", text)


def _level(schema_rule: SchemaRule, direction: Direction) -> str:
    rules = [rule for place in PLACES[direction] if (rule := schema_rule.at(direction, place))]
    if not rules:
        return "—"
    by_property = schema_rule.at(direction, "property") or rules[0]
    template = schema_rule.ids[list(Direction).index(direction)]
    level = by_property.level.name.lower()
    is_regular = template.endswith("-{place}-{name}")
    return level if is_regular else f"{level}: {code(by_property.id)}"
