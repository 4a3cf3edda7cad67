"""Locks and connections that a forked process must not share with its parent."""

from __future__ import annotations

import os
import sys
from typing import Protocol
from weakref import WeakSet


class Renewable(Protocol):
    """Holds locks or connections."""

    def renew(self) -> None:
        """Drop them without closing them: they belong to the parent process."""
        ...


_renewable: WeakSet[Renewable] = WeakSet()
_of_parent: list[object] = []


def renew_in_children(holder: Renewable) -> None:
    """Renew `holder`, while it exists, in every process that this one forks."""
    _renewable.add(holder)


def leave_open(resource: object) -> None:
    """Keep a resource of the parent process from being closed by the garbage collector.

    Whatever closes it might wait for a lock, or speak to the parent's peer.
    """
    _of_parent.append(resource)


def _renew() -> None:
    for holder in list(_renewable):
        holder.renew()


if sys.platform != "win32":
    # In the child, before anything else runs there; it has only this thread.
    os.register_at_fork(after_in_child=_renew)
