"""60 steps over a socket: how often the service is asked for each task, when it does and does not tell by itself.

Signed callbacks are taken at their word; one that nobody signed only hastens the next question.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import sys
import tempfile
from dataclasses import dataclass

from bench.boards import storyboard
from bench.makespan import facts_of
from bench.measure import environment, process, root, table
from bench.oracle import makespan
from bench.world import tasks_of, templates_beside, world_beside

_profile = "profiles:\n  kling:\n    type: kling\n    limits: {{image: {places}, video: {places}}}\n"
_secret = "whsec_" + base64.b64encode(b"a secret of this measurement").decode()
_contestants = {  # words of the client, and what the service signs with
    "asking only": ([], ""),
    "callbacks, unsigned": (["--callbacks"], ""),
    "callbacks, signed": (["--callbacks", "--secret", _secret], _secret),
}


@dataclass(frozen=True, slots=True)
class _Run:
    requests: int
    lost: float  # the time it took beside a scheduler that knows every duration and loses none


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="bench.callbacks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="12 steps in a few seconds")
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--places", type=int, default=20)
    parser.add_argument("--speed", type=float, default=8.0, help="simulated seconds a real one")
    asked = parser.parse_args(words)
    steps, places, speed = (12, 6, 400.0) if asked.quick else (asked.steps, asked.places, asked.speed)
    runs = {}
    with tempfile.TemporaryDirectory(prefix="kling-pipe-bench-") as all_runs:
        for name, (more, secret) in _contestants.items():
            folder = tempfile.mkdtemp(dir=all_runs)
            runs[name] = _run(name, folder, more, secret, steps, places, speed)
    asking = runs["asking only"].requests
    rows = [
        (
            name, f"{run.requests:,}", f"{run.requests / steps:.2f}", f"{run.requests / asking:.3f}",
            f"{run.lost:.2f}",
        )
        for name, run in runs.items()
    ]  # fmt: skip
    head = ("the service", "status requests", "a task", "÷ asking only", "÷ oracle")
    table(f"{steps} steps, {places} in flight, time runs {speed:g} times as fast", head, rows)


def _run(name: str, folder: str, more: list[str], secret: str, steps: int, places: int, speed: float) -> _Run:
    path, result = os.path.join(folder, "bench.yaml"), os.path.join(folder, "ours.json")
    with open(path, "w", encoding="utf-8") as file:
        file.write(storyboard(steps))
    with open(os.path.join(folder, "kling-pipe.yaml"), "w", encoding="utf-8") as file:
        file.write(_profile.format(places=places))
    with world_beside(os.path.join(folder, "world"), speed, 1.0, places, secret, templates_beside(folder)) as address:
        words = [sys.executable, "-m", "bench.client", path, address, str(speed), str(places), result, *more]
        took = process(words, root, environment())
        tasks = tasks_of(address)
    with open(result, encoding="utf-8") as file:
        told = json.load(file)
    if took.code or told["done"] != steps or len(tasks) != steps:
        raise SystemExit(f"{name}: {told['done']} of {steps} done, {len(tasks)} tasks, exit code {took.code}")
    seconds, needs = facts_of(tasks, told["members"], steps)
    return _Run(told["requests"], told["seconds"] * speed / makespan(seconds, needs, places))


if __name__ == "__main__":
    main()
