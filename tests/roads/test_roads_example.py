"""`pipelines/roads.yaml`: each step by the first of its list that makes it, or by the next where that refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from kling_pipe.api.options import Options
from kling_pipe.api.planning import plan
from kling_pipe.events import RoadChanged
from tests.coverage.reading import root
from tests.roads.test_never_twice import bills, every_road

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
text = (root / "pipelines" / "roads.yaml").read_text("utf-8")


async def test_each_step_goes_the_first_of_its_roads(tmp_path: Path) -> None:
    with every_road(tmp_path) as studio:
        studio.write(text)
        members = plan(str(studio.path), Options(simulate=True)).plan.members
        assert {address: member.profile for address, member in members.items()} == {
            "keeper": "runware", "line": "kling", "speaks": "runware", "storm": "gateway", "surf": "picsart",
        }  # fmt: skip
        ended = await studio.run()
        assert (ended.exit_code, bills(studio)) == (0, ["gateway", "kling", "picsart", "runware", "runware"])


async def test_where_a_gateway_does_not_offer_the_model_kling_takes_over(tmp_path: Path) -> None:
    with every_road(tmp_path, forbidden=("kling-v3-std-silent",)) as studio:
        studio.write(text)
        ended = await studio.run()
        turned = [(one.member, one.profile, one.to) for one in studio.heard if isinstance(one, RoadChanged)]
        assert (ended.exit_code, turned) == (0, [("storm", "gateway", "kling")])
        assert bills(studio) == ["kling", "kling", "picsart", "runware", "runware"]
