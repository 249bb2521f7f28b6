"""`make crash`: hundreds of disturbed runs over thirty steps, or over every kind of step."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.crash.boards import Board, all_roads, boards, by_executable, thirty_steps
from tests.crash.harness import simulator
from tests.crash.rounds import play, rounds, rounds_of, undisturbed


def board_of(name: str, chains: int | None) -> Board:
    if chains is None or name == "grand-tour":
        return boards[name]()
    roads = {"thirty-steps": (), "mixed": all_roads}.get(name, (name,))
    return by_executable(chains) if name == "executable" else thirty_steps(chains, *roads)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--board", choices=sorted(boards), default="thirty-steps", help="what is run")
    parser.add_argument("--provider", dest="board", choices=all_roads[1:], help="the thirty steps on this road")
    parser.add_argument("--chains", type=int, help="so many chains of three steps in place of ten")
    parser.add_argument("--rounds", type=int, default=200, help="how many runs are killed at random instants")
    parser.add_argument("--others", type=int, default=40, help="how many rounds of each other sort")
    parser.add_argument("--first", type=int, default=0, help="the number of the first round of each sort")
    parser.add_argument("--speed", type=float, default=200.0, help="simulated seconds in a real one")
    parser.add_argument("--only", choices=sorted(rounds), help="one sort of disturbance")
    wanted = parser.parse_args()
    began = time.monotonic()
    total, failures = 0, 0
    with tempfile.TemporaryDirectory() as name, simulator(Path(name)) as world:
        folder, board = Path(name) / "project", board_of(wanted.board, wanted.chains)
        expected, seconds = undisturbed(folder, world, board, wanted.speed)
        bills = sum(expected.bills.values())
        print(f"undisturbed: {bills} bills, {expected.recorded} artifacts, {seconds:.1f} s", flush=True)
        for sort in rounds_of(board):
            if sort != (wanted.only or sort):
                continue
            count = wanted.rounds if sort == "random" else wanted.others
            for number in range(wanted.first, wanted.first + count):
                try:
                    done = play(sort, number, folder, world, board, wanted.speed, expected, seconds)
                    print(f"{sort:7} {number:4}  {done}; end state equal", flush=True)
                except AssertionError as error:
                    failures += 1
                    print(f"FAILED  {error}", flush=True)
                total += 1
    if failures:
        sys.exit(f"{failures} of {total} rounds ended otherwise")
    found = "every job with an id billed once, nothing damaged, nothing lost"
    print(f"{total} rounds in {time.monotonic() - began:.0f} s: {found}")


if __name__ == "__main__":
    main()
