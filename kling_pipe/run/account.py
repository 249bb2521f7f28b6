"""One profile's account in a run: its pools and queues, its polling, its pauses, and what it refused for good."""

from __future__ import annotations

import heapq
from collections.abc import Callable

from kling_pipe.run.flight import AccountLimits, Flight, default_places
from kling_pipe.run.polling import Polling
from kling_pipe.run.pools import Pool
from kling_pipe.run.retry import first_patience, patience, throttle_backoff, transient_backoff
from kling_pipe.values.answer import Refusal
from kling_pipe.values.job import Job

_echo_share = 0.1  # a pause that ends so little later is the same one
tell_seconds = 20.0  # trouble that lasts is told this often


class Account:
    """What the machine keeps about one profile."""

    def __init__(self, profile: str, limits: AccountLimits, pace: float, chance: Callable[[], float]) -> None:
        self.profile = profile
        self.limits = limits
        self.polling = Polling(limits.poll_seconds, limits.requests_a_task, pace)
        self.pools: dict[str, Pool] = {}
        self.queues: dict[str, list[tuple[float, int]]] = {}
        self.cool_until = float("-inf")
        self.stopped_products: dict[str, Refusal] = {}
        self.forbidden: dict[tuple[str, str], Refusal] = {}  # by endpoint and model
        self.stopped_by: Refusal | None = None
        self.has_answered = False
        self._told_trouble = float("-inf")
        self._cool_tries = 0
        self._look_tries = 0
        self._pace = pace
        self._chance = chance

    def pool(self, product: str) -> Pool:
        """The pool of a product; it begins at the configured limit, or at a modest guess."""
        pool = self.pools.get(product)
        if pool is None:
            configured = self.limits.places.get(product, 0)
            start = float(configured or default_places.get(product, 4))
            pool = self.pools[product] = Pool(f"{self.profile}/{product}", start, configured)
        return pool

    def queue(self, flight: Flight, tail: float) -> None:
        """Queues a job; the longest expected remaining chain stands first."""
        heapq.heappush(self.queues.setdefault(flight.job.product, []), (-tail, flight.number))

    def stopped(self, job: Job) -> Refusal | None:
        """Why a job cannot work any more, if so: its product, its endpoint and model, or all is stopped."""
        offer = self.forbidden.get((job.route.endpoint, job.model))
        return self.stopped_products.get(job.product) or offer or self.stopped_by

    @property
    def waits(self) -> bool:
        return any(self.queues.values())

    def is_cooling(self, now: float) -> bool:
        return now < self.cool_until

    def cool(self, refusal: Refusal, now: float) -> float:
        """Pauses the whole account; the seconds of a new pause, 0 when an earlier one covers it.

        Refusals that arrive during a pause are echoes of what left before it, such as those of one bundle: they do not
        lengthen it, unless the provider names a longer one.
        """
        if self.is_cooling(now):
            pause = refusal.retry_after or 0.0
            is_news = now + pause > self.cool_until + _echo_share * pause
        else:
            self._cool_tries += 1
            pause, is_news = self.throttle_pause(self._cool_tries, refusal), True
        self.cool_until = max(self.cool_until, now + pause)
        return pause if is_news else 0.0

    def throttle_pause(self, tries: int, refusal: Refusal) -> float:
        """Never less than the provider asked for."""
        return max(refusal.retry_after or 0.0, throttle_backoff.seconds(tries, self._chance()) * self._pace)

    def pause(self, tries: int) -> float:
        """The pause after so many troubles in a row."""
        return transient_backoff.seconds(tries, self._chance()) * self._pace

    def answered(self) -> None:
        """A request worked: pauses begin small again."""
        self.has_answered = True
        self._cool_tries = 0

    @property
    def patience(self) -> float:
        """Seconds of nothing but trouble after which a job is left to the next run."""
        return (patience if self.has_answered else first_patience) * self._pace

    def is_to_tell(self, now: float) -> bool:
        """Whether it is time to say again that there is trouble."""
        if now - self._told_trouble < tell_seconds * self._pace:
            return False
        self._told_trouble = now
        return True

    def look_failed(self, now: float) -> None:
        self._look_tries += 1
        self.polling.last_look = now + self.pause(self._look_tries) - self.polling.interval

    def look_worked(self) -> None:
        self.has_answered = True
        self._look_tries = 0

    def next_look(self) -> float | None:
        due = self.polling.next_look()
        return None if due is None else max(due, self.cool_until)
