"""Options of a request's methods, named as in fal-client where they mean the same."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Callable, Mapping
from math import inf
from typing import TYPE_CHECKING, Any, Literal, cast

from .errors import ConfigurationError
from .handling_options import TAGS, FileOptions, HandlingOptions, are_tags, is_acl, is_lifetime
from .retries import Retries
from .text import did_you_mean, short
from .transport.urls import origin

if TYPE_CHECKING:
    from .progress import OnProgress, Progress
    from .protocol.status import Status

# RFC 9110, sections 5.1 and 5.5, without the bytes beyond ASCII, which have no agreed encoding.
_HEADER_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # compiled at first use
_HEADER_VALUE = r"([!-~]([ \t!-~]*[!-~])?)?"

_CURRENCY = re.compile("[A-Z]{3}")

_LONGEST_QUEUE = 10**9
SHORTEST_START_TIMEOUT = 1.0  # seconds; fal rejects shorter values (source: fal-client)


class JobOptions(HandlingOptions, total=False):
    """Options of every job."""

    priority: Literal["normal", "low"] | None
    """The priority in the queue."""
    hint: str | None
    """The preferred runner, a machine of fal that runs the model: jobs with the same hint tend to
    run on the same one."""
    start_timeout: float | None
    """Seconds (more than 1) after which the server cancels a job that has not started."""
    headers: Mapping[str, str] | None
    """Additional HTTP headers. They replace those that options set."""
    on_upload_progress: Callable[[Progress], object] | None
    """Called with the `Progress` of each local file that is uploaded, after each MiB. It may be
    called in another thread; an exception that it raises ends the upload."""


class SubmitOptions(JobOptions, total=False):
    """Options of `Request.submit`."""

    webhook_url: str | None
    """The URL that fal posts the result to."""
    client_timeout: float | None
    """Seconds to wait until the job is accepted, uploads included. A job that is accepted later is
    cancelled. Cancelling takes up to 5 s, or 10 s for an unanswered submission."""


class RunOptions(JobOptions, total=False):
    """Options of `Request.run` and `Request.stream`."""

    client_timeout: float | None
    """Seconds to wait for the complete result, or for the end of the stream. After that time, the
    rest is lost, and the model may keep running."""


class SubscribeOptions(JobOptions, total=False):
    """Options of `Request.subscribe`."""

    with_logs: bool
    """Whether updates include the logs of the model."""
    on_enqueue: Callable[[str], object] | None
    """Called with the request id once the job is accepted. It may be a coroutine function for
    `subscribe_async`, like every callback."""
    on_queue_update: Callable[[Status], object] | None
    """Called when the state changes or new log lines arrive, with each line once."""
    client_timeout: float | None
    """Seconds to wait for the complete result, after which the job is cancelled; also the default
    of `start_timeout`. Cancelling takes up to 5 s, or 10 s for an unanswered submission."""
    cancel_on_interrupt: bool
    """Whether the job is cancelled on the server when you stop waiting: by Ctrl-C, task
    cancellation, an exception of a callback, or `client_timeout`. True by default."""


def check_options(
    method: Callable[..., object], options: Mapping[str, Any], known: type[FileOptions]
) -> None:
    """Check the options of a method.

    Args:
        method: The method of an instance, or the class whose constructor has the options.
        options: The options that it was called with.
        known: The options that it has, besides the parameters that it names.

    Raises:
        TypeError: The method does not have an option.
        ConfigurationError: An option has an invalid value.
    """
    for name, value in options.items():
        if name not in known.__annotations__:  # a TypedDict lists those of its base too
            names = {*known.__annotations__, *_parameters(method)}
            hint = did_you_mean(name, names) or f"; see {known.__name__}"
            raise TypeError(f"{method.__name__}() has no option {name!r}{hint}")
        if value is not None or name in _FLAGS:
            problem = _problem(name, value)
            if problem is not None:
                raise ConfigurationError(problem)


def check_callbacks(method: str, options: Mapping[str, Any]) -> None:
    """Raise ConfigurationError for a callback that a blocking method would not await."""
    for name in _CALLBACKS & options.keys():
        callback = options[name]
        if _is_asynchronous(callback) or _is_asynchronous(type(callback).__call__):
            raise ConfigurationError(
                f"{name} is a coroutine function, which {method}() does not await: pass a "
                f"function, or use {method}_async()"
            )


def check_progress(blocking_method: str | None, on_progress: OnProgress | None) -> None:
    """Raise ConfigurationError for a callback that a method cannot call.

    Args:
        blocking_method: The name of the method, if it does not await.
        on_progress: The callback.
    """
    if on_progress is not None:
        check_values(on_progress=on_progress)
        if blocking_method is not None:
            check_callbacks(blocking_method, {"on_progress": on_progress})


def check_values(**values: object) -> None:
    """Raise ConfigurationError for a value that its option does not accept."""
    for name, value in values.items():
        problem = _problem(name, value)
        if problem is not None:
            raise ConfigurationError(problem)


def _problem(name: str, value: object) -> str | None:
    """Return what is wrong with the value of an option; `None` if it is valid."""
    is_valid, expected = _EXPECTED[name]
    if is_valid(value):
        return None
    got = "" if name == "headers" else f" (got {short(value)})"  # they may hold secrets
    return f"{name} should be {expected}{got}"


def _parameters(method: Callable[..., object]) -> list[str]:
    """Return the parameters that a call of a method can name."""
    parameters = inspect.signature(method).parameters.values()
    return [each.name for each in parameters if each.kind in _NAMED]


def _is_number(value: object, above: float = -inf) -> bool:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return False
    return value > above  # NaN is not


def _is_amount(value: object) -> bool:
    from .costs import amount_of

    return amount_of(value) is not None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value.isprintable()


def _is_web_address(value: object) -> bool:
    if not _is_text(value):
        return False
    scheme, host, _ = origin(str(value))
    return scheme in ("http", "https") and host != ""


def _is_header_value(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(_HEADER_VALUE, value) is not None


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_asynchronous(function: object) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)


def _are_headers(value: object) -> bool:
    if not isinstance(value, Mapping):
        return False
    headers = cast("Mapping[object, object]", value)
    return all(
        isinstance(name, str) and re.fullmatch(_HEADER_NAME, name) and _is_header_value(text)
        for name, text in headers.items()
    )


def _are_ids(value: list[object]) -> bool:
    return bool(value) and all(_is_text(app) and app for app in value)


_CALLBACKS = frozenset(("on_enqueue", "on_progress", "on_queue_update", "on_upload_progress"))
_FLAGS = ("with_logs", "cancel_on_interrupt")
_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)

_EXPECTED: dict[str, tuple[Callable[[Any], bool], str]] = {
    "acl": (is_acl, "'allow', 'forbid', 'hide' or an ACL of these"),
    "allow_unknown": (_is_flag, "True or False"),
    "apps": (_are_ids, "ids of endpoints"),
    "authorize": (callable, "a function"),
    "backup_hosts": (_is_flag, "True or False"),
    "cancel_on_interrupt": (_is_flag, "True or False"),
    "client_timeout": (lambda value: _is_number(value, 0), "a positive number of seconds"),
    "concurrency": (lambda value: type(value) is int and value >= 1, "an integer of at least 1"),
    "currency": (
        lambda value: isinstance(value, str) and _CURRENCY.fullmatch(value) is not None,
        "the ISO 4217 code of a currency, such as 'USD'",
    ),
    "expires_in": (is_lifetime, "a whole number of seconds from 1, or a timedelta"),
    "headers": (_are_headers, "a mapping of HTTP header names to values of printable ASCII"),
    "hint": (_is_header_value, "a string of printable ASCII without spaces around it"),
    "idempotent": (_is_flag, "True or False"),
    "ledger": (lambda value: value is None or isinstance(value, (str, os.PathLike)), "a path"),
    "limit": (_is_amount, "a number of at least 0"),
    "max_body": (lambda value: type(value) is int and value >= 1, "a positive number of bytes"),
    "max_buffering": (
        lambda value: type(value) is int and 1 <= value <= 60,  # source: both official clients
        "an integer from 1 to 60",
    ),
    "max_queue_length": (
        lambda value: type(value) is int and 0 <= value <= _LONGEST_QUEUE,
        "an integer of at least 0",
    ),
    "no_retry": (_is_flag, "True, False or None"),
    "on_enqueue": (callable, "a function"),
    "on_progress": (callable, "a function"),
    "on_queue_update": (callable, "a function"),
    "on_upload_progress": (callable, "a function"),
    "priority": (lambda value: value in ("normal", "low"), "'normal' or 'low'"),
    "retries": (
        lambda value: isinstance(value, Retries),
        "an instance of Retries, such as Retries(attempts=3)",
    ),
    "retry": (lambda value: value in ("retryable", "failed"), "'retryable' or 'failed'"),
    "start_timeout": (
        lambda value: _is_number(value, SHORTEST_START_TIMEOUT) and value < inf,
        f"a number of more than {SHORTEST_START_TIMEOUT:g} second",
    ),
    "store_io": (_is_flag, "True, False or None"),
    "tags": (are_tags, TAGS),
    "timeout": (lambda value: _is_number(value, 0), "a positive number of seconds"),
    "uploads": (_is_flag, "True or False"),
    "webhook_url": (_is_web_address, "an http or https URL"),
    "with_logs": (_is_flag, "True or False"),
}
"""The check of a value, and the description of valid ones."""
