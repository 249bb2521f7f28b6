"""What an account may use: slots of a pool at once, units of a pack in all; both come back as tasks end.

Every service has pools and packs of its own. What is billed in money is taken from the service's one balance.
"""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from kling_pipe.simulator.settings import Settings, balance
from kling_pipe.simulator.tasks import Task, TaskOrder


@dataclass(frozen=True, slots=True)
class Pack:
    """An account's units for one product."""

    product: str
    total: Decimal
    remaining: Decimal


class Quotas:
    """Pools and packs by service and product. A product without a setting has one slot and no units, a balance without
    one has no bottom."""

    def __init__(self, settings: Settings) -> None:
        self._limits = dict(settings.pools)
        self._units = dict(settings.units)
        self._slots: Counter[tuple[str, str]] = Counter()
        self._spent: dict[tuple[str, str], Decimal] = {}
        self._ending: list[tuple[float, str, Task]] = []
        self._free: set[str] = set()  # ids of tasks that were not paid from these packs
        self._most: Counter[tuple[str, str]] = Counter()

    def has_room(self, service: str, product: str, slots: int) -> bool:
        """Whether the service's pool holds so many slots more."""
        limit = self._limits.get(f"{service}.{product}", self._limits.get(product, 1))
        return self._slots[service, product] + slots <= limit

    def slots(self, service: str, product: str) -> int:
        """How many slots are taken; without a service those of all."""
        return self._slots[service, product]

    def most_slots(self, service: str, product: str) -> int:
        """The most slots that were ever taken; without a service by all together."""
        return self._most[service, product]

    def affords(self, order: TaskOrder) -> bool:
        """Whether the pack or the balance that the order is paid from holds its units."""
        return self.remaining(order.service, _purse(order)) >= order.units

    def remaining(self, service: str, purse: str) -> Decimal:
        """The units left in a pack, or what is left of a balance."""
        return self._total(service, purse) - self._spent.get((service, purse), Decimal(0))

    def packs(self, service: str) -> tuple[Pack, ...]:
        """The service's packs of all products."""
        products = [name for name in self._units if "." not in name]
        return tuple(Pack(name, self._total(service, name), self.remaining(service, name)) for name in products)

    def take(self, task: Task, *, paid: bool) -> None:
        """Takes a task's slots, and its units if it is paid from here."""
        order = task.order
        for place in ((order.service, order.product), ("", order.product)):
            self._slots[place] += order.slots
            self._most[place] = max(self._most[place], self._slots[place])
        heapq.heappush(self._ending, (task.ends, task.id, task))
        if paid:
            self._spend(order, order.units)
        else:
            self._free.add(task.id)

    def release(self, now: float) -> None:
        """Gives back the slots of tasks that have ended, and the units of those that failed."""
        while self._ending and self._ending[0][0] <= now:
            task = heapq.heappop(self._ending)[2]
            for place in ((task.order.service, task.order.product), ("", task.order.product)):
                self._slots[place] -= task.order.slots
            if task.id not in self._free:
                self._spend(task.order, task.charged(now) - task.order.units)

    def _total(self, service: str, purse: str) -> Decimal:
        none = Decimal("Infinity") if purse == balance else Decimal(0)
        return self._units.get(f"{service}.{purse}", self._units.get(purse, none))

    def _spend(self, order: TaskOrder, units: Decimal) -> None:
        purse = order.service, _purse(order)
        self._spent[purse] = self._spent.get(purse, Decimal(0)) + units


def _purse(order: TaskOrder) -> str:
    return order.product if order.currency == "units" else balance
