"""Whether a generated client takes exactly the inputs that the document allows."""

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
"""The valid inputs made up for each endpoint: how much of what may be left out is there."""

_TOLD = 3
"""How many of them, the first and fullest ones, take up each example and default in turn."""

_CHANGED = 5
"""How many of them, the first ones, are then changed in every place."""

_URL = "https://example.test/a.png"

MADE_UP, EXAMPLE, DEFAULT = "made up", "example", "default"


class Disagreement(NamedTuple):
    """An input that one side takes and the other refuses.

    Attributes:
        kind: How the input was made, such as `example` or `null`.
        place: Where it differs from a valid one.
        given: What stands there.
        refused_by: `client` or `document`.
        faults: What that side calls the faults, such as `int_type`.
        said: What it says of them.
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
    """How often both sides took an input, or both refused it, by kind; and where they differ.

    Attributes:
        wrong: Examples and defaults that are not what their own document says; by place.
    """

    taken: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    disagreements: list[Disagreement] = field(default_factory=list)


def compare(contract: Contract, caller: Caller, refusal: type[Exception], tally: Tally) -> None:
    """Give inputs to both sides: examples, defaults, made-up ones, and changed ones.

    Args:
        contract: The document.
        caller: The generated endpoint, of a client.
        refusal: What it raises when it refuses.
        tally: Takes what was found.
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
        # At the root, only names can be other: a call has arguments, whatever they are.
        yield from (change for change in changes(one) if change.place)


def _with_urls(made: Made, contract: Contract, caller: Caller, refusal: type[Exception]) -> Made:
    """Return a value with a URL wherever the client wants one for a file.

    What a document calls a string may be a file, which only the client knows. So this hides
    nothing, examples and defaults are compared as they are.
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
    """Yield every example and default that a document tells, each in a value that is valid."""
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
    """Return why the client refuses an input; nothing if it takes it, and would send just that."""
    try:
        payload = caller.request(value).payload
    except refusal as error:
        return tuple(sorted({problem.type for problem in getattr(error, "errors", ())})), str(error)
    return ((), "") if same(payload, value) else (("sent otherwise",), f"it sends {payload!r}")
