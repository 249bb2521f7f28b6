"""300 steps, 20 in flight, on a road that takes several requests in one: how few requests a task takes, and what the
rarer looks cost in time, beside an oracle that knows every duration.

Submits and looks are counted together, by the service. The road is the first one whose adapter bundles.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile

from bench.boards import storyboard
from bench.makespan import facts_of
from bench.measure import environment, process, root, table
from bench.oracle import makespan
from bench.world import requests_of, tasks_of, templates_beside, world_beside
from kling_pipe.providers.table import mount_of
from kling_pipe.providers.table import table as providers

_profile = """\
profiles:
  {road}:
    type: {road}
    limits: {{image: {places}, video: {places}}}
"""
_boards = {"clips on their own": "clips", "chains of picture, clip, motion": "chains"}


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="bench.bundling", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="12 steps in a few seconds")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--places", type=int, default=20)
    parser.add_argument("--speed", type=float, default=16.0, help="simulated seconds a real one")
    asked = parser.parse_args(words)
    steps, places, speed = (12, 6, 400.0) if asked.quick else (asked.steps, asked.places, asked.speed)
    with tempfile.TemporaryDirectory(prefix="kling-pipe-bench-") as all_runs:
        rows = [
            _row(name, shape, tempfile.mkdtemp(dir=all_runs), steps, places, speed) for name, shape in _boards.items()
        ]
    head = ("storyboard", "requests a task", "of them looks", "÷ oracle", "simulated s")
    table(f"{steps} steps, {places} in flight, time runs {speed:g} times as fast", head, rows)


def bundling_road() -> str:
    """The first type whose adapter takes several requests as one."""
    return next(entry.type for entry in providers.values() if entry.adapter(None).most_bundled > 1)


def _row(name: str, shape: str, folder: str, steps: int, places: int, speed: float) -> tuple[str, ...]:
    road = bundling_road()
    path, told_in = os.path.join(folder, "bench.yaml"), os.path.join(folder, "ours.json")
    with open(path, "w", encoding="utf-8") as file:
        file.write(storyboard(steps, shape=shape))
    with open(os.path.join(folder, "kling-pipe.yaml"), "w", encoding="utf-8") as file:
        file.write(_profile.format(road=road, places=places))
    world = os.path.join(folder, "world")
    with world_beside(world, speed, 1.0, places, templates=templates_beside(folder)) as address:
        words = ["bench.client", path, address, str(speed), str(places), told_in, "--provider", road]
        took = process([sys.executable, "-m", *words], root, environment())
        tasks = [task for task in tasks_of(address) if task["seconds"] > 0]
        asked = sum(count for way, count in requests_of(address).items() if way.startswith(f"POST {mount_of(road)}/v1"))
    with open(told_in, encoding="utf-8") as file:
        told = json.load(file)
    if took.code or told["done"] != steps:
        raise SystemExit(f"{name}: {told['done']} of {steps} done, {len(tasks)} tasks, exit code {took.code}")
    if shape == "clips":
        best = makespan({task["external_id"]: task["seconds"] for task in tasks}, {}, places)
    else:
        best = makespan(*facts_of(tasks, told["members"], steps), places)
    spent = told["seconds"] * speed
    looks = told["requests"] / steps
    return (name, f"{asked / steps:.2f}", f"{looks:.2f}", f"{spent / best:.3f}", f"{spent:.0f}")


if __name__ == "__main__":
    main()
