"""What a profile allows at once, per product: learned by additive increase and multiplicative decrease."""

from __future__ import annotations

from dataclasses import dataclass

decrease = 0.7


@dataclass(slots=True)
class Pool:
    """One pool. `capacity` is a fraction-carrying number so that increase can be one place per full round of successes;
    `ceiling` is the configured limit, or 0 when none is known."""

    name: str
    capacity: float
    ceiling: int = 0
    in_use: int = 0

    @property
    def places(self) -> int:
        """How many jobs may be at the provider at once just now."""
        return max(1, int(self.capacity))

    def has_room(self, slots: int) -> bool:
        """Whether a job of so many slots may start; one larger than the pool may start alone."""
        return self.in_use + slots <= self.places or self.in_use == 0

    def take(self, slots: int) -> None:
        self.in_use += slots

    def give_back(self, slots: int) -> None:
        self.in_use = max(0, self.in_use - slots)

    def shrink(self) -> bool:
        """After the provider said too many; the refused job's slots are given back already. True when changed."""
        before = self.places
        accepted = max(1, self.in_use)
        self.capacity = max(1.0, min(float(accepted), self.capacity * decrease if accepted > 1 else 1.0))
        self.capacity = max(self.capacity, float(min(accepted, before - 1)) * decrease)
        return self.places != before

    def grow(self) -> bool:
        """After a task ended well. True when a whole place was gained."""
        before = self.places
        grown = self.capacity + 1.0 / max(1.0, self.capacity)
        self.capacity = min(grown, float(self.ceiling)) if self.ceiling else min(grown, 64.0)
        return self.places != before
