"""Everything that can happen in a run: frozen values, JSON both ways, with a format number.

The ledger's state is the fold of these; console, JSON lines and tests listen to the same stream.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from kling_pipe.values.media import MediaFacts
from kling_pipe.values.money import Cost

event_format = 1


@dataclass(frozen=True, slots=True)
class Event:
    """The root. `at` is Unix seconds; `member` the address it concerns, empty for the run as a whole."""

    name: ClassVar[str] = ""
    at: float
    member: str = ""

    def to_json(self) -> dict[str, object]:
        """`{"event": name, "format": 1, …fields}`."""
        data: dict[str, object] = {"event": self.name, "format": event_format}
        for item in dataclasses.fields(self):
            value = getattr(self, item.name)
            data[item.name] = value.to_json() if isinstance(value, Cost | MediaFacts) else value
        return data


@dataclass(frozen=True, slots=True)
class RunStarted(Event):
    """A run began. `members` of them are to be made or checked, `current` were satisfied before it began."""

    name = "run-started"
    run: str = ""
    storyboard: str = ""
    realm: str = ""
    members: int = 0
    current: int = 0
    estimate: Cost = Cost()
    seconds: float = 0.0  # expected time of the whole run


@dataclass(frozen=True, slots=True)
class MemberReady(Event):
    """All inputs of a member are known; its key is settled."""

    name = "ready"
    key: str = ""


@dataclass(frozen=True, slots=True)
class MemberCurrent(Event):
    """The artifact of a member's key is in the store already; nothing is paid."""

    name = "current"
    key: str = ""
    digest: str = ""
    take: int = 1


@dataclass(frozen=True, slots=True)
class JobDeferred(Event):
    """The provider or the pool has no room; the job waits and nothing was created. `until`: Unix seconds, 0 unknown."""

    name = "deferred"
    external_id: str = ""
    reason: str = ""
    until: float = 0.0


@dataclass(frozen=True, slots=True)
class JobIntended(Event):
    """The intention is on disk; only now may the request leave. `estimate` is reserved."""

    name = "intended"
    external_id: str = ""
    recipe: str = ""
    takes: tuple[int, ...] = ()
    attempt: int = 1
    kind: str = ""
    model: str = ""
    route: str = ""
    estimate: Cost = Cost()
    expected_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class ErrandBegun(Event):
    """A call that the create needs an answer from is about to leave; only now may it."""

    name = "errand-begun"
    external_id: str = ""
    errand: str = ""


@dataclass(frozen=True, slots=True)
class ErrandDone(Event):
    """An errand was answered; `told` is what the create needs of it, as a JSON text, `cost` the provider's figure."""

    name = "errand-done"
    external_id: str = ""
    errand: str = ""
    told: str = ""
    cost: Cost = Cost()


@dataclass(frozen=True, slots=True)
class JobSubmitted(Event):
    """The provider has the task. `adopted` says that it was found there rather than made by this request; `outputs`
    are the files of a call that was answered with them, as a JSON text, since no query may tell of them again."""

    name = "submitted"
    external_id: str = ""
    task_id: str = ""
    adopted: bool = False
    outputs: str = ""


@dataclass(frozen=True, slots=True)
class TaskProgress(Event):
    """The provider's status of a task changed; `status` is the provider's own word."""

    name = "progress"
    external_id: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class AnswerLost(Event):
    """No usable answer came; the job will be looked up by its external id before anything is sent again."""

    name = "answer-lost"
    external_id: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FetchStarted(Event):
    """The task succeeded at the provider and its files are being fetched. `cost` is the provider's own figure, `spent`
    what this run spends by it: less what its errands cost, and nothing where it was paid for before."""

    name = "fetching"
    external_id: str = ""
    cost: Cost = Cost()
    exact: bool = False
    spent: Cost = Cost()


@dataclass(frozen=True, slots=True)
class ArtifactStored(Event):
    """A file is in the store, hashed and probed."""

    name = "stored"
    external_id: str = ""
    key: str = ""
    digest: str = ""
    take: int = 1
    index: int = 0
    facts: MediaFacts | None = None
    url: str = ""
    url_expires: float = 0.0
    output_id: str = ""  # the provider's own name for the file


