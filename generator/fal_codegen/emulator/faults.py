"""Faults: delays, failures and unusual answers that the emulator produces on demand.

Directives ask for them: the option `--faults` for every request, the header `X-Emulate` for one:

    X-Emulate: running=3, logs=5, rate-limit=1; times=2

Directives are separated by commas. A directive is a name from `Behaviour` (with `-` for `_`), with
`=value` if it has one, and parameters after semicolons that limit it:

    on=OPERATION    only on these operations, separated by `|`
    times=N         only the first N times
    rate=FRACTION   only on that fraction of the requests, chosen with a fixed seed

Without `on`, a directive in a header applies to its own request. With `on`, a directive in the
header of a submission also applies to later requests about the job (`drop=after; on=result`), and
`times` is counted for that job. In all other cases, `times` is counted over all requests with the
same directive: a client that retries a request with the header `X-Emulate: rate-limit=1; times=2`
gets two failures, and then an answer.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from typing import Any

from fal_codegen.errors import UsageError
from fal_codegen.suggestions import did_you_mean

__all__ = [
    "INFRASTRUCTURE_ERRORS",
    "OPERATIONS",
    "PARAMETERS",
    "Behaviour",
    "Directive",
    "Faults",
    "describe",
    "parse",
]

OPERATIONS = (
    *("submit", "status", "events", "result", "cancel", "run", "stream", "realtime", "input"),
    *("upload", "file", "token", "document", "models", "jwks", "sign", "delete"),
    *("prices", "estimate", "requests"),
)
"""`events` streams the status of a job, `stream` the output of a model. `realtime` opens a
connection, and `input` is each input on it."""

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
    """Declare a directive: `bare` is its value if none is given, `among` its possible values."""
    return field(default=default, metadata={"help": help, "bare": bare, "among": tuple(among)})


@dataclass(frozen=True)
class Behaviour:
    """How one request is answered, and how its job runs. Durations are in seconds."""

    queued: float = _directive(0.005, "seconds a job waits in the queue")
    running: float = _directive(0.01, "seconds a job runs")
    ahead: int = _directive(0, "jobs ahead of the job when it is submitted")
    logs: int = _directive(2, "log lines of a job, evenly spread over its run")
    billable_units: float = _directive(1.0, "units that the result reports as billable")
    unit_price: float | None = _directive(
        None, "US dollars per unit; if left out, the price in specs/endpoints.lock, or else 0.01"
    )
    unit: str | None = _directive(None, "what a unit is, such as `image`")
    past_cost: float | None = _directive(
        None,
        "US dollars that past calls cost on average; if left out, the price of the billable units",
    )
    unpriced: str | None = _directive(
        None, "ids that match this pattern have neither a price nor past calls", bare="*"
    )
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
        None,
        "the result has this value wherever the document lists the allowed strings",
        bare="emulated",
    )
    unknown_field: str | None = _directive(
        None, "the result and the status have a field of this name", bare="emulated"
    )
    expired: bool = _directive(
        False, "the result is removed as soon as the job has completed", bare=True
    )
    uncancellable: bool = _directive(
        False, "the job continues although its cancellation was requested", bare=True
    )

    delay: float = _directive(0.0, "seconds before the request is handled")
    refuse: str | None = _directive(
        None,
        "the request is answered with this error_type and has no effect",
        bare="runner_scheduling_failure",
        among=INFRASTRUCTURE_ERRORS,
    )
    balance: bool = _directive(False, "403 because the account's balance is exhausted", bare=True)
    rate_limit: int | None = _directive(None, "429 with this many seconds in Retry-After", bare=1)
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
        None, "the catalogue fails to return the documents of ids that match this pattern", bare="*"
    )
    slow: float = _directive(0.0, "seconds that the answer's body takes", bare=1.0)
    expired_token: bool = _directive(
        False, "the token of a realtime connection has expired", bare=True
    )
    idle: float = _directive(
        30.0, "seconds without an input after which a realtime connection ends"
    )
    unknown_status: str | None = _directive(None, "the job has this status", bare="EMULATED")
    heartbeat: float = _directive(15.0, "seconds between the comment lines of a status stream")


_FIELDS = {f.name.replace("_", "-"): f for f in fields(Behaviour)}


@dataclass(frozen=True)
class Directive:
    """A value for one field of `Behaviour`, and when it applies."""

    name: str
    value: Any
    on: frozenset[str] = frozenset()
    """Operations; empty for any."""
    times: int | None = None
    rate: float = 1.0


def parse(text: str) -> tuple[Directive, ...]:
    """Read directives.

    Raises:
        UsageError: A name, a value or a parameter is unknown.
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
                f"{parameter!r} is not a parameter of {name}",
                hint=f"on=… ({', '.join(OPERATIONS)}), times=N or rate=0…1; "
                "a comma separates faults",
            ) from None
    return directive


