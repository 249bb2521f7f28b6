"""When to look at which tasks: one component for all jobs of a profile, so that one request tells about many.

1. A finished task's place stands empty until a look tells of it, on average half an interval. So looks come twice as
   often where one or two requests tell about many tasks, and back at the interval once they pass the requests a task
   may cost.
2. Where a task may cost less than one request, because everything that waits goes as one, looks that passed it come
   only as often as enough tasks end for one request. No task waits for a look longer than a share of the time that such
   tasks take.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

from kling_pipe.values.job import TaskRef

first_look_share = 0.9  # of the shortest time seen for such a task
usual_requests_a_task = 2.4  # what more frequent looks may cost; docs/performance.md allows 3
most_requests_a_look = 2  # beyond that a look costs the client more than an empty place is worth
longest_share = 0.125  # of the time a task takes, between two looks
longest_pause = 45.0  # seconds
free_looks = 8.0  # a run of few tasks may cost more, as it costs little


@dataclass(slots=True)
class Watched:
    """A task that is watched, when it may at the earliest be done, and how long such a task is expected to take."""

    task: TaskRef
    not_before: float
    expected: float = 0.0
    since: float = 0.0


@dataclass(slots=True)
class Polling:
    """The tasks of one profile. A look is due `interval` seconds after the last and when some task may be done."""

    interval: float
    requests_a_task: float = usual_requests_a_task
    pace: float = 1.0
    watched: dict[str, Watched] = field(default_factory=dict)
    last_look: float = float("-inf")
    looking: bool = False
    requests: int = 0  # so far
    requests_last: int = 0  # of the last look; 0 while unknown
    ended: int = 0  # tasks no longer watched
    _took: float = 0.0  # seconds, those that ended together
    _expected: float = 0.0  # seconds, those that are watched together
    _earliest: list[tuple[float, str]] = field(default_factory=list)

    def watch(self, task: TaskRef, not_before: float, expected: float = 0.0, since: float = 0.0) -> None:
        """Watches a task from `not_before` on; `since` it is made, and `expected` to take so many seconds."""
        before = self.watched.get(task.external_id)
        self._expected += expected - (before.expected if before is not None else 0.0)
        self.watched[task.external_id] = Watched(task, not_before, expected, since)
        heapq.heappush(self._earliest, (not_before, task.external_id))

    def forget(self, external_id: str) -> None:
        """Stops watching."""
        watched = self.watched.pop(external_id, None)
        if watched is not None:
            self.ended += 1
            self._expected -= watched.expected
            self._took += max(0.0, self.last_look - watched.since) if watched.since else watched.expected

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
        affordable = self.requests_a_task * (self.ended + len(self.watched) / 2)
        if self.requests_a_task < 1:
            return self.interval if self.requests < affordable + free_looks else self._sustainable
        often = 0 < self.requests_last <= most_requests_a_look and self.requests < affordable
        return self.interval / 2 if often else self.interval

    @property
    def _sustainable(self) -> float:
        """The pause in which as many tasks end as one look may tell about."""
        typical = self._typical
        pause = typical * max(1, self.requests_last) / (self.requests_a_task * max(1, len(self.watched)))
        return max(self.interval, min(pause, typical * longest_share, longest_pause * self.pace))

    @property
    def _typical(self) -> float:
        """Seconds a task takes: of those that ended here, and as expected of those that are watched."""
        return (self._took + self._expected) / max(1, self.ended + len(self.watched))


def first_look(submitted: float, interval: float, shortest_seen: float | None) -> float:
    """The earliest moment at which a task is worth asking about; without experience the next ordinary look."""
    return submitted + (interval if shortest_seen is None else shortest_seen * first_look_share)
