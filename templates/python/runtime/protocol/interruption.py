"""The rule for a job whose caller is interrupted or leaves.

An interruption is Ctrl-C, the cancellation of a task, the caller's timeout, or an exception of a
callback. While a submission is unanswered, an interruption waits a few seconds for the response
(the policy `SUBMIT`), because only the response says which job to cancel. Then the job is
cancelled, unless its caller keeps it: with `cancel_on_interrupt=False`, with a handle, or with a
ledger, which resumes it. An error of the server or of the network leaves the job running.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from ..errors import ClientTimeoutError, FalError
from ..log import logger
from ..transport.io import Deadline, Io
from .job import Job
from .policies import ABANDON

_CANCEL_TIMEOUT = 5.0  # seconds that cancelling an abandoned job may hold up its caller


@asynccontextmanager
async def cancelled_if_interrupted(
    io: Io, job: Job[Any], cancels: bool = True
) -> AsyncGenerator[None, None]:
    """Cancel a job if the caller stops waiting inside the context.

    A process that a callback forks does not cancel the job: its parent still waits for it.
    """
    process = os.getpid()
    try:
        yield
    except BaseException as error:
        is_interruption = not isinstance(error, FalError) or isinstance(error, ClientTimeoutError)
        is_cancelled = False
        try:
            if cancels and is_interruption and os.getpid() == process:
                is_cancelled = await _cancel(io, job)
        finally:
            if not isinstance(error, FalError):  # a FalError has the request id already
                _name_job(error, job, is_cancelled)
        raise


async def _cancel(io: Io, job: Job[Any]) -> bool:
    """Cancel a job that its caller left, and return whether fal does."""
    try:
        return await job.cancel(io, ABANDON, Deadline(_CANCEL_TIMEOUT))
    except FalError as failed:
        logger.warning("%s; it may still be running", failed)
        return False
    except BaseException:
        logger.warning("%s: not cancelled; it may still be running", job.subject)
        raise


def _name_job(error: BaseException, job: Job[Any], is_cancelled: bool) -> None:
    """Add the id of a job to an error from outside this client; Python 3.10 logs it instead."""
    handle = f"endpoint.handle({job.request_id!r})"
    fate = "cancelled" if is_cancelled else "already accepted"
    note = f"{job.subject}: was {fate}; {handle} returns its handle"
    if sys.version_info >= (3, 11):
        error.add_note(note)
    else:
        logger.warning("%s", note)
