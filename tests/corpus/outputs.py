"""Whether a generated client parses all results: valid ones, examples and newer ones."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pydantic
from documents import example_output

from .changes import Change, put
from .contract import Contract
from .instances import Instances, Made
from .parity import EXAMPLE, MADE_UP, same, told, where

_OPTIONAL = (1, 1, 1, 0, 0.5, 0.5)
"""The share of optional properties in each result that is generated for an endpoint."""

NEWER = "newer"


@dataclass(frozen=True)
class Parsed:
    """How many results were parsed completely, by kind, and the failures.

    Attributes:
        wrong: Parsed examples that are invalid against their own document, by place.
    """

    whole: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


def parse_all(contract: Contract, endpoint: Any, refusal: type[Exception], parsed: Parsed) -> None:
    """Parse results with a generated endpoint, as webhooks deliver them.

    Args:
        contract: The document.
        endpoint: The generated endpoint, of a client.
        refusal: The error that it raises for a result that it cannot parse.
        parsed: Collects the outcomes.
    """
    for result in _results(contract):
        body = json.dumps({"request_id": "1", "status": "OK", "payload": result.value})
        is_wrong = result.kind == EXAMPLE and not contract.emulated.is_valid_output(result.value)
        if is_wrong:
            parsed.wrong[where(contract, result)] += 1
        try:
            kept = plain(endpoint.parse_webhook(body).output)
        except refusal as error:
            parsed.failures.append(f"{result.kind}: {error}")
            continue
        if is_wrong or same(kept, result.value):
            parsed.whole[result.kind] += 1
        else:
            parsed.failures.append(f"{contract.id}: {result.kind}: {result.value} became {kept}")


def results_of(contract: Contract) -> Iterator[Any]:
    """Yield results that a client must parse: valid ones, examples and newer ones."""
    return (result.value for result in _results(contract))


def _results(contract: Contract) -> Iterator[Change]:
    instances = Instances(contract, seed=contract.id)
    made = [instances.valid(contract.output, optional=share) for share in _OPTIONAL]
    yield Change(EXAMPLE, (), None, example_output(contract.emulated))
    for one in made:
        yield Change(MADE_UP, (), None, one.value)
        yield Change(NEWER, (), None, _newer(one))
    yield from (change for change in told(contract, made[0]) if change.kind == EXAMPLE)


def _newer(made: Made) -> Any:
    """Return a result as a newer server may send it: with new fields and enum values."""
    value = made.value
    for part in reversed(made.parts):  # inner parts are changed before outer ones
        old = value
        for step in part.place:
            old = old[step]
        if isinstance(old, dict) and "properties" in part.schema:
            value = put(value, part.place, {**old, "added_later": {"by": ["fal", 1, None]}})
        elif isinstance(old, str) and ("enum" in part.schema or "const" in part.schema):
            value = put(value, part.place, "added later")
    return value


def plain(output: object) -> Any:
    """Return the values of an output, by their names on the wire."""
    if isinstance(output, pydantic.BaseModel):
        return output.model_dump(by_alias=True, exclude_unset=True)
    if isinstance(output, list):
        return [plain(item) for item in output]
    if isinstance(output, dict):
        return {name: plain(item) for name, item in output.items()}
    return output
