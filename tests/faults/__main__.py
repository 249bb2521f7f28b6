"""`python -m tests.faults`: plays every fault at 10 % over sixty steps and writes the table in `docs/faults.md`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from kling_pipe.simulator.faults import Fault
from tests.crash.boards import thirty_steps
from tests.faults.matrix import Outcome, all_faults, mild_faults, play, what_happens

page = Path(__file__).parents[2] / "docs" / "faults.md"

head = """# Faults and what becomes of them

The simulator can strike a client with each of these faults, by probability or by schedule \
(`kling-pipe simulator --help`).
The table is written by `python -m tests.faults`: sixty steps (pictures, clips that begin with them, motion control), \
twenty deliverables, each fault at 10 % of the requests it can strike; `unauthorized-once` strikes its one time.
The tests play a shorter form of every row.

A fault that is not final costs time and nothing else: every job is billed once, every deliverable is there, \
exit code 0.
A final fault ends the steps it strikes with the service's own words and blocks what is below them; exit code 1, \
everything else is made.

| fault | what kling-pipe does | struck | exit | made of 60 | deliverables of 20 | billed twice |
|---|---|---|---|---|---|---|
"""


def main() -> None:
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text = thirty_steps(20).text
        for fault in Fault:
            outcome = play(folder / "project", folder / "media", text, [_rule(fault)])
            rows.append(_row(f"`{fault}`", what_happens[fault], outcome))
            print(rows[-1], flush=True)
        for label, faults in (("all that are not final, together", mild_faults), ("all, together", all_faults)):
            outcome = play(folder / "project", folder / "media", text, faults)
            told = "all of the above" if faults is mild_faults else "all of the above; named steps failed"
            rows.append(_row(label, told, outcome))
            print(rows[-1], flush=True)
    page.write_text(head + "\n".join(rows) + "\n", encoding="utf-8")


def _rule(fault: Fault) -> str:
    return f"{fault}=#3" if fault is Fault.UNAUTHORIZED_ONCE else f"{fault}=0.1"


def _row(label: str, told: str, outcome: Outcome) -> str:
    assert outcome.billed_twice == 0
    assert outcome.exit_code in (0, 1)
    return (
        f"| {label} | {told} | {outcome.struck} | {outcome.exit_code} | {outcome.done} | {outcome.delivered} |"
        f" {outcome.billed_twice} |"
    )


if __name__ == "__main__":
    main()
