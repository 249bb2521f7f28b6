"""A ceiling in units holds nothing of a road that bills in money, so nothing is bought under it there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from kling_pipe.api.options import Options
from kling_pipe.api.planning import plan
from kling_pipe.errors import Refused
from kling_pipe.providers.table import table
from kling_pipe.report.plans import render_plan
from kling_pipe.simulator.server import application
from kling_pipe.values.money import Cap, Cost, blind
from tests.api.small_world import Studio, studio_in

pytestmark = pytest.mark.anyio
money, units, both = Cost(Decimal("0.1")), Cost(units=(("image", Decimal(8)),)), Cost(Decimal(1), (("v", Decimal(2)),))
text = "storyboard: 1\nprovider: PROVIDER\nsteps:\n  boat: {kind: text-to-image, model: kling-v3, prompt: A boat}\n"


@contextmanager
def with_runware(folder: Path, provider: str, budget: str = "", **settings: object) -> Iterator[Studio]:
    """A world in which the native service bills in units and another one in money."""
    with studio_in(folder, **settings) as studio:
        services = [table[name].load_fake()() for name in ("kling", "runware")]
        studio.world = replace(studio.world, app=application(studio.simulation, services))
        studio.write(text.replace("PROVIDER", provider) + budget)
        yield studio


def test_a_cap_in_units_counts_what_has_units_or_is_free() -> None:
    cap, beside = Cap(Decimal(9), "units"), Cap(Decimal(9), "USD")
    assert [cap.counts(cost) for cost in (money, units, both, Cost())] == [False, True, True, True]
    assert (blind((cap,), money), blind((cap, beside), money), blind((cap,), both)) == (cap, None, None)


@pytest.mark.parametrize("scope", ["run", "step", "take"])
async def test_a_budget_in_units_buys_nothing_that_is_billed_in_money(tmp_path: Path, scope: str) -> None:
    with with_runware(tmp_path, "runware", f"budget: {{{scope}: 900 units}}\n") as studio:
        found = plan(str(studio.path), Options(simulate=True)).plan
        assert "not enough" in render_plan(found, "kling-pipe run")
        with pytest.raises(Refused, match=r"billed in money, 0\.028 USD, which the budget of .* does not hold"):
            await studio.run()
        assert studio.bills == 0


async def test_no_other_road_is_taken_past_a_ceiling_that_does_not_hold_there(tmp_path: Path) -> None:
    used_up = {"units": (("image", Decimal(0)),)}
    with with_runware(tmp_path, "[kling, runware]", **used_up) as studio:
        ended = await studio.run(max_cost=Cap.parse("900 units"))
        assert (ended.exit_code, studio.bills) == (3, 0)
        ended = await studio.run(max_cost=Cap.parse("1 USD"))
        assert (ended.exit_code, studio.bills) == (0, 1)
