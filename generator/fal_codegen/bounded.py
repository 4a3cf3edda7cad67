"""Work on files that may be hostile, in a process of its own with a limit of time.

A few small files can keep a reader busy for years, or crash Python itself. Both end that process
alone.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from threading import Timer
from typing import TypeVar

Result = TypeVar("Result")


class UnfinishedError(Exception):
    """The process crashed or ran out of time."""


def bounded(seconds: float, function: Callable[..., Result], *arguments: object) -> Result:
    """Return what a function returns, from another process.

    Args:
        seconds: The time that it has.
        function: A function of a module. What it returns or raises must be picklable.
        arguments: Its arguments.

    Raises:
        UnfinishedError: The process crashed or ran out of time.
        Exception: What the function raises.
    """
    context = get_context("spawn")  # a fork would copy locks that other threads hold
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(seconds, sender, function, arguments))
    process.start()
    sender.close()
    try:
        result: Result | Exception = receiver.recv()
    except EOFError as error:
        raise UnfinishedError from error
    finally:
        process.kill()
        process.join()
        receiver.close()
    if isinstance(result, Exception):
        raise result
    return result


def _work(
    seconds: float,
    sender: Connection,
    function: Callable[..., object],
    arguments: tuple[object, ...],
) -> None:
    """Send what a function returns or raises. The process ends in time even if its parent died."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C
    limit = Timer(seconds, os._exit, (1,))
    limit.daemon = True
    limit.start()
    try:
        result = function(*arguments)
    except Exception as error:  # the parent raises it
        sender.send(error)
    else:
        sender.send(result)
