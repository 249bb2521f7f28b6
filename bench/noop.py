"""A run that has nothing to do, beside ninja on a build of the same shape and beside the least Python could do."""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import sqlite3
import sys
import tempfile

from bench.boards import ninja_file, storyboard
from bench.measure import Took, environment, kling_pipe, median, ms, process, table

_floor = """
import sys, os, hashlib, sqlite3, marshal
text = hashlib.sha256(open("bench.yaml", "rb").read()).hexdigest()
row = sqlite3.connect("floor.db").execute("select plan from plans where text = ?", (text,)).fetchone()
stat = os.stat
for path, size in marshal.loads(row[0]):
    if stat(path).st_size != size:
        sys.exit(1)
"""


_ninja_program = shutil.which("ninja")  # a peer that not every machine has
_ninja_words = ["-C", "ninja"] if _ninja_program else ["-c", "pass"]


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="bench.noop", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="100 steps only, one run")
    quick = parser.parse_args(words).quick
    rows = [_row(steps, runs=1 if quick else 9) for steps in ((100,) if quick else (100, 1_000, 10_000))]
    head = ("steps", "python -c pass", "ninja", "Python floor", "kling-pipe", "÷ ninja", "÷ floor", "over bare start")
    table("no-op run, everything current (whole processes, middle of several)", (*head, "without memory"), rows)


def _row(steps: int, runs: int) -> tuple[str, ...]:
    with tempfile.TemporaryDirectory(prefix="kling-pipe-bench-") as folder:
        paths = _project(folder, steps)
        _ninja(folder, steps)
        _floor_of(folder, paths)
        run = [*kling_pipe(), "run", "bench.yaml", "--simulate"]
        slow = _without_memory(run, folder, runs=1 if steps > 1_000 else 3)
        bare, ninja, floor, ours = median(
            runs,
            lambda: _good(process([sys.executable, "-c", "pass"], folder, environment())),
            lambda: _good(process([_ninja_program or sys.executable, *_ninja_words], folder)),
            lambda: _good(process([sys.executable, "-c", _floor], folder, environment())),
            lambda: _good(process(run, folder, environment())),
        )
        beside = (ms(ninja.wall), f"{ours.wall / ninja.wall:.2f}") if _ninja_program else ("none", "none")
        return (
            f"{steps:,}", ms(bare.wall), beside[0], ms(floor.wall), ms(ours.wall), beside[1],
            f"{ours.wall / floor.wall:.2f}", ms(ours.wall - bare.wall), ms(slow),
        )  # fmt: skip


def _project(folder: str, steps: int) -> list[str]:
    from bench.filled import fill

    path = os.path.join(folder, "bench.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(storyboard(steps))
    return fill(path)


def _without_memory(run: list[str], folder: str, runs: int) -> float:
    """The slow way: every text is parsed, every key computed; it leaves the memory that the fast way reads."""
    walls = []
    for _ in range(runs):
        shutil.rmtree(os.path.join(folder, ".kling-pipe", "current"), ignore_errors=True)
        walls.append(_good(process(run, folder, environment())).wall)
    return sorted(walls)[len(walls) // 2]


def _ninja(folder: str, steps: int) -> None:
    base = os.path.join(folder, "ninja")
    os.makedirs(base)
    names = [f"objects/{number % 256:02x}/object_{number:06d}" for number in range(steps)]
    sources = [names[number - number % 3 : number] for number in range(steps)]
    with open(os.path.join(base, "build.ninja"), "w", encoding="utf-8") as file:
        file.write(ninja_file(list(zip(names, sources, strict=True))))
    if _ninja_program:
        _good(process([_ninja_program], base))


def _floor_of(folder: str, paths: list[str]) -> None:
    import marshal

    with open(os.path.join(folder, "bench.yaml"), "rb") as file:
        text = hashlib.sha256(file.read()).hexdigest()
    database = sqlite3.connect(os.path.join(folder, "floor.db"))
    database.execute("create table plans (text, plan)")
    plan = marshal.dumps([(path, os.stat(path).st_size) for path in paths])
    database.execute("insert into plans values (?, ?)", (text, plan))
    database.commit()
    database.close()


def _good(took: Took) -> Took:
    if took.code:
        raise SystemExit(f"a measured process ended with {took.code}")
    return took


if __name__ == "__main__":
    main()
