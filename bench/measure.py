"""Whole processes and what they took: time, processor time, memory; and tables of results."""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


@dataclass(frozen=True, slots=True)
class Took:
    """One process from start to end. Seconds of the wall, of the processor, and its largest resident size."""

    wall: float
    cpu: float
    megabytes: float
    code: int


def process(words: Sequence[str], folder: str, environment: Mapping[str, str] | None = None) -> Took:
    """Runs a process to its end with its output thrown away."""
    began = time.perf_counter()
    quiet = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_WRONLY, 0) for number in (1, 2)]
    before = os.getcwd()
    os.chdir(folder)
    try:
        child = os.posix_spawn(words[0], list(words), dict(environment or os.environ), file_actions=quiet)
    finally:
        os.chdir(before)
    _, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - began
    # What a child is charged with begins at the size of its parent on Linux, so parents here stay small.
    return Took(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status))


def median(runs: int, *contestants: Callable[[], Took]) -> list[Took]:
    """The middle run of each contestant; they take turns, so that a busy moment meets them all."""
    seen: list[list[Took]] = [[] for _ in contestants]
    for contestant in contestants:
        contestant()  # warms the disk's cache
    for _ in range(runs):
        for times, contestant in zip(seen, contestants, strict=True):
            times.append(contestant())
    return [sorted(times, key=lambda took: took.wall)[len(times) // 2] for times in seen]


def middle(values: Sequence[float]) -> float:
    return statistics.median(values)


def largest() -> float:
    """The most megabytes this process ever held; unlike `ru_maxrss` it begins anew when a program is loaded."""
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM"))


def kling_pipe() -> list[str]:
    """The installed command when there is one beside this Python, else the same through `-c`."""
    script = os.path.join(os.path.dirname(sys.executable), "kling-pipe")
    if os.path.exists(script):
        return [script]
    return [sys.executable, "-c", "import sys; from kling_pipe.cli import main; sys.exit(main())"]


def environment(**more: str) -> dict[str, str]:
    """The surroundings of a measured process: this checkout, no colours, no state of the user's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KLING", "PYTHON"))}
    return {**kept, "PYTHONPATH": root, "NO_COLOR": "1", **more}


def ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 10 else f"{seconds:.1f} s"


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Prints a table with columns as wide as their widest cell."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    print(f"\n{title}")
    for row in (head, ["-" * width for width in widths], *rows):
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    sys.stdout.flush()
