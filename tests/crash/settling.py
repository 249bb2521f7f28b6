"""Settles as a user would who looks at the service's bills, and keeps count of what is paid for again.

1. A call that carries no id of ours is never sent again by itself: a run that did not hear its answer ends with exit 5
   and names the step and the command that settles it.
2. A sound that was made is adopted by its task's id; a call whose result no query shows is paid for again, knowingly.
3. Nothing on disk tells of a call in flight once the ledger is lost. Such a call is made again without a word: that is
   all that a lost ledger costs, and it is counted here beforehand.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from tests.crash.boards import Board, speech

Bills = Sequence[Mapping[str, object]]


def named_doubts(output: str) -> list[str]:
    """The steps that a run tells how to settle."""
    return re.findall(r"^  kling-pipe settle board\.yaml (\S+) --resubmit$", output, re.MULTILINE)


def billed(bills: Bills) -> Counter[str]:
    """How often each endpoint was paid for."""
    return Counter(str(bill["endpoint"]) for bill in bills)


@dataclass
class Settling:
    """One round's user: `repeated` counts calls by endpoint, `anew` are steps whose files have other bytes by that."""

    board: Board
    repeated: Counter[str] = field(default_factory=Counter)
    anew: set[str] = field(default_factory=set)
    doubts: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        doubts = f"in doubt {', '.join(self.doubts)}" if self.doubts else "no doubt"
        return f"{doubts}, {self.repeated.total()} calls repeated"

    def decide(self, step: str, bills: Bills) -> tuple[str, ...]:
        """What to say to `settle` about a step in doubt."""
        self.doubts.append(step)
        calls, count = self.board.calls[step], billed(bills)
        if self.board.task_of(step):
            if not count[self.board.task_of(step)]:
                self._repeat(step, count)
            return ("--resubmit",)
        (call,) = calls
        if count[call] > self.repeated[call]:
            if call == speech:
                return ("--adopt", str([bill for bill in bills if bill["endpoint"] == call][-1]["task_id"]))
            self._repeat(step, count)
        return ("--resubmit",)

    def lose_ledger(self, recorded: Collection[str], bills: Bills) -> None:
        """Counts the calls that nothing else on disk tells of; `recorded` are steps that the journal knows."""
        count = billed(bills)
        for step in self.board.calls:
            if step not in recorded and not count[self.board.task_of(step)]:
                self._repeat(step, count)

    def _repeat(self, step: str, count: Counter[str]) -> None:
        """Whatever was paid for so far is paid for once more; a task's own id stays, and so do its bytes."""
        for call in self.board.calls[step]:
            self.repeated[call] = count[call]
            if count[call] and not self.board.task_of(step):
                self.anew.add(step)
