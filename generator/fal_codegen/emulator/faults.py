"""What the emulator is asked to do otherwise than plainly and at once: waits, failures, oddities.

They are asked for with one small language, by flag for every request and by the header `X-Emulate`
for one:

    X-Emulate: running=3, logs=5, rate-limit=1; times=2

Directives are separated by commas. A directive is a name from `Behaviour` (with `-` for `_`), with
`=value` where it has one, and with parameters after semicolons that say when it strikes:

    on=OPERATION    only on these operations, separated by `|`
    times=N         only the first N times
    rate=FRACTION   only on that part of the requests, drawn from a fixed seed

Without `on`, a directive is about the request that carries it, or about every request when it was
given by flag. With `on`, the header of a submission reaches the later requests about that job too
(`drop=after; on=result`), and `times` is counted for that job; otherwise it is counted over all
requests, so that one that is sent again with the same header goes through in the end.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from typing import Any

from fal_codegen.errors import UsageError

__all__ = [
    "INFRASTRUCTURE_ERRORS",
    "OPERATIONS",
    "Behaviour",
    "Directive",
    "Faults",
    "describe",
    "parse",
]

OPERATIONS = (
    *("submit", "status", "events", "result", "cancel", "run", "stream"),
    *("upload", "file", "token", "document", "models", "jwks"),
)
"""What can be asked for; `events` streams a job's status, `stream` a model's output."""

INFRASTRUCTURE_ERRORS = {
    "request_timeout": 504,
    "startup_timeout": 504,
    "runner_scheduling_failure": 503,
    "runner_connection_timeout": 503,
    "runner_disconnected": 503,
    "runner_connection_refused": 503,
    "runner_connection_error": 503,
    "runner_incomplete_response": 502,
    "runner_server_error": 500,
    "internal_error": 500,
    "client_disconnected": 499,
    "client_cancelled": 499,
    "bad_request": 400,
}
"""Status by `error_type` (https://fal.ai/docs/documentation/model-apis/request-errors)."""


def _directive(default: Any, help: str, *, bare: object = None, among: Iterable[str] = ()) -> Any:
    """Declare a directive: `bare` is its value if named without one, `among` those it can have."""
    return field(default=default, metadata={"help": help, "bare": bare, "among": tuple(among)})


@dataclass(frozen=True)
class Behaviour:
    """How one request is answered, and how the job goes that it submits. Durations are seconds."""

    queued: float = _directive(0.005, "seconds a job waits in the queue")
    running: float = _directive(0.01, "seconds a job runs")
    ahead: int = _directive(0, "jobs in front of it when it is submitted")
    logs: int = _directive(2, "lines a job logs, evenly over its run")
    model_error: str | None = _directive(
        None, "the job fails with a 422 of this type", bare="content_policy_violation"
    )
    infrastructure_error: str | None = _directive(
        None,
        "the job fails with this error_type",
        bare="runner_server_error",
        among=INFRASTRUCTURE_ERRORS,
    )
    unknown_enum: str | None = _directive(
        None, "the result has this value wherever a set of strings is expected", bare="emulated"
    )
    unknown_field: str | None = _directive(
        None, "the result and the status have a field of this name", bare="emulated"
    )
    expired: bool = _directive(
        False, "the result is gone as soon as the job has completed", bare=True
    )
    uncancellable: bool = _directive(
        False, "the job runs on although its cancellation was requested", bare=True
    )

    delay: float = _directive(0.0, "seconds before the request is looked at")
    refuse: str | None = _directive(
        None,
        "the request is answered with this error_type and has no effect",
        bare="runner_scheduling_failure",
        among=INFRASTRUCTURE_ERRORS,
    )
    balance: bool = _directive(False, "403 because the account's balance is exhausted", bare=True)
    rate_limit: int | None = _directive(None, "429 with Retry-After of so many seconds", bare=1)
    proxy_error: int | None = _directive(
        None,
        "a proxy's own error page, in HTML, with this status",
        bare=502,
        among=("502", "503", "504"),
    )
    drop: str | None = _directive(
        None,
        "the connection closes without an answer, before or after the request had its effect",
        among=("before", "after"),
    )
    truncate: bool = _directive(
        False, "the connection closes in the middle of the answer's body", bare=True
    )
    expansion_failed: str | None = _directive(
        None, "the listing fails to give the documents of ids that fit this pattern", bare="*"
    )
    slow: float = _directive(0.0, "the answer's body takes so many seconds", bare=1.0)
    unknown_status: str | None = _directive(None, "the job's status is this word", bare="EMULATED")
    heartbeat: float = _directive(15.0, "seconds between the comment lines of a status stream")


_FIELDS = {f.name.replace("_", "-"): f for f in fields(Behaviour)}


@dataclass(frozen=True)
class Directive:
    """One field of `Behaviour` set to a value, and when."""

    name: str
    value: Any
    on: frozenset[str] = frozenset()
    """Operations; empty for any."""
    times: int | None = None
    rate: float = 1.0


def parse(text: str) -> tuple[Directive, ...]:
    """Read directives.

    Raises:
        UsageError: A name, a value or a parameter is not known.
    """
    return tuple(_parse_one(part.strip()) for part in text.split(",") if part.strip())


def _parse_one(text: str) -> Directive:
    head, *parameters = (part.strip() for part in text.split(";"))
    name, value = _parse_head(head)
    directive = Directive(name.replace("-", "_"), value)
    for parameter in parameters:
        key, _, raw = (part.strip() for part in parameter.partition("="))
        try:
            if key == "on" and (on := frozenset(raw.split("|"))) <= set(OPERATIONS):
                directive = replace(directive, on=on)
            elif key == "times" and (times := int(raw)) > 0:
                directive = replace(directive, times=times)
            elif key == "rate" and 0 <= (rate := float(raw)) <= 1:
                directive = replace(directive, rate=rate)
            else:
                raise ValueError
        except ValueError:
            raise UsageError(
                f"{parameter!r} does not say when to emulate {name}",
                hint=f"on=… ({', '.join(OPERATIONS)}), times=N or rate=0…1",
            ) from None
    return directive


def _parse_head(head: str) -> tuple[str, Any]:
    name, equals, raw = (part.strip() for part in head.partition("="))
    if name not in _FIELDS:
        raise UsageError(f"cannot emulate {name!r}", hint=f"known: {', '.join(_FIELDS)}")
    metadata = _FIELDS[name].metadata
    kind = _kind(name)
    try:
        if not equals:
            if metadata["bare"] is None:
                raise ValueError
            return name, metadata["bare"]
        if kind is bool or (metadata["among"] and raw not in metadata["among"]):
            raise ValueError
        value = kind(raw)
        if isinstance(value, float | int) and not 0 <= value < 1e6:
            raise ValueError
        return name, value
    except ValueError:
        wanted = " or ".join(metadata["among"]) or _KINDS[kind][1]
        raise UsageError(f"{head!r} cannot be emulated: {name} takes {wanted}") from None


def _kind(name: str) -> type[float] | type[int] | type[str] | type[bool]:
    """Return the type of a directive's value, by its annotation."""
    annotation = str(_FIELDS[name].type).removesuffix(" | None")
    return {"float": float, "int": int, "bool": bool}.get(annotation, str)


_KINDS = {
    float: ("NUMBER", "a number from 0 to less than 1,000,000"),
    int: ("INTEGER", "a whole number from 0 to less than 1,000,000"),
    str: ("STRING", "a value"),
    bool: ("", "no value"),
}
"""How the values of directives are called: in the list of directives, and in messages."""

_PARAMETERS = (
    ("on", "NAME|…", f"only on these of {', '.join(OPERATIONS)}"),
    ("times", "INTEGER", "only the first so many times"),
    ("rate", "NUMBER", "only on this part of the requests, drawn from a fixed seed"),
)
"""What may follow a directive, to say when it strikes."""


def describe() -> str:
    """List the directives, one a line with its default, and their parameters, for a help text."""
    lines = []
    for name, spec in _FIELDS.items():
        kind = _kind(name)
        bare = "" if kind is bool else f"={_KINDS[kind][0]}"
        if spec.metadata["bare"] is not None and bare:
            bare = f"[{bare}]"
        default = f" (default {spec.default})" if spec.default else ""
        lines.append(f"{name + bare:28} {spec.metadata['help']}{default}")
    lines += (f"; {name + '=' + kind:26} {said}" for name, kind, said in _PARAMETERS)
    return "\n".join(lines)


class Faults:
    """The directives in force, with a count of how often each has struck."""

    def __init__(self, directives: str = "") -> None:
        """Start with directives for every request. Raises UsageError when they cannot be read."""
        self._initial = parse(directives)
        self.reset()

    def reset(self) -> None:
        """Return to the directives given at the start, with nothing struck yet."""
        self._standing = self._initial
        self._strikes: Counter[tuple[str, Directive]] = Counter()
        self._random = random.Random(0)

    def add(self, directives: str) -> None:
        """Put more directives in force; one that already was has its `times` again.

        Raises:
            UsageError: They cannot be read.
        """
        added = parse(directives)
        self._standing += added
        for directive in added:
            del self._strikes["", directive]

    def behaviour(
        self,
        operation: str,
        header: tuple[Directive, ...] = (),
        request_id: str = "",
        job: tuple[Directive, ...] = (),
    ) -> Behaviour:
        """Decide how one request is answered; later directives of one name win over earlier ones.

        Args:
            operation: What is asked for.
            header: Directives that the request carries itself.
            request_id: The job it is about, if any.
            job: Directives that the job was submitted with.
        """
        behaviour = Behaviour()
        candidates = [("", d) for d in self._standing]
        candidates += [(request_id, d) for d in job if d.on]
        candidates += [("", d) for d in header]
        for scope, directive in candidates:
            if self._strikes_now(scope, directive, operation):
                behaviour = replace(behaviour, **{directive.name: directive.value})
        return behaviour

    def _strikes_now(self, scope: str, directive: Directive, operation: str) -> bool:
        if directive.on and operation not in directive.on:
            return False
        if directive.times is not None and self._strikes[scope, directive] >= directive.times:
            return False
        if directive.rate < 1 and self._random.random() >= directive.rate:
            return False
        self._strikes[scope, directive] += 1
        return True
