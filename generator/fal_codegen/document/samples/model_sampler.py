"""Makes values for the models of a planned endpoint: its examples, or the plainest valid values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from fal_codegen.document.accepts import Acceptor
from fal_codegen.document.samples.budget import VALUE, Budget
from fal_codegen.document.samples.numbers import sample_numbers
from fal_codegen.document.samples.strings import file_name, sample_strings
from fal_codegen.document.schema import (
    Anything,
    Array,
    Boolean,
    Enum,
    FileUrl,
    Integer,
    Map,
    Null,
    Number,
    Ref,
    Schema,
    String,
    Union,
    as_json_schema,
)
from fal_codegen.exhaustive import assert_never
from fal_codegen.ir import Model, Property

__all__ = ["ModelSampler"]

_DEEPEST = 20
"""Models inside each other after which nothing is filled in: recursion has to end."""

_MOST_VALUES = 1000
"""Values of a sample, after which nothing is filled in: a reader has to look through it."""

_LONGEST = 1000
"""Characters of a sample, whatever its schema asks for."""

_EXACT = 2**53
"""Whole numbers below this are written without a fraction."""


class ModelSampler:
    """Makes the sample values of one endpoint.

    Args:
        models: Its models.
    """

    def __init__(self, models: Iterable[Model]) -> None:
        models = tuple(models)
        self._models = {model.name: model for model in models}
        self._acceptor = Acceptor(models)
        self._budget = Budget()

    def sample(self, model: str, *, complete: bool = False) -> dict[str, Any]:
        """Return a value of a model: its required properties, and those with an example.

        Args:
            model: The model's name.
            complete: Whether to include properties with a default.
        """
        self._budget = Budget(_MOST_VALUES * VALUE)
        return self._object(self._models[model], complete, depth=0)

    def from_examples(self, schema: Schema) -> Any:
        """Return a value that consists of the document's examples; None if they do not suffice."""
        self._budget = Budget(_MOST_VALUES * VALUE)
        return self._from_examples(schema, depth=0)

    def _object(self, model: Model, complete: bool, depth: int) -> dict[str, Any]:
        if depth > _DEEPEST:
            return {}
        value: dict[str, Any] = {}
        for prop in model.properties:
            examples = list(self._examples(prop, with_default=complete or prop.required))
            if examples:
                value[prop.name] = examples[0]
            elif prop.required:
                value[prop.name] = self._plainest(prop.schema, prop.name, depth)
        return value

    def _examples(self, prop: Property, *, with_default: bool) -> Iterator[Any]:
        """Yield the valid examples of a property, and its default if it is asked for."""
        examples = list(prop.examples)
        if with_default and prop.default is not None:
            examples.append(prop.default.value)
        return (one for one in examples if self._acceptor.accepts(one, prop.schema))

    def _from_examples(self, schema: Schema, depth: int) -> Any:
        self._budget.spend(VALUE)
        if self._budget.is_spent or depth > _DEEPEST:
            return None
        match schema:
            case Union(members):
                values = (self._from_examples(member, depth) for member in members)
                return next((value for value in values if value is not None), None)
            case Array(items):
                item = self._from_examples(items, depth + 1)
                return None if item is None else [item]
            case Ref(name):
                return self._object_from_examples(self._models[name], depth)
            case _:
                return None

    def _object_from_examples(self, model: Model, depth: int) -> dict[str, Any] | None:
        value: dict[str, Any] = {}
        for prop in model.properties:
            example = next(self._examples(prop, with_default=False), None)
            if example is None:
                example = self._from_examples(prop.schema, depth + 1)
            if example is not None:
                value[prop.name] = example
            elif prop.required:
                return None
        return value or None

    def _plainest(self, schema: Schema, name: str, depth: int) -> Any:
        self._budget.spend(VALUE)
        if self._budget.is_spent:
            return None
        match schema:
            case Ref(model):
                return self._object(self._models[model], complete=False, depth=depth + 1)
            case Union(members):
                return self._plainest(members[0], name, depth)
            case Enum(values):
                return values[0]
            case Array(items, min_items, max_items):
                most = _MOST_VALUES if max_items is None else min(max_items, _MOST_VALUES)
                count = min(max(min_items or 0, 1), most) if depth < _DEEPEST else 0
                return [self._plainest(items, name, depth) for _ in range(count)]
            case String():
                return self._string(schema, name)
            case FileUrl():
                return f"https://example.com/{file_name(name)}"
            case Integer() | Number():
                return self._number(schema)
            case Boolean():
                return False
            case Null():
                return None
            case Anything() | Map():
                return {}
            case _:
                assert_never(schema)

    def _string(self, schema: String, name: str) -> str:
        words = " ".join(re.findall("[A-Za-z0-9]+", name))
        capped = replace(schema, min_length=min(schema.min_length or 0, _LONGEST))

        def accepts(value: Any, _: object) -> bool:
            return self._acceptor.accepts(value, schema)

        return next(sample_strings(as_json_schema(capped), (words,), self._budget, accepts))

    def _number(self, schema: Integer | Number) -> float:
        is_whole = isinstance(schema, Integer)
        number = next(sample_numbers(as_json_schema(schema), self._budget, whole=is_whole))
        return int(number) if number % 1 == 0 and abs(number) < _EXACT else number
