"""The states of a job in a run and the one table of moves between them.

waiting → ready → intended → submitted → fetching → done
             ↑        │           │          └→ failed
         deferred ←───┤           └→ failed / still running
                      └→ uncertain
"""

from __future__ import annotations

from enum import StrEnum

from kling_pipe.events import (
    AnswerLost,
    ErrandBegun,
    ErrandDone,
    Event,
    FetchStarted,
    JobDeferred,
    JobDone,
    JobFailed,
    JobIntended,
    JobSubmitted,
    JobUncertain,
    MemberBlocked,
    MemberCurrent,
    MemberReady,
    MemberRefused,
    StillRunning,
    TaskProgress,
)


class State(StrEnum):
    """Where a job, or a member as its slowest job, stands."""

    WAITING = "waiting"  # something above is not made yet
    READY = "ready"  # its inputs are known; it waits for a place
    DEFERRED = "deferred"  # the provider had no room or asked for a pause; nothing was created
    INTENDED = "intended"  # the intention is on disk, the request is under way or its answer is being looked for
    SUBMITTED = "submitted"  # the provider has the task
    FETCHING = "fetching"  # the task succeeded; its files are on their way
    DONE = "done"  # every file is in the store
    FAILED = "failed"  # ended for good in this run
    RUNNING = "still running"  # goes on at the provider; the next run waits for it
    UNCERTAIN = "uncertain"  # paid or not, nobody knows
    BLOCKED = "blocked"  # something above did not get made
    REFUSED = "refused"  # it would have passed the budget


ends = frozenset({State.DONE, State.FAILED, State.RUNNING, State.UNCERTAIN, State.BLOCKED, State.REFUSED})

moves: dict[tuple[State, type[Event]], State] = {
    (State.WAITING, MemberReady): State.READY,
    (State.WAITING, MemberCurrent): State.DONE,
    (State.WAITING, MemberBlocked): State.BLOCKED,
    (State.READY, MemberCurrent): State.DONE,
    (State.READY, MemberRefused): State.REFUSED,
    (State.READY, MemberBlocked): State.BLOCKED,
    (State.READY, JobDeferred): State.DEFERRED,
    (State.READY, JobIntended): State.INTENDED,
    (State.READY, JobSubmitted): State.SUBMITTED,
    (State.READY, JobFailed): State.FAILED,
    (State.READY, JobUncertain): State.UNCERTAIN,
    (State.READY, StillRunning): State.RUNNING,
    (State.DEFERRED, JobDeferred): State.DEFERRED,
    (State.DEFERRED, JobIntended): State.INTENDED,
    (State.DEFERRED, ErrandBegun): State.INTENDED,
    (State.DEFERRED, JobSubmitted): State.SUBMITTED,
    (State.DEFERRED, MemberCurrent): State.DONE,
    (State.DEFERRED, MemberRefused): State.REFUSED,
    (State.DEFERRED, MemberBlocked): State.BLOCKED,
    (State.DEFERRED, AnswerLost): State.INTENDED,
    (State.DEFERRED, JobFailed): State.FAILED,
    (State.DEFERRED, JobUncertain): State.UNCERTAIN,
    (State.DEFERRED, StillRunning): State.RUNNING,
    (State.INTENDED, JobDeferred): State.DEFERRED,
    (State.INTENDED, MemberRefused): State.REFUSED,
    (State.INTENDED, ErrandBegun): State.INTENDED,
    (State.INTENDED, ErrandDone): State.INTENDED,
    (State.INTENDED, AnswerLost): State.INTENDED,
    (State.INTENDED, JobSubmitted): State.SUBMITTED,
    (State.INTENDED, JobFailed): State.FAILED,
    (State.INTENDED, JobUncertain): State.UNCERTAIN,
    (State.INTENDED, StillRunning): State.RUNNING,
    (State.SUBMITTED, TaskProgress): State.SUBMITTED,
    (State.SUBMITTED, FetchStarted): State.FETCHING,
    (State.SUBMITTED, JobFailed): State.FAILED,
    (State.SUBMITTED, JobUncertain): State.UNCERTAIN,
    (State.SUBMITTED, StillRunning): State.RUNNING,
    (State.FETCHING, JobDone): State.DONE,
    (State.FETCHING, JobFailed): State.FAILED,
    (State.FETCHING, StillRunning): State.RUNNING,
    (State.FETCHING, JobUncertain): State.UNCERTAIN,
}


def after(state: State, event: Event) -> State:
    """The state an event leads to; raises ValueError for a move that is not in the table."""
    try:
        return moves[state, type(event)]
    except KeyError:
        raise ValueError(f"no move from `{state}` by `{event.name}`") from None
