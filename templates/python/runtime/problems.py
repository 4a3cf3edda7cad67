"""Problems of values, found by this client or reported by the server."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

import pydantic

from .json_values import json_array, json_object
from .locations import Step, fields_at, json_path, python_path, steps_to
from .text import did_you_mean, line, short

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_KNOWN_KEYS = frozenset(("loc", "msg", "type", "input", "url", "ctx"))

_MOST_LISTED = 10
_LONGEST_FIELD = 200
_LONGEST_TYPE = 60

# A message repeats a string only if it is this short, and a number or one of a few values was
# expected: any other string may be a prompt.
_LONGEST_INPUT = 40
_CHOICES = (
    "literal_error",
    "enum",
    "one_of",
    "union",
    "endpoint_id",
    "file_input",
    "request_id",
    "uncertain",
)
_NUMBERS = ("_type", "_parsing")


@dataclass(frozen=True)
class Problem:
    """One problem of one value."""

    field: str
    """The location in Python names: `prompt`, `loras[0].path`."""
    message: str
    type: str
    """The kind of problem, in pydantic's terms, such as `missing`, or in fal's, such as
    `content_policy_violation`."""
    input: Any = dataclasses.field(default=None, hash=False)
    """The invalid value."""
    loc: tuple[str | int, ...] = ()
    """The location as keys and indices of the JSON that is sent: `("loras", 0, "path")`."""
    ctx: Mapping[str, Any] = dataclasses.field(default_factory=dict[str, Any], hash=False)
    """Further details, such as `categories` of a `content_policy_violation`."""
    has_input: bool = False
    """Whether `input` is known; the server does not always repeat it."""

    def __str__(self) -> str:
        return f"{line(self.field, _LONGEST_FIELD)}: {self.message}" if self.field else self.message

    def __copy__(self) -> Problem:
        return self

    def __deepcopy__(self, memo: object) -> Problem:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        input, ctx = _picklable(self.input), _picklable(self.ctx)
        values = (self.field, self.message, self.type, input, self.loc, ctx, self.has_input)
        return Problem, values


def problems_of(error: pydantic.ValidationError, type_hint: object = Any) -> list[Problem]:
    """Return pydantic's problems of a value of the type `type_hint`, one for each field."""
    found: list[_LocatedProblem] = []
    for item in error.errors(include_url=False):
        steps = steps_to(item["loc"], type_hint)
        message, ctx = _message(item, type_hint), item.get("ctx", {})
        found.append(_LocatedProblem(steps, message, item["type"], item["input"], True, ctx))
    return [located.problem() for located in _merged(found)]


def reported_problems(detail: object, type_hint: object) -> list[Problem]:
    """Return the problems that the server reports of an input, one for each field."""
    found: list[_LocatedProblem] = []
    for entry in json_array(detail):
        item = json_object(entry) or {"msg": entry}
        loc = item.get("loc")
        location = [loc] if isinstance(loc, str) else json_array(loc)
        if location[:1] == ["body"]:  # FastAPI names the part of the request
            location = location[1:]
        message, type = (_text(item.get(name)) for name in ("msg", "type"))
        ctx = {key: value for key, value in item.items() if key not in _KNOWN_KEYS}
        ctx.update(json_object(item.get("ctx")))
        steps = steps_to(location, type_hint)
        found.append(_LocatedProblem(steps, message, type, item.get("input"), "input" in item, ctx))
    return [located.problem() for located in _merged(found)]


def problem_at(
    location: Iterable[object], message: str, type: str, input: object, type_hint: object
) -> Problem:
    """Return a problem at `location` in a value of the type `type_hint`."""
    return _LocatedProblem(
        steps_to(location, type_hint), line(message), type, input, True
    ).problem()


def problem_list(heading: str, problems: Sequence[Problem], *, are_reported: bool = False) -> str:
    """Return a message that lists problems, each on its line.

    Args:
        heading: The first line.
        problems: The problems.
        are_reported: Whether the server found them, so that the message names their types too.
    """
    listed = problems[:_MOST_LISTED]
    types = _fal_types(listed) if are_reported else [""] * len(listed)
    lines = [f"  {each}{type}{_got(each)}" for each, type in zip(listed, types, strict=True)]
    more = len(problems) - len(lines)
    return "\n".join([heading, *lines, *([f"  … and {more} more"] if more else [])])


def _fal_types(problems: Sequence[Problem]) -> list[str]:
    """Return how a message shows each type: only fal's own, because messages explain pydantic's."""
    from pydantic_core.core_schema import ErrorType

    known = {"", *get_args(ErrorType)}
    types = [line(problem.type, _LONGEST_TYPE) for problem in problems]
    return ["" if type in known else f" [{type}]" for type in types]


