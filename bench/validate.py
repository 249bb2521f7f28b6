"""A cold `validate`: every text read, every step checked against its schema, its wiring and its model."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile

from bench.boards import storyboard, varied
from bench.measure import Took, environment, kling_pipe, median, ms, process, table

_events = """
import sys, yaml
for event in yaml.parse(open(sys.argv[1], encoding="utf-8").read(), Loader=yaml.CSafeLoader): pass
"""
_safe = """
import sys, yaml
yaml.load(open(sys.argv[1], encoding="utf-8").read(), Loader=yaml.CSafeLoader)
"""


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="bench.validate", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="300 steps only, one run")
    quick = parser.parse_args(words).quick
    rows = [row for steps in ((300,) if quick else (300, 10_000)) for row in _rows(steps, 1 if quick else 7)]
    head = ("steps", "what", "time", "÷ libyaml's events", "processor", "memory")
    table("cold validate (whole processes, middle of several)", head, rows)


def _rows(steps: int, runs: int) -> list[tuple[str, ...]]:
    with tempfile.TemporaryDirectory(prefix="kling-pipe-bench-") as folder:
        good, bad, axes = (os.path.join(folder, name) for name in ("bench.yaml", "bad.yaml", "axes.yaml"))
        text = storyboard(steps)
        with open(good, "w", encoding="utf-8") as file:
            file.write(text)
        with open(bad, "w", encoding="utf-8") as file:
            file.write(_spoiled(text))
        with open(axes, "w", encoding="utf-8") as file:
            file.write(varied(100, steps // 100, mistakes=50) if steps >= 400 else varied(6, steps // 6, mistakes=3))
        contestants = {
            "libyaml's events, thrown away": lambda: _ended(0, [sys.executable, "-c", _events, good], folder),
            "yaml.load with CSafeLoader, no checks": lambda: _ended(0, [sys.executable, "-c", _safe, good], folder),
            "kling-pipe validate": lambda: _ended(0, [*kling_pipe(), "validate", good], folder),
            "the same with a problem in every 100th step": lambda: _ended(2, [*kling_pipe(), "validate", bad], folder),
            "as many members of 100 steps, 50 mistakes": lambda: _ended(2, [*kling_pipe(), "validate", axes], folder),
        }
        took = median(runs, *contestants.values())
    floor = took[0].wall
    return [
        (f"{steps:,}", name, ms(one.wall), f"{one.wall / floor:.2f}", ms(one.cpu), f"{one.megabytes:.0f} MB")
        for name, one in zip(contestants, took, strict=True)
    ]


def _spoiled(text: str) -> str:
    """Every hundredth prompt is misspelt, as one search-and-replace would do it."""
    parts = text.split("    prompt:")
    return parts[0] + "".join(
        ("    promt:" if number % 100 == 0 else "    prompt:") + part for number, part in enumerate(parts[1:])
    )


def _ended(code: int, words: list[str], folder: str) -> Took:
    took = process(words, folder, environment())
    if took.code != code:
        raise SystemExit(f"`{words[-1]}` ended with {took.code}")
    return took


if __name__ == "__main__":
    main()