@dataclass(frozen=True, slots=True)
class JobDone(Event):
    """All files of a job are stored and recorded."""

    name = "done"
    external_id: str = ""
    seconds: float = 0.0  # from submission to the end, as the provider tells it where it does
    cost: Cost = Cost()
    exact: bool = False


@dataclass(frozen=True, slots=True)
class JobFailed(Event):
    """A definite failure, in the provider's own words."""

    name = "failed"
    external_id: str = ""
    code: str = ""
    message: str = ""
    hint: str = ""
    cost: Cost = Cost()


@dataclass(frozen=True, slots=True)
class JobUncertain(Event):
    """Paid or not, nobody knows; never sent again by itself."""

    name = "uncertain"
    external_id: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StillRunning(Event):
    """This run's patience ended; the task goes on at the provider and the next run goes on waiting for it."""

    name = "still-running"
    external_id: str = ""
    task_id: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MemberBlocked(Event):
    """Something above failed, so this member is not made in this run."""

    name = "blocked"
    by: str = ""


@dataclass(frozen=True, slots=True)
class MemberRefused(Event):
    """Not started because it would pass the budget; nothing was spent on it."""

    name = "refused"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RoadChanged(Event):
    """A profile refused a member for good before anything of it was made, and the next of its list makes it: `code` and
    `message` are the refusal, `estimate` what it is expected to cost there."""

    name = "road-changed"
    profile: str = ""
    to: str = ""
    code: str = ""
    message: str = ""
    estimate: Cost = Cost()


@dataclass(frozen=True, slots=True)
class Delivered(Event):
    """A deliverable was written; `path` is relative to the storyboard's folder, `changed` False when it was so."""

    name = "delivered"
    path: str = ""
    digest: str = ""
    changed: bool = True
    facts: MediaFacts | None = None


@dataclass(frozen=True, slots=True)
class Undelivered(Event):
    """A deliverable could not be written though its step is made; the others were."""

    name = "undelivered"
    path: str = ""
    code: str = ""
    message: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class PoolChanged(Event):
    """What a pool allows at once changed."""

    name = "pool"
    pool: str = ""
    capacity: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Cooling(Event):
    """The whole account pauses, because the provider asked for it."""

    name = "cooling"
    profile: str = ""
    seconds: float = 0.0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Notice(Event):
    """Something worth a line that changes nothing."""

    name = "notice"
    text: str = ""


@dataclass(frozen=True, slots=True)
class RunEnded(Event):
    """A run ended. Counts are members; `spent` is this run's own, `exact` when every figure is the provider's."""

    name = "run-ended"
    run: str = ""
    exit_code: int = 0
    done: int = 0
    current: int = 0
    failed: int = 0
    blocked: int = 0
    running: int = 0  # at the provider
    waiting: int = 0  # not begun, because the run was stopped
    uncertain: int = 0
    spent: Cost = Cost()
    exact: bool = True
    seconds: float = 0.0
    status_requests: int = 0


event_types: dict[str, type[Event]] = {
    kind.name: kind
    for kind in (
        RunStarted, MemberReady, MemberCurrent, JobDeferred, JobIntended, ErrandBegun, ErrandDone, JobSubmitted,
        TaskProgress, AnswerLost, FetchStarted, ArtifactStored, JobDone, JobFailed, JobUncertain, StillRunning,
        MemberBlocked, MemberRefused, RoadChanged, Delivered, Undelivered, PoolChanged, Cooling, Notice, RunEnded,
    )
}  # fmt: skip


def event_from_json(data: Mapping[str, object]) -> Event:
    """The inverse of `Event.to_json`; raises ValueError on an unknown event or format."""
    kind = event_types.get(str(data.get("event")))
    if kind is None or data.get("format") != event_format:
        raise ValueError(f"not an event of format {event_format}: {data.get('event')}")
    values: dict[str, object] = {}
    for item in dataclasses.fields(kind):
        if item.name not in data:
            continue
        value = data[item.name]
        if isinstance(value, Mapping):
            value = MediaFacts.from_json(value) if item.name == "facts" else Cost.from_json(value)
        values[item.name] = tuple(value) if isinstance(value, list) else value
    try:
        return kind(**values)  # type: ignore[arg-type]  # checked field by field above
    except TypeError as error:
        raise ValueError(f"event `{kind.name}` is damaged: {error}") from None
