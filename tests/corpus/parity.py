"""Whether a generated client accepts exactly the inputs that the document allows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .changes import Change, at, changed, changes, put
from .clients import Caller
from .contract import Contract, Schema
from .instances import Instances, Made

_OPTIONAL = (1, 1, 1, 0.5, 0) + 15 * (0.5,)
"""The share of optional properties in each valid input that is generated for an endpoint."""

_TOLD = 3
"""Inputs, fullest first, that try each example and default."""

_CHANGED = 5
"""Inputs, fullest first, that are then changed in every place."""

_URL = "https://example.test/a.png"

MADE_UP, EXAMPLE, DEFAULT = "made up", "example", "default"


class Disagreement(NamedTuple):
    """An input that one side accepts and the other rejects.

    Attributes:
        kind: How the input was made, such as `example` or `null`.
        place: Where it differs from a valid one.
        given: The value there.
        refused_by: The side that rejects it: `client` or `document`.
        faults: That side's names of the faults, such as `int_type`.
        said: That side's error message.
    """

    endpoint: str
    kind: str
    place: str
    given: Any
    refused_by: str
    faults: tuple[str, ...]
    said: str


@dataclass(frozen=True)
class Tally:
    """How often both sides accepted or both rejected an input, by kind, and where they differ.

    Attributes:
        wrong: Examples and defaults that are invalid against their own document, by place.
    """

    taken: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    disagreements: list[Disagreement] = field(default_factory=list)


def compare(contract: Contract, caller: Caller, refusal: type[Exception], tally: Tally) -> None:
    """Validate inputs on both sides: valid ones, examples, defaults and changed ones.

    Args:
        contract: The document.
        caller: The generated endpoint, of a client.
        refusal: The error that it raises for an input that it rejects.
        tally: Collects the outcomes.
    """
    for change in _inputs(contract, caller, refusal):
        faults, said = _refused_by_client(caller, change.value, refusal)
        is_valid = contract.validator.is_valid(change.value)
        if is_valid != bool(faults):
            (tally.taken if is_valid else tally.refused)[change.kind] += 1
            if not is_valid and change.kind in (EXAMPLE, DEFAULT):
                tally.wrong[where(contract, change)] += 1
            continue
        if not is_valid:
            errors = list(contract.validator.iter_errors(change.value))
            faults = tuple(sorted({str(error.schema_path[-1]) for error in errors}))
            said = errors[0].message
        tally.disagreements.append(
            Disagreement(
                contract.id,
                change.kind,
                "/".join(map(str, change.place)),
                change.given,
                "client" if is_valid else "document",
                faults,
                said,
            )
        )


def where(contract: Contract, change: Change) -> str:
    """Return the endpoint and the place of a change, for the report."""
    return f"{contract.id}: {'.'.join(map(str, change.place)) or 'all of it'}"


def same(left: Any, right: Any) -> bool:
    """Compare values as JSON does: `1` equals `1.0` and not `true`."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right) and isinstance(left, bool) == isinstance(right, bool)


def valid_inputs(contract: Contract, caller: Caller, refusal: type[Exception]) -> Iterator[Schema]:
    """Yield inputs that both sides accept."""
    for change in _inputs(contract, caller, refusal):
        faults, _ = _refused_by_client(caller, change.value, refusal)
        if contract.validator.is_valid(change.value) and not faults:
            yield change.value


def _inputs(contract: Contract, caller: Caller, refusal: type[Exception]) -> Iterator[Change]:
    instances = Instances(contract, seed=contract.id)
    made = [
        _with_urls(instances.valid(contract.input, optional=share), contract, caller, refusal)
        for share in _OPTIONAL
    ]
    for one in made:
        yield Change(MADE_UP, (), None, one.value)
    for one in made[:_TOLD]:
        yield from told(contract, one)
    for one in made[:_CHANGED]:
        # At the root, only names can differ: the input of a call is always an object.
        yield from (change for change in changes(one) if change.place)


def _with_urls(made: Made, contract: Contract, caller: Caller, refusal: type[Exception]) -> Made:
    """Return a value with a URL wherever the client expects one for a file.

    A string of the document may be a file, which only the client knows. Examples and defaults are
    compared unchanged, so this hides nothing.
    """
    try:
        caller.request(made.value)
    except refusal as error:
        for problem in getattr(error, "errors", ()):
            if problem.type in ("file_input", "union"):
                value = put(made.value, problem.loc, _as_url(at(made.value, problem.loc)))
                if contract.validator.is_valid(value):
                    made = Made(value, made.parts)
    return made


def _as_url(value: Any) -> Any:
    if isinstance(value, list):
        return [_as_url(item) for item in value]
    return _URL if isinstance(value, str) else value


def told(contract: Contract, made: Made) -> Iterator[Change]:
    """Yield every example and default of a document, each in an otherwise valid value."""
    for part in made.parts:
        for example in part.schema.get("examples", ()) if not part.place else ():
            yield changed(made, EXAMPLE, part.place, example)
        for name, listed in part.schema.get("properties", {}).items():
            place = (*part.place, name)
            for example in contract.examples(listed):
                yield changed(made, EXAMPLE, place, example)
            if "default" in listed:
                yield changed(made, DEFAULT, place, listed["default"])


def _refused_by_client(
    caller: Caller, value: Schema, refusal: type[Exception]
) -> tuple[tuple[str, ...], str]:
    """Return why the client rejects or alters an input; nothing if it sends the input unchanged."""
    try:
        payload = caller.request(value).payload
    except refusal as error:
        return tuple(sorted({problem.type for problem in getattr(error, "errors", ())})), str(error)
    return ((), "") if same(payload, value) else (("sent otherwise",), f"it sends {payload!r}")
