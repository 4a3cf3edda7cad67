"""Locks and connections that a child process must not share with its parent."""

from __future__ import annotations

import os
import sys
from typing import Protocol
from weakref import WeakSet


class Renewable(Protocol):
    """Holds locks or connections."""

    def renew(self) -> None:
        """Drop them unclosed and start without: they belong to the parent process."""
        ...


_renewable: WeakSet[Renewable] = WeakSet()


def renew_in_children(holder: Renewable) -> None:
    """Renew `holder`, for as long as it exists, in every process that is forked off this one."""
    _renewable.add(holder)


def _renew() -> None:
    for holder in list(_renewable):
        holder.renew()


if sys.platform != "win32":
    # In the child, before anything else runs there: its only thread is this one.
    os.register_at_fork(after_in_child=_renew)
