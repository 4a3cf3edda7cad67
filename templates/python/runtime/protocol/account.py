"""Counting what requests cost against a limit, from any number of threads and event loops."""

from __future__ import annotations

import os
import threading
from collections.abc import Hashable
from concurrent.futures import Future
from dataclasses import dataclass
from decimal import Decimal

from ..errors import ConfigurationError


@dataclass(frozen=True, eq=False)
class Reservation:
    """A part of the limit, kept for a request in flight; `None` if its cost is not known."""

    amount: Decimal | None


@dataclass(frozen=True)
class Exceeded:
    """A request does not fit into what is left."""

    spent: Decimal


class Account:
    """The costs of requests: in flight, and over.

    A request that is over is counted by its id at fal, so that none is counted twice.
    """

    def __init__(self, limit: Decimal) -> None:
        self._limit = limit
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._in_flight: set[Reservation] = set()
        self._over: dict[Hashable, Decimal | None] = {}
        self._spent = Decimal(0)
        self._settled = Future[None]()
        self._refused = 0

    def require_own_process(self) -> None:
        """Raise ConfigurationError in a forked process, which does not see what others spend."""
        if os.getpid() != self._process:
            raise ConfigurationError(
                "max_cost is a budget of the process that this one was forked from: make a Budget "
                "in each process"
            )

    @property
    def spent(self) -> Decimal:
        """What the requests cost that are over, as far as that is known."""
        return self._spent

    @property
    def in_flight(self) -> Decimal:
        """What is reserved."""
        with self._lock:
            return self._reserved()

    @property
    def unknown(self) -> int:
        """How many requests are over whose cost is not known."""
        with self._lock:
            return sum(cost is None for cost in self._over.values())

    @property
    def refused(self) -> int:
        """How many requests were refused."""
        return self._refused

    def reserve(self, amount: Decimal | None) -> Reservation | Future[None] | Exceeded:
        """Reserve an amount.

        If it fits only once requests in flight turn out cheaper, return a future that is done when
        the next of them is over.
        """
        needed = amount or Decimal(0)
        with self._lock:
            is_used_up = amount is None and self._spent >= self._limit
            if is_used_up or self._spent + needed > self._limit:
                return Exceeded(self._spent)
            if self._spent + self._reserved() + needed > self._limit:
                return self._settled
            reservation = Reservation(amount)
            self._in_flight.add(reservation)
            return reservation

    def release(self, reservation: Reservation) -> None:
        """End a reservation. Count the cost of its request first, if it has one."""
        with self._lock:
            self._in_flight.discard(reservation)
            settled, self._settled = self._settled, Future[None]()
        settled.set_result(None)

    def count(self, job: Hashable, cost: Decimal | None) -> None:
        """Count the cost of a request that is over, in place of what was counted for it before.

        A cost that is not known, because a lookup failed, replaces nothing.
        """
        with self._lock:
            before = self._over.get(job)
            if cost is None and before is not None:
                return
            self._over[job] = cost
            self._spent += (cost or 0) - (before or 0)

    def forget(self, job: Hashable) -> None:
        """Count a request no longer: it was not accepted, or it counts by its id at fal."""
        with self._lock:
            self._spent -= self._over.pop(job, None) or 0

    def refuse(self) -> bool:
        """Count a refused request, and return whether it is the first one."""
        with self._lock:
            self._refused += 1
            return self._refused == 1

    def _reserved(self) -> Decimal:
        return sum((each.amount or Decimal(0) for each in self._in_flight), Decimal(0))
