"""What a profile allows at once, per product: learned by additive increase and multiplicative decrease."""

from __future__ import annotations

from dataclasses import dataclass

decrease = 0.7
most_places = 64.0
probing_share = 0.125  # of the usual increase, once a limit was met: look for more room, but rarely


@dataclass(slots=True)
class Pool:
    """One pool. `capacity` carries fractions, so that increase is one place per full round of successes; `ceiling` is
    the configured limit (0: none known); `met` the number of places at which the provider last said no."""

    name: str
    capacity: float
    ceiling: int = 0
    in_use: int = 0
    met: int = 0
    shrunk_at: float = float("-inf")
    refused_alone: int = 0  # refusals in a row while nothing of this run was there: others fill the account

    @property
    def places(self) -> int:
        """How many slots may be taken at the provider just now."""
        return max(1, int(self.capacity))

    def has_room(self, slots: int) -> bool:
        """Whether a job of so many slots may start; one larger than the pool may start alone."""
        return self.in_use + slots <= self.places or self.in_use == 0

    def take(self, slots: int) -> None:
        self.in_use += slots

    def give_back(self, slots: int) -> None:
        self.in_use = max(0, self.in_use - slots)

    def shrink(self, sent_at: float, now: float) -> bool:
        """After the provider said too many; the refused job's slots are given back already. True when changed.

        Refusals of requests that left before the last decrease are echoes of it and decrease no further.
        """
        before = self.places
        accepted = float(max(1, self.in_use))
        if sent_at < self.shrunk_at or accepted == self.met:
            self.capacity = max(1.0, min(self.capacity, accepted))
        else:
            self.capacity = max(1.0, min(self.capacity * decrease, accepted))
        self.met = self.places
        self.shrunk_at = now
        return self.places != before

    def grow(self) -> bool:
        """After a task ended well. True when a whole place was gained."""
        before = self.places
        share = probing_share if self.met and self.places >= self.met else 1.0
        self.capacity = min(self.capacity + share / max(1.0, self.capacity), float(self.ceiling or most_places))
        return self.places != before
