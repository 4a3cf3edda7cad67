"""Details of a response besides its body: the request id, the cost, and the times."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import inf

# An error report may show headers, and a ledger keeps some. Servers send cookies, and some that
# are made for debugging send the request's own headers back.
_CONFIDENTIAL = frozenset(("authorization", "cookie", "proxy-authorization", "set-cookie"))

# Not `float` alone, which accepts `nan`, `1_000` and the digits of other scripts.
_DECIMAL = re.compile(r"[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


class ResponseHeaders(Mapping[str, str]):
    """HTTP headers without cookies and credentials. Names match in any case."""

    def __init__(self, headers: Mapping[str, str] | None = None) -> None:
        self._values = {
            lowered: value
            for name, value in (headers or {}).items()
            if (lowered := name.lower()) not in _CONFIDENTIAL
        }

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __hash__(self) -> int:
        return hash(frozenset(self._values.items()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._values!r})"


@dataclass(frozen=True)
class ResponseDetails:
    """What a response reports besides its body: the request id, the cost, and the times.

    A value that is not known is `None`, never 0.

    Example:
        ```python
        from fal_endpoints import Fal

        endpoint = Fal().fal_ai.pika.v2_2.image_to_video
        request = endpoint(image_url="https://example.com/a.png", prompt="It waves")
        outcome = request.outcome()
        if outcome.response is not None:
            print(outcome.response.request_id, outcome.response.billable_units)
        ```
    """

    request_id: str | None
    """The id of the request at fal."""
    status_code: int | None
    """The HTTP status; `None` for an output that an earlier version put into a ledger."""
    headers: Mapping[str, str] = field(repr=False)
    """The HTTP headers, without cookies; their names match in any case. A ledger keeps those that
    start with `x-fal-`."""
    billable_units: float | None = field(init=False)
    """The number of units that fal bills. The endpoint decides what a unit is: an image, a second
    of video."""
    inference_time: float | None = None
    """Seconds that the model ran, as fal measured them."""
    queue_time: float | None = None
    """Seconds from the submission until this client saw the job run. `None` if it did not see the
    job start, for instance because it did not submit it."""

    def __post_init__(self) -> None:
        units = self.headers.get("x-fal-billable-units", "").strip()
        value = known_number(float(units)) if _DECIMAL.fullmatch(units) else None
        object.__setattr__(self, "billable_units", value)


def known_number(value: object) -> float | None:
    """Return a number of seconds or units; `None` for anything else, which is not known."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < inf:
        try:
            return float(value)
        except OverflowError:  # an integer of hundreds of digits
            return None
    return None
