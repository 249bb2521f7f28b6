"""Greedy schedulers without gap or overhead: the longest remaining chain first, by the true durations or by a guess."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence


def makespan(
    seconds: Mapping[str, float],
    needs: Mapping[str, Sequence[str]],
    places: int,
    expected: Mapping[str, float] | None = None,
) -> float:
    """When the last step ends; `needs` leads from a step to the steps it waits for, each named before it.

    With `expected` the order is chosen by those: nobody on this side of the service can know the true durations.
    """
    guessed = expected or seconds
    below: dict[str, list[str]] = {name: [] for name in seconds}
    for name, above in needs.items():
        for other in above:
            below[other].append(name)
    tails: dict[str, float] = {}
    for name in reversed(list(seconds)):
        tails[name] = guessed[name] + max((tails[other] for other in below[name]), default=0.0)
    waiting = {name: len(needs.get(name, ())) for name in seconds}
    ready = [(-tails[name], name) for name, count in waiting.items() if not count]
    heapq.heapify(ready)
    running: list[tuple[float, str]] = []
    now = 0.0
    while ready or running:
        while ready and len(running) < places:
            name = heapq.heappop(ready)[1]
            heapq.heappush(running, (now + seconds[name], name))
        now, name = heapq.heappop(running)
        for other in below[name]:
            waiting[other] -= 1
            if not waiting[other]:
                heapq.heappush(ready, (-tails[other], other))
    return now
