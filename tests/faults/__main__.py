"""`python -m tests.faults`: plays every fault at 10 % over sixty steps on every road and over the grand tour, and
writes `docs/faults.md`; with the names of sections it writes those anew."""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from kling_pipe.simulator.faults import Fault
from tests.crash.boards import Board, grand_tour, thirty_steps
from tests.faults.matrix import Outcome, all_faults, final_faults, mild_faults, play, what_happens_on

page = Path(__file__).parents[2] / "docs" / "faults.md"
seeds = (1, 2, 3)

head = """# Faults and what becomes of them

The simulator can strike a client with each of these faults, by probability or by schedule \
(`kling-pipe simulator --help`).
The tables are written by `python -m tests.faults`: each fault at 10 % of the requests it can strike; \
`unauthorized-once` strikes its one time.
The tests play a shorter form of every row.

Where tasks carry an id of ours, on Kling's own road and on Runware, a fault that is not final costs time and nothing \
else: every job is billed once, every deliverable is there, exit code 0.
A gateway and Picsart know no such id: nobody can ask what became of a create whose answer was lost.
Such a job is *uncertain* and never sent again by itself: the run makes everything else and ends with exit code 5, \
naming the step and the command that settles it.
Here a user then looks into the service's console, adopts the task that is there or gives it up by `--resubmit` or \
`--drop`, and the same command makes the rest; *repeated* counts what was paid for and made again by that word.
A final fault ends the steps it strikes with the service's own words and blocks what is below them; exit code 1, \
everything else is made.
"""

sixty = "\nPictures, clips that begin with them, {third}; twenty deliverables.\n"
figures = "| fault | what kling-pipe does | struck |{doubts} exit | made of 60 | deliverables of 20 | billed twice |\n"
doubts = " doubts settled | repeated |"
dances, cuts = "motion control", "clips that begin with the last frame of those"

tour_words = """
`pipelines/grand-tour.yaml`: every kind of step once, seventeen deliverables, each row played three times with other \
dice; the figures are sums.
Five of its requests carry no id of ours: speech, segment, and those that a lip-sync and an edit make first.
A doubt about one of them is settled as above: a sound that was made is adopted by its task's id, anything else is \
sent again.
Nothing else is ever billed twice.

| fault | struck | doubts settled | calls repeated | exit | made of 66 | deliverables of 51 | billed twice |
|---|---|---|---|---|---|---|---|
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("section", nargs="*", choices=[*sections, []], help="those that are written anew; all")
    wanted = parser.parse_args().section or list(sections)
    old = re.split(r"^## ", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found = {text.partition("\n")[0]: text for text in old[1:]}
    with tempfile.TemporaryDirectory() as name:
        for section in wanted:
            title, write = sections[section]
            found[title] = f"{title}\n{write(Path(name))}\n"
            parts = [f"## {found[title].rstrip()}\n" for title, _ in sections.values() if title in found]
            page.write_text("\n".join([head, *parts]), encoding="utf-8")


def _sixty_steps(road: str, third: str, folder: Path) -> str:
    board = thirty_steps(20, road)
    text = sixty.format(third=third) + "\n" + figures.format(doubts=doubts if board.anonymous else "")
    text += "|---" * (9 if board.anonymous else 7) + "|\n"
    _played(folder, board, [], seeds[:1])  # makes the media, so that no row waits for them
    for label, told, faults in _rows(road):
        (outcome,) = _played(folder, board, faults, seeds[:1])
        settled = f" {len(outcome.doubts)} | {outcome.repeated} |" if board.anonymous else ""
        text += _said(f"| {label} | {told} | {outcome.struck} |{settled} {outcome.exit_code} | {outcome.done} |"
                      f" {outcome.delivered} | {outcome.billed_twice} |")  # fmt: skip
    return text


def _tour(folder: Path) -> str:
    text = tour_words
    for label, _, faults in _rows("kling"):
        outcomes = _played(folder, grand_tour(), faults, seeds)
        text += _said(f"| {label} | {_tour_figures(outcomes)} |")
    return text


sections: Mapping[str, tuple[str, Callable[[Path], str]]] = {
    "kling": ("Sixty steps", partial(_sixty_steps, "kling", dances)),
    "runware": ("Sixty steps on Runware", partial(_sixty_steps, "runware", dances)),
    "gateway": ("Sixty steps on a gateway", partial(_sixty_steps, "gateway", cuts)),
    "picsart": ("Sixty steps on Picsart", partial(_sixty_steps, "picsart", dances)),
    "tour": ("The grand tour", _tour),
}


def _rows(road: str) -> list[tuple[str, str, Sequence[str]]]:
    told = what_happens_on(road)
    rows: list[tuple[str, str, Sequence[str]]] = [(f"`{fault}`", told[fault], [_rule(fault)]) for fault in Fault]
    rows.append(("all that are not final, together", "all of the above", mild_faults))
    rows.append(("all, together", "all of the above; named steps failed", all_faults))
    return rows


def _rule(fault: Fault) -> str:
    return f"{fault}=#3" if fault is Fault.UNAUTHORIZED_ONCE else f"{fault}=0.1"


def _played(folder: Path, board: Board, faults: Sequence[str], seeds: Sequence[int]) -> list[Outcome]:
    outcomes = [play(folder / "project", folder / "media", board, faults, seed) for seed in seeds]
    is_final = any(rule.startswith(tuple(final_faults)) for rule in faults)
    for outcome in outcomes if faults else ():
        assert outcome.billed_twice == 0, (faults, outcome)
        assert outcome.exit_code in ((0, 1) if is_final else (0,)), (faults, outcome)
        assert is_final or outcome.delivered == len(board.deliveries), (faults, outcome)
    return outcomes


def _tour_figures(outcomes: Sequence[Outcome]) -> str:
    found = (
        sum(outcome.struck for outcome in outcomes),
        sum(len(outcome.doubts) for outcome in outcomes),
        sum(outcome.repeated for outcome in outcomes),
        ", ".join(sorted({str(outcome.exit_code) for outcome in outcomes})),
        sum(outcome.done for outcome in outcomes),
        sum(outcome.delivered for outcome in outcomes),
        sum(outcome.billed_twice for outcome in outcomes),
    )
    return " | ".join(map(str, found))


def _said(row: str) -> str:
    print(row, flush=True)
    return f"{row}\n"


if __name__ == "__main__":
    main()
