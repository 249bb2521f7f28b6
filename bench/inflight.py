"""A thousand tasks in flight: what waiting for them costs the client."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time

from bench.boards import storyboard
from bench.measure import environment, root, table
from bench.world import tasks_of, world_beside

_profile = "profiles:\n  kling:\n    type: kling\n    limits: {{image: {places}}}\n"
_ticks = os.sysconf("SC_CLK_TCK")


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="bench.inflight", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="50 tasks for half a second")
    quick = parser.parse_args(words).quick
    tasks, seconds, durations = (50, 0.5, 1.0) if quick else (1_000, 20.0, 6.0)
    with tempfile.TemporaryDirectory(prefix="kling-pipe-bench-") as folder:
        share, megabytes, flying = _watched(folder, tasks, seconds, durations)
    rows = [(f"{flying:,}", f"{share * 100:.1f} %", f"{megabytes:.0f} MB")]
    table(f"waiting for tasks, {seconds:g} s in real time", ("tasks in flight", "of one core", "memory"), rows)


def _watched(folder: str, tasks: int, seconds: float, durations: float) -> tuple[float, float, int]:
    path = os.path.join(folder, "bench.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(storyboard(tasks, shape="pictures"))
    with open(os.path.join(folder, "kling-pipe.yaml"), "w", encoding="utf-8") as file:
        file.write(_profile.format(places=tasks))
    with world_beside(os.path.join(folder, "world"), 1.0, durations, tasks) as address:
        words = [sys.executable, "-m", "bench.client", path, address, "1", "0", os.path.join(folder, "ours.json")]
        quiet = subprocess.DEVNULL
        client = subprocess.Popen(words, cwd=root, env=environment(), stdout=quiet, stderr=quiet)
        try:
            _until_all_fly(address, tasks, client)
            before = _cpu(client.pid)
            time.sleep(seconds)
            share = (_cpu(client.pid) - before) / seconds
            now = [task for task in tasks_of(address) if task["age"] < task["seconds"]]
            return share, _megabytes(client.pid), len(now)
        finally:
            client.kill()
            client.wait()


def _until_all_fly(address: str, tasks: int, client: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if len(tasks_of(address)) >= tasks:
            return
        if client.poll() is not None:
            break
        time.sleep(0.2)
    raise SystemExit(f"only {len(tasks_of(address))} of {tasks} tasks were made")


def _cpu(process: int) -> float:
    with open(f"/proc/{process}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _ticks


def _megabytes(process: int) -> float:
    with open(f"/proc/{process}/status", encoding="ascii") as file:
        found = next(line for line in file if line.startswith("VmRSS"))
    return int(found.split()[1]) / 1024


if __name__ == "__main__":
    main()
