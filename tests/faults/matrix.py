"""Runs a storyboard under one set of faults, settles what is in doubt, and says what became of it."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kling_pipe.api.options import Options
from kling_pipe.api.running import StopSwitch, World, run
from kling_pipe.api.settling import Decision, settle
from kling_pipe.errors import ExitCode, Failure
from kling_pipe.events import Event, JobFailed, JobUncertain, RunEnded, StillRunning
from kling_pipe.providers.table import table
from kling_pipe.simulator import media
from kling_pipe.simulator.clock import ScaledClock
from kling_pipe.simulator.faults import Fault
from kling_pipe.simulator.server import application
from kling_pipe.simulator.settings import Settings
from kling_pipe.simulator.world import World as SimulatedWorld
from kling_pipe.values.profile import FolderUploads
from tests.crash.boards import Board, without_ids
from tests.crash.harness import known_jobs
from tests.crash.settling import Bills, Settling, billed

base_url = "http://simulator.invalid"
speed = 200.0

final_faults = frozenset({Fault.MODERATED, Fault.MODERATED_LATE, Fault.FAILED_LATE, Fault.STUCK})
mild_faults = tuple(
    "unauthorized-once=#3" if fault is Fault.UNAUTHORIZED_ONCE else f"{fault}=0.1"
    for fault in Fault
    if fault not in final_faults
)
all_faults = (*mild_faults, *(f"{fault}=0.1" for fault in sorted(final_faults)))
what_happens = {
    Fault.LOST_BEFORE: "asked for by external id, not found, sent again under the same id",
    Fault.LOST_AFTER: "asked for by external id, found, adopted",
    Fault.ERROR_BEFORE: "asked for by external id, not found, sent again under the same id",
    Fault.ERROR_AFTER: "asked for by external id, found, adopted",
    Fault.THROTTLED: "the account cools down for as long as the service asks, then goes on",
    Fault.THROTTLED_BARE: "the account cools down, longer each time, then goes on",
    Fault.OVER_QUOTA: "the pool shrinks, the job queues and goes again under the same id",
    Fault.UNAUTHORIZED_ONCE: "signed anew once",
    Fault.MODERATED: "the step fails in the service's words; what is below it is blocked, the rest goes on",
    Fault.MODERATED_LATE: "the step fails in the service's words; what is below it is blocked, the rest goes on",
    Fault.FAILED_LATE: "the step fails in the service's words; what is below it is blocked, the rest goes on",
    Fault.STUCK: "the step's `timeout` ends the wait; the task stays recorded and the next run waits for it",
    Fault.SLOW: "waited for",
    Fault.MALFORMED: "a create is asked for by external id and adopted; a query is asked again",
    Fault.TRUNCATED: "resumed by Range, looked at closely, fetched again if damaged",
    Fault.EXPIRED: "a query renews the address, then fetched",
}
_by_hand = "a create is uncertain until a person settles it; a query is asked again"
_of_road: Mapping[str, Mapping[Fault, str]] = {
    "runware": {Fault.MODERATED: "every step that went with it fails in the service's words; the rest goes on"},
    "gateway": {
        Fault.UNAUTHORIZED_ONCE: "the run ends with exit code 4; the same command goes on",
        Fault.EXPIRED: "a query renews a clip's address; a picture's cannot be, so that a person settles it",
    },
}
_without_ids = {
    Fault.LOST_BEFORE: _by_hand,
    Fault.LOST_AFTER: _by_hand,
    Fault.ERROR_BEFORE: _by_hand,
    Fault.ERROR_AFTER: "uncertain until a person settles it",
    Fault.MALFORMED: _by_hand,
    Fault.OVER_QUOTA: "the pool shrinks, the job queues and goes again",
}


def what_happens_on(road: str) -> dict[Fault, str]:
    """What kling-pipe does about each fault, on one road."""
    unasked = _without_ids if road in without_ids else {}
    return {**what_happens, **unasked, **_of_road.get(road, {})}


most_runs = 12


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run under faults left, with those after it while something was in doubt: counts of members, of bills, of
    faults that struck. `doubts` were settled; `repeated` counts calls without an id that were made before and sent
    again by somebody's word."""

    exit_code: int
    done: int
    failed: tuple[str, ...]
    running: tuple[str, ...]
    blocked: int
    bills: int
    billed_twice: int
    jobs: int
    struck: int
    delivered: int
    codes: tuple[str, ...]
    doubts: tuple[str, ...] = ()
    repeated: int = 0


def with_patience(text: str, timeout: str = "600s") -> str:
    """The text with a patience on every step, so that a stuck task ends a run soon."""
    text = text.replace("{kind:", f"{{timeout: {timeout}, kind:").replace(", kind:", f", timeout: {timeout}, kind:")
    return text.replace("\n    kind:", f"\n    timeout: {timeout}\n    kind:")


