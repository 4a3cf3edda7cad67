"""A clock for emulators that moves on with each look at it, and not with time.

A job is then seen in each of its states, however busy the machine is.
"""

from __future__ import annotations

import itertools
import time

from fal_codegen.emulator import Emulator

LIFE = "queued=0.05, running=0.05"
"""The faults of a job that is seen five times in the queue, and five times while it runs."""

_STEP = 0.01


def stepping(emulator: Emulator) -> Emulator:
    """Give an emulator such a clock, and return it."""
    start, looks = time.time(), itertools.count()
    emulator.queue.clock = lambda: start + next(looks) * _STEP
    return emulator
