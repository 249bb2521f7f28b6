"""A run as plain lines, one a fact: for pipes and files, and for what scrolls up on a terminal."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto

from kling_pipe.events import (
    AnswerLost,
    Cooling,
    Delivered,
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
    MemberRefused,
    Notice,
    PoolChanged,
    RoadChanged,
    RunStarted,
    StillRunning,
    TaskProgress,
    Undelivered,
)
from kling_pipe.report.amounts import duration, plural
from kling_pipe.report.tables import printable


class Detail(Enum):
    """How much is told: a live view shows movement itself, so it prints results only."""

    RESULTS = auto()
    ALL = auto()


class Lines:
    """A listener that writes each fact as one line, with the time since the run began in front; before it began, and
    where nothing begins, there is none."""

    def __init__(self, write: Callable[[str], object], detail: Detail = Detail.ALL) -> None:
        self._write = write
        self._detail = detail
        self._began: float | None = None

    def __call__(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self._began = event.at
        text = line(event, self._detail)
        if text:
            self._write(f"{self._time(event)}{printable(text)}")

    def _time(self, event: Event) -> str:
        return "" if self._began is None else f"{duration(max(0.0, event.at - self._began)):>10}  "


def line(event: Event, detail: Detail = Detail.ALL) -> str:
    """The event as a sentence part, or nothing when it is not worth a line."""
    tell = _results.get(type(event)) or (_movements.get(type(event)) if detail is Detail.ALL else None)
    return tell(event) if tell else ""


def _started(event: RunStarted) -> str:
    missing = event.members - event.current
    if not missing:
        return f"run {event.run}, {event.realm}: nothing to make, {event.current} current"
    return (
        f"run {event.run}, {event.realm}: {plural(missing, 'step')} to make, {event.current} current, "
        f"estimate {event.estimate}, about {duration(event.seconds)}"
    )


def _intended(event: JobIntended) -> str:
    takes = f", takes {', '.join(map(str, event.takes))}" if event.takes != (1,) else ""
    again = f", attempt {event.attempt}" if event.attempt > 1 else ""
    return f"{event.member}: sending {event.kind} to {event.model}{takes}{again}, estimate {event.estimate}"


def _errand_begun(event: ErrandBegun) -> str:
    return f"{event.member}: asking for {event.errand} first"


def _errand_done(event: ErrandDone) -> str:
    return f"{event.member}: {event.errand} is answered{f', {event.cost}' if event.cost else ''}"


def _submitted(event: JobSubmitted) -> str:
    return f"{event.member}: {'found at the provider as' if event.adopted else 'submitted as'} task {event.task_id}"


def _progress(event: TaskProgress) -> str:
    return f"{event.member}: {event.status}"


def _fetching(event: FetchStarted) -> str:
    return f"{event.member}: made, fetching its files"


def _done(event: JobDone) -> str:
    about = "" if event.exact else "about "
    return f"{event.member}: done in {duration(event.seconds)}, {about}{event.cost}"


def _failed(event: JobFailed) -> str:
    hint = f"; {event.hint}" if event.hint else ""
    return f"{event.member}: failed, {event.code}: {event.message}{hint}"


def _deferred(event: JobDeferred) -> str:
    return f"{event.member}: waits, {event.reason}"


def _lost(event: AnswerLost) -> str:
    return f"{event.member}: no usable answer ({event.reason}), looking the task up before anything is sent again"


def _uncertain(event: JobUncertain) -> str:
    return f"{event.member}: paid or not, nobody knows: {event.reason}"


def _waiting(event: StillRunning) -> str:
    if not event.task_id:
        return f"{event.member}: {event.reason or 'no usable answer'}; the next run asks for it before anything is sent"
    return f"{event.member}: still running at the provider as task {event.task_id}, the next run waits for it"


def _blocked(event: MemberBlocked) -> str:
    return f"{event.member}: not made, because `{event.by}` was not"


def _refused(event: MemberRefused) -> str:
    return f"{event.member}: not started, {event.reason}"


def _turned(event: RoadChanged) -> str:
    return (
        f"{event.member}: `{event.profile}` does not make it ({event.code}: {event.message}), `{event.to}` does,"
        f" estimate {event.estimate}"
    )


def _delivered(event: Delivered) -> str:
    return f"wrote {event.path}" if event.changed else ""


def _undelivered(event: Undelivered) -> str:
    hint = f"; {event.hint}" if event.hint else ""
    return f"{event.path}: not written, {event.code}: {event.message}{hint}"


def _pool(event: PoolChanged) -> str:
    return f"pool {event.pool}: {event.capacity} at once, {event.reason}"


def _cooling(event: Cooling) -> str:
    return f"{event.profile}: pausing for {duration(event.seconds)}, {event.reason}"


def _notice(event: Notice) -> str:
    return f"{event.member}: {event.text}" if event.member else event.text


_results: dict[type[Event], Callable[..., str]] = {
    RunStarted: _started,
    JobDone: _done,
    JobFailed: _failed,
    JobUncertain: _uncertain,
    StillRunning: _waiting,
    MemberBlocked: _blocked,
    MemberRefused: _refused,
    RoadChanged: _turned,
    Delivered: _delivered,
    Undelivered: _undelivered,
    Cooling: _cooling,
    Notice: _notice,
}
_movements: dict[type[Event], Callable[..., str]] = {
    JobIntended: _intended,
    ErrandBegun: _errand_begun,
    ErrandDone: _errand_done,
    JobSubmitted: _submitted,
    TaskProgress: _progress,
    FetchStarted: _fetching,
    JobDeferred: _deferred,
    AnswerLost: _lost,
    PoolChanged: _pool,
}
