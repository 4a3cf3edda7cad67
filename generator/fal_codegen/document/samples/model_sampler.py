"""Makes values for the models of a planned endpoint: its examples, or the plainest valid values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import count, islice
from typing import Any

from fal_codegen.document.accepts import Acceptor
from fal_codegen.document.json_values import canonical_text
from fal_codegen.document.models import Model, Property
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

__all__ = ["ModelSampler"]

_DEEPEST = 20
"""Models inside each other after which nothing is filled in: recursion has to end."""

_MOST_VALUES = 1000
"""Values of a sample, after which nothing is filled in: a reader has to look through it."""

_LONGEST = 1000
"""Characters of a sample, whatever its schema asks for."""

_TRIES = 4
"""Values to make for each item of a list without duplicates, at most."""

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
        return (value for value in examples if self._acceptor.accepts(value, prop.schema))

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
        return next(self._values(schema, name, depth))

    def _values(self, schema: Schema, name: str, depth: int) -> Iterator[Any]:
        """Yield values of a schema, the plainest first, and others as far as there are any."""
        self._budget.spend(VALUE)
        if self._budget.is_spent:
            yield None
            return
        match schema:
            case Ref(model):
                yield from self._objects(self._models[model], depth + 1)
            case Union(members):
                for member in members:
                    yield from self._values(member, name, depth)
            case Enum(values):
                yield from values
            case Array():
                yield from self._arrays(schema, name, depth)
            case String():
                yield from self._strings(schema, name)
            case FileUrl():
                yield from _file_urls(schema, name)
            case Integer() | Number():
                yield from self._numbers(schema)
            case Boolean():
                yield from (False, True)
            case Null():
                yield None
            case Anything():
                yield {}
                yield from count(1)
            case Map(values):
                yield {}
                yield from ({name: value} for value in self._values(values, name, depth))
            case _:
                assert_never(schema)

    def _objects(self, model: Model, depth: int) -> Iterator[dict[str, Any]]:
        plainest = self._object(model, complete=False, depth=depth)
        yield plainest
        for prop in model.properties if depth < _DEEPEST else ():
            for value in islice(self._values(prop.schema, prop.name, depth), 1, None):
                yield {**plainest, prop.name: value}

    def _arrays(self, schema: Array, name: str, depth: int) -> Iterator[list[Any]]:
        most = _MOST_VALUES if schema.max_items is None else min(schema.max_items, _MOST_VALUES)
        size = min(max(schema.min_items or 0, 1), most) if depth < _DEEPEST else 0
        if schema.unique_items:
            plainest = self._distinct(self._values(schema.items, name, depth), size)
        else:
            plainest = [self._plainest(schema.items, name, depth) for _ in range(size)]
        yield plainest
        for value in islice(self._values(schema.items, name, depth), 1, None) if size else ():
            if value not in plainest[1:]:
                yield [value, *plainest[1:]]

    def _distinct(self, values: Iterator[Any], size: int) -> list[Any]:
        distinct: dict[str, Any] = {}
        for value in islice(values, _TRIES * size):
            distinct.setdefault(canonical_text(value), value)
            if len(distinct) == size or self._budget.is_spent:
                break
        return list(distinct.values())

    def _strings(self, schema: String, name: str) -> Iterator[str]:
        words = " ".join(re.findall("[A-Za-z0-9]+", name))
        capped = replace(schema, min_length=min(schema.min_length or 0, _LONGEST))

        def accepts(value: Any, _: object) -> bool:
            return self._acceptor.accepts(value, schema)

        return sample_strings(as_json_schema(capped), (words,), self._budget, accepts)

    def _numbers(self, schema: Integer | Number) -> Iterator[float]:
        is_whole = isinstance(schema, Integer)
        for number in sample_numbers(as_json_schema(schema), self._budget, whole=is_whole):
            yield int(number) if number % 1 == 0 and abs(number) < _EXACT else number


def _file_urls(schema: FileUrl, name: str) -> Iterator[str]:
    """Yield URLs of a file; short ones have their content in them."""
    for number in count(1):
        folder = f"{number}/" * (number > 1)
        shortest = f"https://example.com/{folder}{file_name(name)}"
        missing = min(schema.min_length or 0, _LONGEST) - len(shortest)
        url = f"https://example.com/{folder}{'x' * missing}{file_name(name)}"
        is_too_long = schema.max_length is not None and len(url) > schema.max_length
        yield f"data:,{number}" if is_too_long else url
