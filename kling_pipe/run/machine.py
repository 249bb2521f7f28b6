"""The run as a machine: results in, events and commands out; no IO, no clock, no chance of its own.

It decides which job may start (places, critical path, cooling, budget), what follows from each answer (`retry`), when
to look at tasks (`polling`) and what became ready. It does not know how a request looks or where a file lies.

It stands on layers, each knowing only those below: `claiming`, `sending`, `looking`, `fetching`, `troubles`, `desk`.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from typing import Any

from kling_pipe.run.claiming import Claiming
from kling_pipe.run.commands import (
    Asked,
    CalledBack,
    Claimed,
    ErrandAnswered,
    ErrandDue,
    FetchedAll,
    FetchTroubled,
    HandedOver,
    HandOverDue,
    Looked,
    LookedOne,
    NotHanded,
    Result,
    Sent,
    Turn,
)
from kling_pipe.run.flight import Flight
from kling_pipe.run.states import State, ends


class Machine(Claiming):
    """`handle` takes one result; `wake_at` says when `handle(None, …)` is due at the latest."""

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do or to wait for in this run."""
        return self._open == 0 or (self._stopping and self._outstanding == 0)

    @property
    def wake_at(self) -> float | None:
        """The next moment at which something is due by time alone."""
        moments = [self._timers[0][0]] if self._timers else []
        for account in self._accounts.values():
            look = account.next_look()
            if look is not None and not self._stopping:
                moments.append(look)
            if account.is_cooling(self._now) and account.waits:
                moments.append(account.cool_until)
        return min(moments, default=None)

    def start(self, now: float) -> Turn:
        """The first turn: everything that is current or ready."""
        self._now = self._began = now
        for address, member in self._members.items():
            if member.state is State.WAITING and member.waits_for == 0:
                self._to_ready.append(address)
        return self._end_turn()

    def stop(self, now: float) -> Turn:
        """No new submissions from here on; what is in flight is recorded already."""
        self._now = now
        self._stopping = True
        return self._end_turn()

    def handle(self, result: Result | None, now: float) -> Turn:
        """One result of a command, or None when time alone moved."""
        self._now = now
        if result is not None:
            if isinstance(result, _answers):
                self._outstanding -= 1
            _handlers[type(result)](self, result)
        self._fire_timers()
        return self._end_turn()

    def _fire_timers(self) -> None:
        while self._timers and self._timers[0][0] <= self._now:
            _, number, timer, _, what = heapq.heappop(self._timers)
            flight = self._flights.get(number)
            if flight is None or flight.state in ends:
                continue
            if what == "timeout":
                self._time_out(flight)
            elif timer == flight.timer and not self._stopping:
                _timer_actions[what](self, flight)

    def _end_turn(self) -> Turn:
        while self._to_ready and not self._stopping:
            self._become_ready(self._to_ready.popleft())
        self._fill()
        self._look()
        turn = Turn(tuple(self._events), tuple(self._commands))
        self._events = []
        self._commands = []
        return turn


# Each of them ends a command whose end a stopping run waits for.
_answers = (Claimed, HandOverDue, HandedOver, ErrandDue, ErrandAnswered, Sent, Asked, NotHanded)

_timer_actions: Mapping[str, Callable[[Machine, Flight], None]] = {
    "ask": Machine._ask,
    "queue": Machine._queue,
    "claim": Machine._claim_again,
    "claim-intend": Machine._queue,
    "look-one": Machine._look_one,
}

_handlers: Mapping[type, Callable[[Machine, Any], None]] = {
    Claimed: Machine._claimed,
    HandOverDue: Machine._hand_over_due,
    HandedOver: Machine._handed_over,
    ErrandDue: Machine._errand_due,
    ErrandAnswered: Machine._errand_answered,
    CalledBack: Machine._called_back,
    Sent: Machine._sent,
    Asked: Machine._asked,
    Looked: Machine._looked,
    LookedOne: Machine._looked_one,
    FetchedAll: Machine._fetched,
    FetchTroubled: Machine._fetch_troubled,
    NotHanded: Machine._not_handed,
}
