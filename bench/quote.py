"""A cold `quote`: the film on every road there is, as a whole process, beside its `plan` and a bare start."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable

from bench.measure import Took, environment, kling_pipe, median, ms, process, root, table
from kling_pipe.providers.table import table as providers

film = os.path.join(root, "pipelines", "storyboard-film.yaml")


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="bench.quote", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one run")
    runs = 1 if parser.parse_args(words).quick else 7
    with tempfile.TemporaryDirectory(prefix="kling-pipe-bench-") as folder:
        home = environment(KLING_PIPE_HOME=folder)
        contestants = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "kling-pipe validate": [*kling_pipe(), "validate", film],
            "kling-pipe plan": [*kling_pipe(), "plan", film],
            "kling-pipe quote": [*kling_pipe(), "quote", film],
        }
        took = median(runs, *(_run(line, folder, home) for line in contestants.values()))
    floor = took[0].wall
    rows = [
        (name, ms(one.wall), f"{one.wall / floor:.1f}", ms(one.cpu), f"{one.megabytes:.0f} MB")
        for name, one in zip(contestants, took, strict=True)
    ]
    title = f"cold quote of the film on {len(providers)} roads (whole processes, middle of several)"
    table(title, ("what", "time", "÷ a bare start", "processor", "memory"), rows)


def _run(words: list[str], folder: str, home: dict[str, str]) -> Callable[[], Took]:
    def run() -> Took:
        took = process(words, folder, home)
        if took.code != 0:
            raise SystemExit(f"`{words[-2]}` ended with {took.code}")
        return took

    return run


if __name__ == "__main__":
    main()
