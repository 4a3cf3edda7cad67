"""Whether the generated client takes exactly the inputs that a document allows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from .contract import Contract, Path, Schema
from .instances import Change, Instances, Made, with_changed

_OPTIONAL = (1, 1, 1, 0.5, 0) + 15 * (0.5,)
"""The valid inputs made up for each endpoint: how much of what may be left out is there."""

_CHANGED = 5
"""How many of them, the first ones, are then changed in every place."""


class Refusal(NamedTuple):
    """Why one side refused: what it calls the fault, and where it found it."""

    fault: str
    path: Path


class Disagreement(NamedTuple):
    """An input that one side takes and the other refuses.

    Attributes:
        kind: How the input was made, such as `example` or `null`.
        path: Where it differs from a valid one.
        given: What stands there.
        refused_by: `client` or `document`.
        faults: What that side calls the faults, such as `int_type`.
        why: The first of its messages.
    """

    endpoint: str
    kind: str
    path: str
    given: Any
    refused_by: str
    faults: tuple[str, ...]
    why: str


@dataclass
class Tally:
    """How often both sides agreed, by kind of input; and where they did not."""

    taken: dict[str, int]
    refused: dict[str, int]
    disagreements: list[Disagreement]


def compare(contract: Contract, endpoint: Any, refusal: type[Exception], tally: Tally) -> None:
    """Give inputs to both sides: examples, defaults, made-up ones, and changed ones."""
    for change in _inputs(contract):
        faults, why = _client_refuses(endpoint, change.value, refusal)
        if contract.validator.is_valid(change.value):
            if not faults:
                tally.taken[change.kind] = tally.taken.get(change.kind, 0) + 1
                continue
            by = "client"
        else:
            if faults:
                tally.refused[change.kind] = tally.refused.get(change.kind, 0) + 1
                continue
            by = "document"
            errors = list(contract.validator.iter_errors(change.value))
            faults = tuple(sorted({error.schema_path[-1] for error in errors}))
            why = errors[0].message
        path = "/".join(map(str, change.path))
        tally.disagreements.append(
            Disagreement(contract.id, change.kind, path, change.given, by, faults, why)
        )


def _inputs(contract: Contract) -> Iterator[Change]:
    instances = Instances(contract, seed=contract.id)
    made = [instances.valid(contract.input, optional=share) for share in _OPTIONAL]
    yield Change("emulator's example", (), None, contract.emulated.example_input)
    for one in made:
        yield Change("made up", (), None, one.value)
    yield from _told(contract.resolved(contract.input), made[0])
    for one in made[:_CHANGED]:
        # At the root, only names can be other: a call has arguments, whatever they are.
        yield from (change for change in instances.changes(one) if change.path)


def _told(schema: Schema, made: Made) -> Iterator[Change]:
    """Yield the examples and defaults that a document tells."""
    for example in schema.get("examples", ()):
        yield Change("example of the input", (), None, example)
    for name, told in schema.get("properties", {}).items():
        for example in told.get("examples", ()):
            yield Change("example", (name,), example, with_changed(made.value, (name,), example))
        if "default" in told:
            default = told["default"]
            yield Change("default", (name,), default, with_changed(made.value, (name,), default))


def _client_refuses(
    endpoint: Any, value: Any, refusal: type[Exception]
) -> tuple[tuple[str, ...], str]:
    """Return why the client refuses an input, and nothing if it takes it as it is."""
    try:
        payload = endpoint.bind(**value).payload
    except refusal as error:
        return tuple(sorted({problem.type for problem in error.errors})), str(error)
    if not same(payload, value):
        return ("sent otherwise",), f"sent as {payload!r}"
    return (), ""


def same(left: Any, right: Any) -> bool:
    """Compare values as JSON does: `1` equals `1.0` and not `true`."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right and isinstance(left, bool) == isinstance(right, bool)
