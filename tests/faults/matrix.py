"""Runs a storyboard under one set of faults and says what became of it."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kling_pipe.api.options import Options
from kling_pipe.api.running import StopSwitch, World, run
from kling_pipe.errors import Failure
from kling_pipe.events import Event, JobFailed, RunEnded, StillRunning
from kling_pipe.providers.table import table
from kling_pipe.simulator import media
from kling_pipe.simulator.clock import ScaledClock
from kling_pipe.simulator.faults import Fault
from kling_pipe.simulator.server import application
from kling_pipe.simulator.settings import Settings
from kling_pipe.simulator.world import World as SimulatedWorld
from kling_pipe.values.profile import FolderUploads

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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run under faults left: counts of members, of bills, of faults that struck."""

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


def board(text: str, timeout: str = "600s") -> str:
    """The text with a patience on every step, so that a stuck task ends a run soon."""
    return text.replace("{kind:", f"{{timeout: {timeout}, kind:")


def settings_of(faults: Sequence[str], seed: int = 1) -> Settings:
    pairs = [("speed", str(speed)), ("media", "small"), ("seed", str(seed)), *(("fault", fault) for fault in faults)]
    return replace(Settings.parse(pairs), retry_after=1.0 / speed)  # what it asks for passes as fast as all else


def build_world(folder: Path, settings: Settings) -> tuple[SimulatedWorld, World]:
    """A world that keeps its media in `folder` and nothing else, and what a run is joined to."""
    inner = SimulatedWorld(settings, ScaledClock(settings.speed), media, str(folder))
    app = application(inner, [entry.load_fake()() for entry in table.values()])
    uploads = FolderUploads(str(folder / "uploads"), f"{base_url}/uploads")
    return inner, World(app, base_url, settings.speed, settings.keys[0], uploads)


def play(folder: Path, media_folder: Path, text: str, faults: Sequence[str], seed: int = 1) -> Outcome:
    """One run in an empty project and an empty world."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    path = folder / "board.yaml"
    path.write_text(board(text))
    settings = settings_of(faults, seed)
    inner, world = build_world(media_folder, settings)
    inner.reset(settings)
    events: list[Event] = []
    options = Options(simulate=True)
    try:
        ended = asyncio.run(run(str(path), options, events.append, StopSwitch(), world))
    except Failure as failure:
        ended = RunEnded(0.0, exit_code=int(failure.exit_code))
    bills = [str(bill["external_id"]) for bill in inner.bills()]
    with contextlib.closing(sqlite3.connect(folder / ".kling-pipe" / "ledger.db")) as database:
        jobs = database.execute("select count(*) from jobs").fetchone()[0]
    return Outcome(
        exit_code=ended.exit_code,
        done=ended.done,
        failed=tuple(sorted({event.member for event in events if isinstance(event, JobFailed)})),
        running=tuple(sorted({event.member for event in events if isinstance(event, StillRunning)})),
        blocked=ended.blocked,
        bills=len(bills),
        billed_twice=len(bills) - len(set(bills)),
        jobs=jobs,
        struck=_struck(inner),
        delivered=len(list((folder / "out").glob("*"))) if (folder / "out").exists() else 0,
        codes=tuple(sorted({event.code for event in events if isinstance(event, JobFailed)})),
    )


def _struck(world: SimulatedWorld) -> int:
    struck = world.faults.to_json()["struck"]
    assert isinstance(struck, dict)
    return sum(struck.values())
