"""`python -m bench`: everything in sequence, a few minutes; `--quick` shows in half a minute that it all still runs."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time

from bench.measure import root

_all = ("startup", "noop", "validate", "quote", "makespan", "inflight", "callbacks", "bundling", "download")


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small forms of all")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {' '.join(_all)}")
    asked = parser.parse_args(words)
    unknown = [name for name in asked.names if name not in _all]
    if unknown:
        parser.error(f"there is no `{unknown[0]}`")
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    began = time.monotonic()
    for name in asked.names or _all:
        # A process each: what a child is said to hold on Linux begins at what its parent held.
        small = ["--quick"] if asked.quick else []
        subprocess.run([sys.executable, "-m", f"bench.{name}", *small], cwd=root, check=True)
    print(f"\n{time.monotonic() - began:.0f} s in all; ratios can be compared between machines, seconds cannot")


if __name__ == "__main__":
    main()
