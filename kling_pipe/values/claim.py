"""What the ledger answers to somebody who wants a job made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from kling_pipe.values.job import Artifact, Output
from kling_pipe.values.money import Cost, Scope


class JobState(StrEnum):
    """How a job stands in the ledger."""

    INTENDED = "intended"  # on disk; the request may or may not have left
    SUBMITTED = "submitted"  # the provider has the task
    FETCHING = "fetching"  # the task succeeded; its files are not all here yet
    DONE = "done"  # every file is stored and recorded
    FAILED = "failed"  # ended for good without files; a new attempt is a new job
    UNCERTAIN = "uncertain"  # paid or not, nobody knows; waits for `settle`
    DROPPED = "dropped"  # given up by the user


open_states = frozenset({JobState.INTENDED, JobState.SUBMITTED, JobState.FETCHING, JobState.UNCERTAIN})


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job as the ledger remembers it; times in Unix seconds, 0 when not yet."""

    external_id: str
    recipe: str
    takes: tuple[int, ...]
    attempt: int
    state: JobState
    task_id: str
    run: str
    member: str
    storyboard: str
    kind: str
    model: str
    standard: str
    endpoint: str
    status: str
    estimate: Cost
    cost: Cost | None
    exact: bool
    intended: float
    submitted: float
    ended: float
    code: str
    message: str
    profile: str = ""  # whose account has the task
    deferred: bool = False  # the last word of its intention: nothing was created, it waits to be sent
    errand: str = ""  # a call the create needs, sent and not answered yet
    told: tuple[Mapping[str, object], ...] = ()  # what the errands answered so far
    errands_cost: Cost = Cost()
    doubted: bool = False  # an errand was sent again by the user's word: it may have been paid for twice
    outputs: tuple[Output, ...] = ()  # of a call that was answered with what it made

    @property
    def on_record(self) -> Cost | None:
        """What it cost as far as anybody knows: the whole, or its errands while there is no more."""
        return self.cost if self.cost is not None else self.errands_cost or None

    @property
    def may_have_cost_more(self) -> bool:
        """Whether nobody knows what became of an errand or of a call given up."""
        given_up = self.code == "settled" and not self.task_id
        return self.doubted or bool(self.errand) or given_up

    @property
    def is_exact(self) -> bool:
        """Whether that is the provider's own word."""
        return (self.exact or self.cost is None) and not self.may_have_cost_more

    @property
    def may_be_known_there(self) -> bool:
        """Whether the provider may know the job's external id. A request that was refused before anything was looked
        at (credentials, account, pack) or never left, as one that an unanswered errand kept back, has not used it up,
        so the same id serves again and every machine goes on deriving the same one."""
        if self.task_id or self.state not in (JobState.FAILED, JobState.DROPPED):
            return True
        return not self.errand if self.code == "settled" else self.code in _looked_at

    @property
    def is_used_up(self) -> bool:
        """Whether another job needs another attempt: one that was paid for something keeps its place in the books."""
        return self.may_be_known_there or bool(self.cost) or bool(self.errands_cost)

    @property
    def may_be_adopted(self) -> bool:
        """Whether the record tells of no task that counts, so that one the provider shows under this id is news."""
        if self.state is JobState.UNCERTAIN or self.code == "settled":
            return True
        return self.state in (JobState.INTENDED, JobState.FAILED) and not self.task_id


_looked_at = frozenset({"invalid", "moderated"})


class ClaimAnswer(StrEnum):
    """What may be done about a recipe's takes."""

    MADE = "made"  # some or all are recorded already
    FREE = "free"  # nobody makes them; may be intended
    INTENDED = "intended"  # the intention is on disk: the request may leave
    RESUME = "resume"  # an open job, left by a dead or ended run or our own, is ours to go on with
    HELD = "held"  # a living run is making them
    UNCERTAIN = "uncertain"  # an open job waits for `settle`
    ELSEWHERE = "elsewhere"  # made, under way or in doubt on another road, since this was planned
    OVER_BUDGET = "over-budget"  # intending would pass the cap


@dataclass(frozen=True, slots=True)
class Claim:
    """The answer to a claim. `reason` says why a cap has no room for it, and `scope` which one; of a job that is
    resumed, why there is none for sending it again: whether it left once may be asked all the same."""

    answer: ClaimAnswer
    attempt: int = 1
    row: JobRow | None = None
    artifacts: tuple[Artifact, ...] = ()
    reason: str = ""
    scope: Scope = Scope.RUN