def settings_of(faults: Sequence[str], seed: int = 1) -> Settings:
    pairs = [("speed", str(speed)), ("media", "small"), ("seed", str(seed)), *(("fault", fault) for fault in faults)]
    return replace(Settings.parse(pairs), retry_after=1.0 / speed)  # what it asks for passes as fast as all else


def build_world(folder: Path, settings: Settings) -> tuple[SimulatedWorld, World]:
    """A world that keeps its media in `folder` and nothing else, and what a run is joined to."""
    inner = SimulatedWorld(settings, ScaledClock(settings.speed), media, str(folder))
    app = application(inner, [entry.load_fake()() for entry in table.values()])
    uploads = FolderUploads(str(folder / "uploads"), f"{base_url}/uploads")
    return inner, World(app, base_url, settings.speed, settings.keys[0], uploads)


def play(folder: Path, media_folder: Path, board: Board, faults: Sequence[str], seed: int = 1) -> Outcome:
    """Runs in an empty project and an empty world, until nothing is in doubt."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    path = folder / "board.yaml"
    path.write_text(with_patience(board.text))
    settings = settings_of(faults, seed)
    inner, world = build_world(media_folder, settings)
    inner.reset(settings)
    user = Settling(board)
    for _ in range(most_runs):
        ended, events = _run(path, world)
        if ended.exit_code not in (ExitCode.UNCERTAIN, ExitCode.CREDENTIALS):
            break
        doubts = {event.member: event.reason for event in events if isinstance(event, JobUncertain)}
        _settle(path, user, inner, doubts, _known(folder))
    inner.close()
    jobs = _jobs(folder)
    failed = [event for event in events if isinstance(event, JobFailed)]
    return Outcome(
        exit_code=ended.exit_code,
        done=ended.done + ended.current,
        failed=tuple(sorted({event.member for event in failed})),
        running=tuple(sorted({event.member for event in events if isinstance(event, StillRunning)})),
        blocked=ended.blocked,
        bills=len(inner.bills()),
        billed_twice=_billed_twice(user, inner.bills(), jobs, _known(folder)),
        jobs=jobs.total(),
        struck=_struck(inner),
        delivered=sum((folder / name).exists() for name in board.deliveries),
        codes=tuple(sorted({event.code for event in failed})),
        doubts=tuple(user.doubts),
        repeated=user.repeated.total(),
    )


def _run(path: Path, world: World) -> tuple[RunEnded, list[Event]]:
    events: list[Event] = []
    try:
        return asyncio.run(run(str(path), Options(simulate=True), events.append, StopSwitch(), world)), events
    except Failure as failure:
        return RunEnded(0.0, exit_code=int(failure.exit_code)), events


def _settle(
    path: Path, user: Settling, inner: SimulatedWorld, doubts: Mapping[str, str], known: Mapping[str, int]
) -> None:
    for step, reason in sorted(doubts.items()):
        word, *task = user.decide(step, reason, inner.bills(), known.get(step, 0))
        settle(str(path), step, Decision(word.removeprefix("--")), Options(simulate=True), *task)


def _known(folder: Path) -> Counter[str]:
    with contextlib.closing(sqlite3.connect(folder / ".kling-pipe" / "ledger.db")) as database:
        return known_jobs(database)


def _jobs(folder: Path) -> Counter[str]:
    """How many jobs each step took, without those that were given up to be sent again."""
    with contextlib.closing(sqlite3.connect(folder / ".kling-pipe" / "ledger.db")) as database:
        rows = database.execute("select member, count(*) from jobs where state != 'dropped' group by member")
        return Counter(dict(rows))


def _billed_twice(user: Settling, bills: Bills, jobs: Counter[str], known: Counter[str]) -> int:
    """Tasks with an id that were paid for more than once, and calls without one that nobody knew of; where nothing has
    an id, what nobody gave up and no job stands for."""
    ids = Counter(str(bill["external_id"]) for bill in bills if bill["external_id"])
    count = billed(bills)
    calls = {call: jobs[step] + user.repeated[call] for step, calls in user.board.calls.items() for call in calls}
    unasked = sum(max(0, len(user.paid_for(step, bills)) - known[step]) for step in user.board.anonymous)
    twice = sum(ids.values()) - len(ids) + unasked
    return twice + sum(max(0, count[call] - known) for call, known in calls.items())


def _struck(world: SimulatedWorld) -> int:
    struck = world.faults.to_json()["struck"]
    assert isinstance(struck, dict)
    return sum(struck.values())
