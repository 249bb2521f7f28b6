"""A step that is refused costs no request: a run of it ends before anything is sent, whichever road it would take."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from kling_pipe.errors import Failure
from kling_pipe.providers.kling.fake import KlingFake
from kling_pipe.simulator.server import application
from tests.agreement.drafts import Draft, sources, storyboard
from tests.agreement.house import House
from tests.agreement.road import road_of
from tests.agreement.trial import drawn, good
from tests.api.small_world import Studio, studio_in

pytestmark = [pytest.mark.slow, pytest.mark.anyio]
_asked = 8  # refused steps of each road


@pytest.mark.parametrize("name", ["runware", "gateway", "picsart"])
async def test_a_refused_step_sends_nothing(name: str, tmp_path: Path) -> None:
    house = House(replace(road_of(name), made={}), {}, {})
    with studio_in(tmp_path) as studio:
        sent = _counted(studio, house)
        for draft in _refused(house):
            studio.write(json.dumps({**json.loads(storyboard(draft, {})), "provider": name}))
            with pytest.raises(Failure):
                await studio.run()
        assert (sent, studio.bills) == ([], 0)
        studio.write(_good(name))
        await studio.run()
        assert sent
        assert studio.bills == 1


def _refused(house: House) -> Iterator[Draft]:
    """Drafts without files, each with something wrong in it."""
    found = 0
    for number in range(2000):
        what, draft = drawn(Random(f"refused/{number}"), house)
        if what != good and not sources(draft) and house.opinion(draft).errors:
            yield draft
            found += 1
        if found == _asked:
            return


def _counted(studio: Studio, house: House) -> list[str]:
    """The requests that reach the services, from then on."""
    served, sent = application(studio.simulation, [KlingFake(), house.road.fake()]), list[str]()

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        sent.append(str(scope.get("path")))
        await served(scope, receive, send)

    studio.world = replace(studio.world, app=app)
    return sent


def _good(name: str) -> str:
    step = {"kind": "text-to-image", "prompt": "a kettle", "model": "kling-v3-omni"}
    return json.dumps({"storyboard": 1, "name": "case", "provider": name, "steps": {"case": step}})
