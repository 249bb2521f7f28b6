"""The machine's own records: what the caller allows, one job on its way, one member in this run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kling_pipe.plan.plan import Planned
from kling_pipe.run.polling import usual_requests_a_task
from kling_pipe.run.states import State
from kling_pipe.values.answer import Refusal
from kling_pipe.values.job import Artifact, Job, Output, TaskRef, TaskState
from kling_pipe.values.money import Caps, Cost, no_caps
from kling_pipe.values.transfer import Origin

default_places = {"image": 9, "video": 5, "audio": 5}  # before anything is learned or configured
default_timeout = 3600.0  # seconds a run waits for one task when its step names no timeout
least_timeout = 180.0  # of it, in seconds of this machine, however fast a simulated world runs
held_interval = 1.0  # seconds between two looks at a job another run holds
looks_after_refusal = 3  # for a task that may exist all the same, and may be shown late
most_looks_for_lost = 6  # a task the provider accepted and does not mention is asked for this often
clock_slack = 60.0  # seconds that two clocks may differ, when a task is told to be older than this run
most_fetches = 8
output_days = 30 * 86400.0  # native page, section 0 fact 5, sure: results vanish after 30 days


@dataclass(frozen=True, slots=True)
class AccountLimits:
    """What one profile allows. `places` are configured limits by product; `requests_a_task` is what looking at a task
    may cost; `recalls` says that what was sent is kept here with its answer, also when nobody waited for it."""

    places: Mapping[str, int] = field(default_factory=dict)
    poll_seconds: float = 2.0
    requests_a_task: float = usual_requests_a_task
    recalls: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """What the caller allows. `jobs` is the most slots over all pools; `shortest_seen` the least seconds a task of a
    provider, kind and model ever took; `only_fetches` lets nothing be sent that may cost money."""

    accounts: Mapping[str, AccountLimits] = field(default_factory=dict)
    jobs: int = 0
    caps: Caps = no_caps
    fail_fast: bool = False
    only_fetches: bool = False
    pace: float = 1.0  # all pauses and patience times this; below 1 in a simulated world that runs fast
    shortest_seen: Mapping[tuple[str, str, str], float] = field(default_factory=dict)


@dataclass(slots=True)
class Flight:
    """One job on its way; `number` names it between machine and driver."""

    number: int
    job: Job
    origins: tuple[Origin, ...]
    explanation: str
    state: State = State.READY
    task_id: str = ""
    claimed: bool = False  # the intention is ours, on disk
    over_budget: str = ""  # why a cap has no room for sending it, when the ledger was asked last
    has_place: bool = False
    sent_at: float = 0.0
    submitted_at: float = 0.0
    created: float = 0.0  # by the provider's clock
    tries: int = 0  # consecutive troubles
    trouble_since: float = 0.0
    held_since: float | None = None  # when another run was first seen making it
    said_exists: bool = False
    in_doubt: bool = False  # a request left whose answer nobody heard: the task may exist
    errand: str = ""  # the call before it that is on record as sent
    handed: bool = False  # its media were put where the service finds them
    looked_for: bool = False  # its id was asked for before an errand was paid for
    refused: Refusal | None = None  # what was said to the same request afterwards
    was_made: bool = False  # the ledger remembers files of this task
    attempts_here: int = 1
    fetches: int = 0
    is_fetching: bool = False
    unmentioned: int = 0
    status: str = ""
    hinted: bool = False  # a callback nobody signed has led to a look that is under way
    last: TaskState | None = None
    timer: int = 0  # only the latest timer of a flight counts
    cost: Cost = Cost()
    exact: bool = False
    told: tuple[Mapping[str, object], ...] = ()  # what its errands answered
    errands_cost: Cost = Cost()
    counted: Cost = Cost()  # of it, what this run spent and has counted
    outputs: tuple[Output, ...] = ()  # of a call that was answered with them
    sharers: list[int] = field(default_factory=list)  # flights of other steps that wait for this very job

    @property
    def ref(self) -> TaskRef:
        return TaskRef(self.job.external_id, self.task_id, self.job.route, len(self.job.takes))


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """A job that its profile refused for good before anything of it was made, whatever it asks: another may make it."""

    job: Job
    refusal: Refusal


@dataclass(slots=True)
class MemberRun:
    """One member in this run."""

    planned: Planned
    waits_for: int
    state: State = State.WAITING
    artifacts: dict[int, Artifact] = field(default_factory=dict)
    flights: set[int] = field(default_factory=set)
    failed: State | None = None
