"""`python -m tests.faults`: plays every fault at 10 % over both storyboards and writes `docs/faults.md`."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from kling_pipe.simulator.faults import Fault
from tests.crash.boards import Board, grand_tour, thirty_steps
from tests.faults.matrix import Outcome, all_faults, final_faults, mild_faults, play, what_happens

page = Path(__file__).parents[2] / "docs" / "faults.md"
seeds = (1, 2, 3)

head = """# Faults and what becomes of them

The simulator can strike a client with each of these faults, by probability or by schedule \
(`kling-pipe simulator --help`).
The tables are written by `python -m tests.faults`: each fault at 10 % of the requests it can strike; \
`unauthorized-once` strikes its one time.
The tests play a shorter form of every row.

A fault that is not final costs time and nothing else: every job is billed once, every deliverable is there, \
exit code 0.
A final fault ends the steps it strikes with the service's own words and blocks what is below them; exit code 1, \
everything else is made.

## Sixty steps

Pictures, clips that begin with them, motion control; twenty deliverables.

| fault | what kling-pipe does | struck | exit | made of 60 | deliverables of 20 | billed twice |
|---|---|---|---|---|---|---|
"""

tour_head = """
## The grand tour

`pipelines/grand-tour.yaml`: every kind of step once, seventeen deliverables, each row played three times with other \
dice; the figures are sums.
Five of its requests carry no id of ours: speech, segment, and those that a lip-sync and an edit make first.
Nobody can ask what became of one whose answer was lost, so it is never sent again by itself: the run makes \
everything else and ends with exit code 5, naming the step and the command that settles it.
Here a user then looks at the bills: a sound that was made is adopted by its task's id, anything else is sent again, \
and the same command makes the rest.
A call that was made and is sent again all the same counts as repeated: that was somebody's word, with open eyes.
Nothing else is ever billed twice.

| fault | struck | doubts settled | calls repeated | exit | made of 66 | deliverables of 51 | billed twice |
|---|---|---|---|---|---|---|---|
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text = head
        for label, told, faults in _rows():
            (outcome,) = _played(folder, thirty_steps(20), faults, seeds[:1])
            text += _said(f"| {label} | {told} | {outcome.struck} | {outcome.exit_code} | {outcome.done} |"
                          f" {outcome.delivered} | {outcome.billed_twice} |")  # fmt: skip
        text += tour_head
        for label, _, faults in _rows():
            outcomes = _played(folder, grand_tour(), faults, seeds)
            text += _said(f"| {label} | {_tour_figures(outcomes)} |")
    page.write_text(text, encoding="utf-8")


def _rows() -> list[tuple[str, str, Sequence[str]]]:
    rows: list[tuple[str, str, Sequence[str]]] = [
        (f"`{fault}`", what_happens[fault], [_rule(fault)]) for fault in Fault
    ]
    rows.append(("all that are not final, together", "all of the above", mild_faults))
    rows.append(("all, together", "all of the above; named steps failed", all_faults))
    return rows


def _rule(fault: Fault) -> str:
    return f"{fault}=#3" if fault is Fault.UNAUTHORIZED_ONCE else f"{fault}=0.1"


def _played(folder: Path, board: Board, faults: Sequence[str], seeds: Sequence[int]) -> list[Outcome]:
    outcomes = [play(folder / "project", folder / "media", board, faults, seed) for seed in seeds]
    is_final = any(rule.startswith(tuple(final_faults)) for rule in faults)
    for outcome in outcomes:
        assert outcome.billed_twice == 0
        assert outcome.exit_code in ((0, 1) if is_final else (0,))
        assert is_final or outcome.delivered == len(board.deliveries)
    return outcomes


def _tour_figures(outcomes: Sequence[Outcome]) -> str:
    figures = (
        sum(outcome.struck for outcome in outcomes),
        sum(len(outcome.doubts) for outcome in outcomes),
        sum(outcome.repeated for outcome in outcomes),
        ", ".join(sorted({str(outcome.exit_code) for outcome in outcomes})),
        sum(outcome.done for outcome in outcomes),
        sum(outcome.delivered for outcome in outcomes),
        sum(outcome.billed_twice for outcome in outcomes),
    )
    return " | ".join(map(str, figures))


def _said(row: str) -> str:
    print(row, flush=True)
    return f"{row}\n"


if __name__ == "__main__":
    main()
