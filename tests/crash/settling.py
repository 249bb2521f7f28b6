"""Settles as a user would who looks at the service's bills, and keeps count of what is paid for again.

1. A call that carries no id of ours is never sent again by itself: a run that did not hear its answer ends with exit 5
   and names the step and the command that settles it.
2. A sound that was made is adopted by its task's id; a call whose result no query shows is sent again, knowingly. Of
   the calls that come before a task only the one in doubt is, and the task keeps its id.
3. Nothing on disk tells of a call in flight once the ledger is lost. Such a call is made again without a word: that is
   all that a lost ledger costs, and it is counted here beforehand.
4. On a road that knows no id of ours all this holds of every step. In its console a task is recognized by its prompt;
   one that is found is adopted, or given up by `--resubmit` or `--drop`, in turns. What a gateway makes at once is no
   task to it, so it cannot be adopted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.crash.boards import Board, speech

Bills = Sequence[Mapping[str, object]]
_made_at_once = frozenset({"/v1/images/generations"})


def named_doubts(output: str) -> dict[str, str]:
    """The steps that a run tells how to settle, with what it says of each."""
    steps = re.findall(r"^  kling-pipe settle board\.yaml (\S+) --resubmit$", output, re.MULTILINE)
    told = dict(re.findall(r"^  (\S+) +paid or not, nobody knows: (.*)$", output, re.MULTILINE))
    return {step: told[step] for step in steps}


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
    words: Counter[str] = field(default_factory=Counter)  # what was said to `settle`
    given_up: set[str] = field(default_factory=set)  # tasks

    def __str__(self) -> str:
        words = ", ".join(f"{word} {count}" for word, count in sorted(self.words.items()))
        doubts = f"in doubt {', '.join(self.doubts)}: {words}" if self.doubts else "no doubt"
        return f"{doubts}, {self.repeated.total()} calls repeated"

    def decide(self, step: str, reason: str, bills: Bills, known: int = 0) -> tuple[str, ...]:
        """What to say to `settle` about a step in doubt; `known` are its jobs of which the ledger knows the task."""
        words = self._decided(step, reason, bills, known)
        self.doubts.append(step)
        self.words[words[0]] += 1
        return words

    def _decided(self, step: str, reason: str, bills: Bills, known: int) -> tuple[str, ...]:
        if step in self.board.anonymous:
            return self._by_console(step, self.paid_for(step, bills)[known:])
        call, count = self._in_doubt(step, reason), billed(bills)
        if self.board.task_of(step) and count[self.board.task_of(step)]:
            return ("--resubmit",)  # another machine has made it meanwhile: nothing is sent before it is asked for
        if count[call] > self.repeated[call]:
            if call == speech:
                return ("--adopt", str([bill for bill in bills if bill["endpoint"] == call][-1]["task_id"]))
            self._repeat(step, (call,), count)
        return ("--resubmit",)

    def _by_console(self, step: str, found: Bills) -> tuple[str, ...]:
        turn = len(self.doubts) % 4
        if found and str(found[-1]["endpoint"]) not in _made_at_once and turn != 3:
            return ("--adopt", str(found[-1]["task_id"]))
        self._give_up(step, found)
        return ("--drop",) if turn % 2 else ("--resubmit",)

    def paid_for(self, step: str, bills: Bills) -> Bills:
        """A step's tasks that neither failed nor were given up."""
        mine = (self.board.roads[step], self.board.prompts[step])
        kept = [bill for bill in bills if bill["charged"] != "0" and str(bill["task_id"]) not in self.given_up]
        return [bill for bill in kept if (bill["service"], bill["prompt"]) == mine]

    def _give_up(self, step: str, found: Bills) -> None:
        """What was made so far is paid for, and something else is made."""
        self.given_up |= {str(bill["task_id"]) for bill in found}
        self.repeated.update(str(bill["endpoint"]) for bill in found)
        if found:
            self.anew.add(step)

    def _in_doubt(self, step: str, reason: str) -> str:
        """The call whose answer was not heard; of several that come before a task the run names it."""
        calls = self.board.calls[step]
        if not self.board.task_of(step):
            return calls[0]
        named = re.search(r"the answer to `([\w-]+)`", reason)
        assert named, f"which call of `{step}` is in doubt? {reason}"
        return next(call for call in calls if call.endswith(f"/{named[1]}"))

    def lose_ledger(self, recorded: Mapping[str, int], bills: Bills) -> None:
        """Counts the calls that nothing else on disk tells of; `recorded` are the jobs of steps that the journal
        knows."""
        count = billed(bills)
        for step in self.board.calls:
            if step not in recorded and not count[self.board.task_of(step)]:
                self._repeat(step, self.board.calls[step], count)
        if self.board.by_executable:
            return  # what a run of it answered lies in a place of its own
        for step in self.board.anonymous:
            self._give_up(step, self.paid_for(step, bills)[recorded.get(step, 0) :])

    def _repeat(self, step: str, calls: Sequence[str], count: Counter[str]) -> None:
        """What was sent so often is sent once more. A task's own id stays, and so do its bytes."""
        for call in calls:
            self.repeated[call] = count[call]
            if count[call] and not self.board.task_of(step):
                self.anew.add(step)