def _parse_head(head: str) -> tuple[str, Any]:
    name, equals, raw = (part.strip() for part in head.partition("="))
    if name not in _FIELDS:
        hint = did_you_mean(name, _FIELDS, f"known: {', '.join(_FIELDS)}")
        raise UsageError(f"cannot emulate {name!r}", hint=hint)
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
        raise UsageError(f"cannot emulate {head!r}: {name} takes {wanted}") from None


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
"""The names of the types of values: in the list of directives, and in messages."""

PARAMETERS = (
    ("on", "NAME|…", f"only to these requests: {', '.join(OPERATIONS)}"),
    ("times", "INTEGER", "only this many times"),
    ("rate", "NUMBER", "only to this fraction of the requests, chosen with a fixed seed"),
)
"""The parameters of directives."""


def describe() -> str:
    """Return the directives with their defaults, and their parameters, one per line."""
    lines = []
    for name, spec in _FIELDS.items():
        kind = _kind(name)
        bare = "" if kind is bool else f"={_KINDS[kind][0]}"
        if spec.metadata["bare"] is not None and bare:
            bare = f"[{bare}]"
        default = f" (default {spec.default})" if spec.default else ""
        lines.append(f"{name + bare:28} {spec.metadata['help']}{default}")
    lines += (f"; {name + '=' + kind:26} {help}" for name, kind, help in PARAMETERS)
    return "\n".join(lines)


class Faults:
    """The active directives, with a count of how often each was applied."""

    def __init__(self, directives: str = "") -> None:
        """Start with directives for every request. Raises UsageError if they are invalid."""
        self._initial = parse(directives)
        self.reset()

    def reset(self) -> None:
        """Return to the initial directives, with all counts at 0."""
        self._standing = self._initial
        self._counts: Counter[tuple[str, Directive]] = Counter()
        self._random = random.Random(0)

    def add(self, directives: str) -> None:
        """Add directives; the count of a directive that is already active starts again.

        Raises:
            UsageError: They are invalid.
        """
        added = parse(directives)
        self._standing += added
        for directive in added:
            del self._counts["", directive]

    def behaviour(
        self,
        operation: str,
        header: tuple[Directive, ...] = (),
        request_id: str = "",
        job: tuple[Directive, ...] = (),
    ) -> Behaviour:
        """Return how to answer a request; later directives of a name override earlier ones.

        Args:
            operation: The operation that the request asks for.
            header: Directives of the request's own header.
            request_id: The job that the request is about, if any.
            job: Directives of the job's submission.
        """
        behaviour = Behaviour()
        candidates = [("", d) for d in self._standing]
        candidates += [(request_id, d) for d in job if d.on]
        candidates += [("", d) for d in header]
        for scope, directive in candidates:
            if self._applies(scope, directive, operation):
                behaviour = replace(behaviour, **{directive.name: directive.value})
        return behaviour

    def _applies(self, scope: str, directive: Directive, operation: str) -> bool:
        if directive.on and operation not in directive.on:
            return False
        if directive.times is not None and self._counts[scope, directive] >= directive.times:
            return False
        if directive.rate < 1 and self._random.random() >= directive.rate:
            return False
        self._counts[scope, directive] += 1
        return True
