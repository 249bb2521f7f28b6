"""One round each: a run is disturbed, resumed, and must end as an undisturbed run does, every job billed once."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.crash.harness import EndState, Place, Simulator, end_state, kill_after, kill_at_bill

Round = Callable[[Place, random.Random, float], str]
most_resumes = 4


def killed_at_random(place: Place, chance: random.Random, seconds: float) -> str:
    """SIGKILL at a random instant, then again while resuming, then the same command to the end."""
    moments: list[str] = []
    wanted = chance.randint(1, 2)
    while len(moments) < wanted:
        moment = chance.uniform(0.0, seconds)
        if kill_after(place.start(), moment):
            moments.append(f"{moment:.2f} s")
        elif not moments:
            place.begin_anew()  # it ended before: another instant
        else:
            break
    return "killed at " + ", ".join(moments)


def killed_after_create(place: Place, chance: random.Random, _seconds: float) -> str:
    """SIGKILL as soon as the simulator has billed some number of tasks."""
    count = chance.randint(1, len(place.steps))
    kill_at_bill(place.start(), place.world, count)
    return f"killed at bill {count}"


def killed_and_ledger_lost(place: Place, chance: random.Random, seconds: float) -> str:
    """SIGKILL at a random instant, and the ledger is gone when the next run begins."""
    moment = chance.uniform(0.3, seconds)
    kill_after(place.start(), moment)
    place.forget_ledger()
    return f"killed at {moment:.2f} s, ledger deleted"


def two_at_once(place: Place, chance: random.Random, seconds: float) -> str:
    """Two processes run the same storyboard; one of them is killed."""
    first, second = place.start(), place.start()
    moment = chance.uniform(0.3, seconds)
    kill_after(first, moment)
    output, _ = second.communicate(timeout=300)
    assert second.returncode == 0, output
    return f"two at once, one killed at {moment:.2f} s"


rounds: Mapping[str, Round] = {
    "random": killed_at_random,
    "create": killed_after_create,
    "ledger": killed_and_ledger_lost,
    "two": two_at_once,
}


def undisturbed(folder: Path, world: Simulator, text: str, speed: float) -> tuple[EndState, float]:
    """The end state to compare with, and how long the run took."""
    import time

    world.reset(speed=speed, media="small")
    place = Place(folder, world, text)
    place.finish()  # makes the media, which the simulator keeps
    world.reset(speed=speed, media="small")
    place = Place(folder, world, text)
    began = time.monotonic()
    code, output = place.finish()
    assert code == 0, output
    return end_state(place), time.monotonic() - began


def play(
    name: str, number: int, folder: Path, world: Simulator, text: str, speed: float, expected: EndState, seconds: float
) -> str:
    """Plays one round and compares; raises AssertionError with what was different. Returns what was done."""
    world.reset(speed=speed, media="small")
    place = Place(folder, world, text)
    done = rounds[name](place, random.Random(f"{name} {number}"), seconds)
    for _ in range(most_resumes):
        code, output = place.finish()
        if code == 0:
            break
    assert code == 0, f"{name} {number} ({done}): exit {code}\n{output}"
    found = end_state(place)
    assert found == expected, f"{name} {number} ({done}): {_difference(found, expected)}"
    return done


def _difference(found: EndState, expected: EndState) -> str:
    parts = [f"bills {found.bills}, expected {expected.bills}"]
    for label, left, right in (
        ("deliverables", found.deliverables, expected.deliverables),
        ("artifacts", found.artifacts, expected.artifacts),
    ):
        wrong = sorted(name for name in {*left, *right} if left.get(name) != right.get(name))
        parts.append(f"{label} that differ: {wrong}")
    return "; ".join(parts)
