"""When to look at which tasks: one component for all jobs of a profile, so that one request tells about many.

A finished task's place stands empty until a look tells of it, on average half an interval. So looks come twice as often
where one or two requests tell about many tasks, and back at the interval once they pass the requests a task may cost.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

from kling_pipe.values.job import TaskRef

first_look_share = 0.9  # of the shortest time seen for such a task
requests_a_task = 2.4  # what more frequent looks may cost; docs/performance.md allows 3
most_requests_a_look = 2  # beyond that a look costs the client more than an empty place is worth


@dataclass(slots=True)
class Watched:
    """A task that is watched, and when it may at the earliest be done."""

    task: TaskRef
    not_before: float


@dataclass(slots=True)
class Polling:
    """The tasks of one profile. A look is due `interval` seconds after the last and when some task may be done."""

    interval: float
    watched: dict[str, Watched] = field(default_factory=dict)
    last_look: float = float("-inf")
    looking: bool = False
    requests: int = 0  # so far
    requests_last: int = 0  # of the last look; 0 while unknown
    ended: int = 0  # tasks no longer watched
    _earliest: list[tuple[float, str]] = field(default_factory=list)

    def watch(self, task: TaskRef, not_before: float) -> None:
        """Watches a task from `not_before` on."""
        self.watched[task.external_id] = Watched(task, not_before)
        heapq.heappush(self._earliest, (not_before, task.external_id))

    def forget(self, external_id: str) -> None:
        """Stops watching."""
        if self.watched.pop(external_id, None) is not None:
            self.ended += 1

    def next_look(self) -> float | None:
        """When the next look is due, or None while nothing is watched or a look is under way."""
        if self.looking or not self.watched:
            return None
        while self._earliest and self._earliest[0][1] not in self.watched:
            heapq.heappop(self._earliest)
        earliest = self._earliest[0][0] if self._earliest else self.last_look
        return max(self.last_look + self._pause, earliest)

    def begin_look(self, now: float) -> tuple[TaskRef, ...]:
        """The tasks to ask about now: every one that may be done, or all when a batch carries them anyway."""
        self.looking = True
        self.last_look = now
        return tuple(watched.task for watched in self.watched.values() if watched.not_before <= now)

    def end_look(self, requests: int = 0) -> None:
        """`requests` is how many the look took; 0 where nobody counted."""
        self.looking = False
        self.requests += requests
        self.requests_last = requests

    @property
    def _pause(self) -> float:
        affordable = requests_a_task * (self.ended + len(self.watched) / 2)
        often = 0 < self.requests_last <= most_requests_a_look and self.requests < affordable
        return self.interval / 2 if often else self.interval


def first_look(submitted: float, interval: float, shortest_seen: float | None) -> float:
    """The earliest moment at which a task is worth asking about; without experience the next ordinary look."""
    return submitted + (interval if shortest_seen is None else shortest_seen * first_look_share)
