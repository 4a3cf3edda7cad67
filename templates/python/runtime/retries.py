"""How often a request is sent again, and after which pauses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from .errors import ConfigurationError, FalError


@dataclass(frozen=True)
class Retries:
    """How often a client sends a request again, and after which pauses.

    Only requests that are safe to repeat are sent again. A submission, `run` or `stream` is safe to
    repeat only if fal certainly did not accept it.

    Args:
        attempts: How often a request is sent at most, including the first time. 1 sends nothing
            again.
        pause: The seconds before the second attempt. The pause doubles with each attempt, and
            varies at random by up to half. It may also be a function, which gets the number of the
            failed attempt, from 1, and returns the seconds.
        longest_pause: The longest pause in seconds. If a response asks for a longer one by
            `Retry-After`, the request ends with its error.
        should_retry: Called with the error before a request is sent again. If it returns False,
            the request ends with that error. Requests that are not safe to repeat are never sent
            again, whatever it returns.

    Raises:
        ConfigurationError: An argument is invalid.

    Example:
        ```python
        from fal_endpoints import Fal, FalError, RateLimitError, Retries

        def should_retry(error: FalError) -> bool:
            return not isinstance(error, RateLimitError)

        retries = Retries(attempts=3, pause=0.5, should_retry=should_retry)
        client = Fal(retries=retries)
        ```
    """

    attempts: int = 5
    pause: float | Callable[[int], float] = 0.2
    longest_pause: float = 60.0
    should_retry: Callable[[FalError], bool] | None = None

    def __post_init__(self) -> None:
        if type(self.attempts) is not int or self.attempts < 1:
            raise ConfigurationError("attempts of Retries should be an integer of at least 1")
        if not (callable(self.pause) or _is_pause(self.pause)):
            raise ConfigurationError(
                "pause of Retries should be a number of seconds, or a function that returns it"
            )
        if not _is_pause(self.longest_pause):
            raise ConfigurationError("longest_pause of Retries should be a number of seconds")
        if not (self.should_retry is None or callable(self.should_retry)):
            raise ConfigurationError("should_retry of Retries should be a function")


def _is_pause(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < inf