def _got(problem: Problem) -> str:
    """Return how a message shows the value: never a prompt or a file."""
    value, type = problem.input, problem.type
    # For a missing field, pydantic gives the whole object around it.
    is_clear = type in ("missing", "extra_forbidden", "not_null") or not problem.field
    if is_clear or not problem.has_input:
        return ""
    if value is None or isinstance(value, (bool, int, float, os.PathLike)):
        return f" (got {short(problem.input)})"
    if not isinstance(value, str):
        return f" (got a value of type {value.__class__.__name__})"
    if len(value) > _LONGEST_INPUT:
        return f" (got {len(value)} characters)"
    return f" (got {short(value)})" if type in _CHOICES or type.endswith(_NUMBERS) else ""


def _message(error: ErrorDetails, type_hint: object) -> str:
    """Return the message of an error that pydantic found in a value of the type `type_hint`."""
    if error["type"] == "extra_forbidden":
        *parents, name = error["loc"]
        return f"there is no such argument{did_you_mean(str(name), fields_at(parents, type_hint))}"
    if error["type"] == "union_tag_invalid":  # pydantic's own message repeats the whole value
        ctx = error.get("ctx", {})
        return f"{ctx['discriminator']} should be one of {ctx['expected_tags']}"
    return error["msg"]


def _text(value: object) -> str:
    if isinstance(value, str):
        return line(value)
    return "" if value is None else short(value)


def _picklable(value: Any) -> Any:
    """Return `value`, or its representation if it cannot be pickled."""
    import pickle  # seldom needed

    try:
        pickle.dumps(value)
    except Exception:  # whatever the classes of the value raise
        return short(value)
    return value


class _LocatedProblem(NamedTuple):
    """A problem whose location still names the variants of unions that were tried."""

    steps: tuple[Step, ...]
    message: str
    type: str
    input: Any = None
    has_input: bool = False
    ctx: Mapping[str, Any] = {}

    def problem(self) -> Problem:
        return Problem(
            python_path(self.steps),
            self.message,
            self.type,
            self.input,
            json_path(self.steps),
            self.ctx,
            self.has_input,
        )


def _merged(found: Iterable[_LocatedProblem], start: int = 0) -> Iterator[_LocatedProblem]:
    """Yield the problems; those of a union's variants become one."""
    unions: dict[tuple[Step, ...], dict[str, list[_LocatedProblem]]] = {}
    for problem in found:
        label = next((step for step in problem.steps[start:] if step.is_label), None)
        if label is None:
            yield problem
        else:
            place = problem.steps[: problem.steps.index(label, start)]
            unions.setdefault(place, {}).setdefault(label.name, []).append(problem)
    for place, alternatives in unions.items():
        inside = len(place) + 1
        merged = {label: list(_merged(ones, inside)) for label, ones in alternatives.items()}
        yield from _of_union(place, merged)


def _of_union(
    place: tuple[Step, ...], alternatives: Mapping[str, Sequence[_LocatedProblem]]
) -> Iterator[_LocatedProblem]:
    """Yield the problems of a value at `place` that fits no variant of its union."""
    # If only parts of the value do not fit a variant, the caller meant that variant.
    meant = {
        label: found
        for label, found in alternatives.items()
        if all(json_path(problem.steps[len(place) :]) for problem in found)
    }
    if len(meant) == 1:
        for problem in next(iter(meant.values())):
            yield problem._replace(steps=(*place, *problem.steps[len(place) + 1 :]))
    elif meant:
        each = (f"{label} ({_inside(found, len(place))})" for label, found in meant.items())
        yield _LocatedProblem(place, line(f"is none of {' or '.join(each)}"), "union")
    else:
        flat = [problem for found in alternatives.values() for problem in found]
        types = {problem.type for problem in flat}
        problem_type = types.pop() if len(types) == 1 else "union"
        yield flat[0]._replace(steps=place, message=_either(flat), type=problem_type, ctx={})


def _inside(found: Sequence[_LocatedProblem], start: int) -> str:
    return "; ".join(f"{python_path(each.steps[start:])}: {each.message}" for each in found)


def _either(found: Sequence[_LocatedProblem]) -> str:
    """Return one sentence with what several variants expect."""
    first, *others = dict.fromkeys(problem.message for problem in found)
    return line(" or ".join([first, *(text.removeprefix("Input should be ") for text in others)]))
