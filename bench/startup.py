"""How long the command takes to say its version and its help, beside an interpreter that does nothing."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile

from bench.measure import environment, kling_pipe, median, ms, process, root, table

_mains = {
    "python -c pass": ["-c", "pass"],
    "python -c 'import click'": ["-c", "import click"],
}


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="bench.startup", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one run")
    quick = parser.parse_args(words).quick
    with tempfile.TemporaryDirectory(prefix="kling-pipe-bench-") as folder:
        script = _script(folder)
        contestants = {
            **{name: [sys.executable, *words] for name, words in _mains.items()},
            "kling-pipe --version": [*script, "--version"],
            "kling-pipe --help": [*script, "--help"],
            "kling-pipe run --help": [*script, "run", "--help"],
        }
        took = median(
            1 if quick else 25,
            *(lambda words=words: process(words, folder, environment()) for words in contestants.values()),
        )
    bare = took[0].wall
    rows = [
        (name, ms(one.wall), f"{one.wall / bare:.2f}", f"{one.megabytes:.0f} MB")
        for name, one in zip(contestants, took, strict=True)
    ]
    table("start-up (whole processes, middle of several)", ("what", "time", "÷ bare", "memory"), rows)
    _slowest_imports()


def _script(folder: str) -> list[str]:
    """What an installer writes for the console entry, when this Python has no installed command."""
    words = kling_pipe()
    if len(words) == 1:
        return words
    path = os.path.join(folder, "kling-pipe")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"#!{sys.executable}\nimport sys\nfrom kling_pipe.cli import main\nsys.exit(main())\n")
    os.chmod(path, 0o755)
    return [path]


def _slowest_imports() -> None:
    words = [sys.executable, "-X", "importtime", *kling_pipe()[1:], "--help"]
    if len(kling_pipe()) == 1:
        words = [sys.executable, "-X", "importtime", *kling_pipe(), "--help"]
    told = subprocess.run(words, cwd=root, env=environment(), capture_output=True, text=True, check=False).stderr
    lines = [line.removeprefix("import time:").split("|") for line in told.splitlines() if line.count("|") == 2]
    times = [(int(own), name.strip()) for own, _, name in lines if own.strip().isdecimal()]
    rows = [(name, f"{own / 1000:.1f} ms") for own, name in sorted(times, reverse=True)[:8]]
    table("what --help imports, the slowest by their own time", ("module", "own time"), rows)


if __name__ == "__main__":
    main()
