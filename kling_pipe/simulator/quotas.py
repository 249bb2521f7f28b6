"""What an account may use: slots of a pool at once, units of a pack in all; both come back as tasks end."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from kling_pipe.simulator.settings import Settings
from kling_pipe.simulator.tasks import Task


@dataclass(frozen=True, slots=True)
class Pack:
    """An account's units for one product."""

    product: str
    total: Decimal
    remaining: Decimal


class Quotas:
    """Pools and packs by product. A product without a setting has one slot and no units."""

    def __init__(self, settings: Settings) -> None:
        self._limits = dict(settings.pools)
        self._units = dict(settings.units)
        self._slots: Counter[str] = Counter()
        self._spent: dict[str, Decimal] = {}
        self._ending: list[tuple[float, str, Task]] = []
        self._free: set[str] = set()  # ids of tasks that were not paid from these packs
        self.most_slots: Counter[str] = Counter()  # the most that were ever taken, by product

    def has_room(self, product: str, slots: int) -> bool:
        """Whether the pool holds so many slots more."""
        return self._slots[product] + slots <= self._limits.get(product, 1)

    def slots(self, product: str) -> int:
        """How many slots are taken."""
        return self._slots[product]

    def remaining(self, product: str) -> Decimal:
        """The units left in the pack."""
        return self._units.get(product, Decimal(0)) - self._spent.get(product, Decimal(0))

    def packs(self) -> tuple[Pack, ...]:
        """The packs of all products."""
        return tuple(Pack(product, total, self.remaining(product)) for product, total in self._units.items())

    def take(self, task: Task, *, paid: bool) -> None:
        """Takes a task's slots, and its units if it is paid from here."""
        product = task.order.product
        self._slots[product] += task.order.slots
        self.most_slots[product] = max(self.most_slots[product], self._slots[product])
        heapq.heappush(self._ending, (task.ends, task.id, task))
        if paid:
            self._spend(product, task.order.units)
        else:
            self._free.add(task.id)

    def release(self, now: float) -> None:
        """Gives back the slots of tasks that have ended, and the units of those that failed."""
        while self._ending and self._ending[0][0] <= now:
            task = heapq.heappop(self._ending)[2]
            self._slots[task.order.product] -= task.order.slots
            if task.id not in self._free:
                self._spend(task.order.product, task.charged(now) - task.order.units)

    def _spend(self, product: str, units: Decimal) -> None:
        self._spent[product] = self._spent.get(product, Decimal(0)) + units
