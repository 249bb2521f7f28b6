"""`make edits`: hundreds of random storyboards, each written down in many ways and edited again and again."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

from tests.edits.trial import play
from tests.shared_media import settle_in


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.edits", description=__doc__)
    parser.add_argument("--cases", type=int, default=200, help="how many storyboards")
    parser.add_argument("--rounds", type=int, default=4, help="how often each is rewritten and edited")
    parser.add_argument("--seed", type=int, default=0, help="the first storyboard")
    wanted = parser.parse_args()
    began = time.monotonic()
    edits = bought = 0
    with tempfile.TemporaryDirectory() as media:
        settle_in(Path(media))
        for seed in range(wanted.seed, wanted.seed + wanted.cases):
            with tempfile.TemporaryDirectory() as folder:
                trial = asyncio.run(play(Path(folder), seed, wanted.rounds))
            edits += trial.edits
            bought += trial.bought
    told = f"{wanted.cases} storyboards, {edits} edits and as many rewritings, {bought} takes bought"
    print(f"{told} in {time.monotonic() - began:.0f} s: every plan as billed, no rewriting cost anything")


main()
