"""300 steps, 20 in flight: the product and a raw script against the same service, and an oracle that knows it all.

Time runs faster than real time, so what a client loses by itself (an answer's way, an fsync) weighs as many times more
than it would on a real day as the speed says; the ratios are upper bounds.

÷ oracle: beside a scheduler that knows every duration. ÷ blind: beside one that, like any client, knows only what such
tasks usually take; neither loses any time. Of the CPU a step, checks are the decoding of every download, which the raw
script leaves out.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from statistics import fmean
from typing import Any

from bench.boards import storyboard
from bench.measure import environment, process, root, table
from bench.oracle import makespan
from bench.world import tasks_of, templates_beside, world_beside
from kling_pipe.edge.media import verify

_profile = "profiles:\n  kling:\n    type: kling\n    limits: {{image: {places}, video: {places}}}\n"


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="bench.makespan", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="12 steps in a few seconds")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--places", type=int, default=20)
    parser.add_argument("--speed", type=float, default=16.0, help="simulated seconds a real one")
    asked = parser.parse_args(words)
    steps, places, speed = (12, 6, 400.0) if asked.quick else (asked.steps, asked.places, asked.speed)
    rows = []
    with tempfile.TemporaryDirectory(prefix="kling-pipe-bench-") as all_runs:
        for name, contestant in _contestants.items():
            rows.append(_row(name, contestant, tempfile.mkdtemp(dir=all_runs), steps, places, speed))
    head = ("client", "÷ oracle", "÷ blind", "simulated s", "requests a task", "CPU a step", "of it checks", "memory")
    table(f"{steps} steps, {places} in flight, time runs {speed:g} times as fast", head, rows)


Contestant = Callable[[str, str, int, int, float], list[str]]


def _row(name: str, contestant: Contestant, folder: str, steps: int, places: int, speed: float) -> tuple[str, ...]:
    world = os.path.join(folder, "world")
    with world_beside(world, speed, 1.0, places, templates=templates_beside(folder)) as address:
        words = contestant(folder, address, steps, places, speed)
        took = process([sys.executable, "-m", *words], root, environment())
        tasks = tasks_of(address)
    with open(words[-1], encoding="utf-8") as file:
        told = json.load(file)
    if took.code or told["done"] != steps or len(tasks) != steps:
        raise SystemExit(f"{name}: {told['done']} of {steps} done, {len(tasks)} tasks, exit code {took.code}")
    seconds, needs = facts_of(tasks, told.get("members", {}), steps)
    best = makespan(seconds, needs, places)
    blind = makespan(seconds, needs, places, _typical(seconds))
    spent = told["seconds"] * speed
    return (
        name, f"{spent / best:.3f}", f"{spent / blind:.3f}", f"{spent:.0f}",
        f"{told['requests'] / steps:.2f}", f"{took.cpu / steps * 1000:.1f} ms", _checks(folder, steps),
        f"{told['megabytes']:.0f} MB",
    )  # fmt: skip


def _checks(folder: str, steps: int) -> str:
    """What decoding every download takes a step: the same again, alone, on the files that the run left."""
    objects = os.path.join(folder, ".kling-pipe", "objects")
    paths = [os.path.join(place, name) for place, _, names in os.walk(objects) for name in names]
    began = time.process_time()
    for path in paths:
        verify(path)
    return f"{(time.process_time() - began) / steps * 1000:.1f} ms" if paths else "none"


def facts_of(tasks: list[dict[str, Any]], members: dict[str, str], steps: int) -> tuple[dict[str, float], Any]:
    """Seconds and needs by the names of the storyboard's steps, upstream first."""
    found = {members.get(task["external_id"], task["external_id"]): task["seconds"] for task in tasks}
    parts = ("picture", "clip", "motion")
    names = [f"{parts[number % 3]}_{number // 3}" for number in range(steps)]
    needs = {name: names[number - number % 3 : number] for number, name in enumerate(names)}
    return {name: found[name] for name in names}, needs


def _typical(seconds: dict[str, float]) -> dict[str, float]:
    """What history says: the mean of all steps of a kind."""
    kinds: dict[str, list[float]] = {}
    for name, value in seconds.items():
        kinds.setdefault(name.partition("_")[0], []).append(value)
    return {name: fmean(kinds[name.partition("_")[0]]) for name in seconds}


def _ours(folder: str, address: str, steps: int, places: int, speed: float) -> list[str]:
    path = os.path.join(folder, "bench.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(storyboard(steps))
    with open(os.path.join(folder, "kling-pipe.yaml"), "w", encoding="utf-8") as file:
        file.write(_profile.format(places=places))
    return ["bench.client", path, address, str(speed), str(places), os.path.join(folder, "ours.json")]


def _raw(folder: str, address: str, steps: int, places: int, speed: float) -> list[str]:
    files = os.path.join(folder, "files")
    os.makedirs(files)
    return ["bench.raw", files, address, str(speed), str(steps), str(places), os.path.join(folder, "raw.json")]


_contestants: dict[str, Contestant] = {"kling-pipe": _ours, "raw asyncio + httpx": _raw}


if __name__ == "__main__":
    main()
