"""No budget of a run, a step or a take is ever passed, as the simulated service itself counts what it charged."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest

from kling_pipe.api.planning import opened_state
from kling_pipe.api.running import StopSwitch
from kling_pipe.errors import Refused
from kling_pipe.events import Event
from kling_pipe.simulator.faults import FaultRule
from kling_pipe.values.money import Cap
from tests.api.small_world import Studio, studio_in

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
story = """\
storyboard: 1
name: boats
budget: BUDGET
defaults:
  text-to-image: {model: kling-v3, retries: 3}
  image-to-image: {model: kling-v3, retries: 2}
steps:
  boat: {kind: text-to-image, prompt: A small boat on a calm sea, takes: 3}
  twin: {kind: text-to-image, prompt: A small boat on a calm sea, takes: 4}
  night: {kind: image-to-image, image: steps.boat, prompt: The same boat at night, takes: 2}
  shore: {kind: image-to-image, image: "steps.boat.takes[2]", prompt: The shore}
"""
faults = tuple(FaultRule.parse(text) for text in ("failed-late=0.3", "lost-after=create:0.2", "moderated-late=0.2"))
unit = 8  # of each picture
everything = 7 * unit  # two steps share three takes


def charged(studio: Studio) -> Counter[str]:
    """Units by the id of their task."""
    return Counter({str(bill["external_id"]): int(Decimal(str(bill["charged"]))) for bill in studio.simulation.bills()})


def by_step_and_take(studio: Studio, spent: Counter[str]) -> tuple[Counter[str], Counter[tuple[str, int]]]:
    """The same by the member that asked, and by recipe and take."""
    steps, takes = Counter[str](), Counter[tuple[str, int]]()
    with opened_state(str(studio.home), only_reads=True) as (ledger, _):
        for row in ledger.all_jobs():
            steps[row.member] += spent[row.external_id]
            for take in row.takes:
                takes[row.recipe, take] += spent[row.external_id] // len(row.takes)
    return steps, takes


@pytest.mark.parametrize("seed", range(4))
async def test_what_each_run_is_charged_stays_under_every_budget(seed: int, tmp_path: Path) -> None:
    """Tasks fail, answers are lost, runs are stopped and go on, budgets are in units or in money and change."""
    chance = random.Random(seed)
    with studio_in(tmp_path, faults=faults, seed=seed) as studio:
        for number in range(3):
            run, step, take = (chance.randint(least, most) * unit for least, most in ((4, 8), (2, 4), (1, 2)))
            if number == 2:
                run, step, take = everything, 3 * unit, unit  # exactly what there is
            words = [f"{amount} units" if chance.random() < 0.5 else f"{amount * 35 / 10000} USD"
                     for amount in (run, step, take)]  # fmt: skip
            studio.write(story.replace("BUDGET", "{run: %s, step: %s, take: %s}" % tuple(words)))  # noqa: UP031  # braces
            before, stop = charged(studio), StopSwitch()

            def listen(event: Event, stop: StopSwitch = stop) -> None:
                if event.name == "submitted" and chance.random() < 0.2:
                    stop.stop()

            studio.on_event = listen
            most = Cap(Decimal(chance.randint(7, 9) * unit), "units")
            with suppress(Refused):
                await studio.run(stop=stop, max_cost=most)
            spent = charged(studio) - before
            steps, takes = by_step_and_take(studio, spent)
            assert spent.total() <= min(run, most.amount)
            assert max(steps.values(), default=0) <= step
            assert max(takes.values(), default=0) <= take
        assert 0 < charged(studio).total() <= everything
