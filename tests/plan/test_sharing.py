"""What is made once is priced once, also below what is not made yet."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from kling_pipe.api.options import Options
from kling_pipe.api.planning import plan
from kling_pipe.api.running import StopSwitch, run
from kling_pipe.events import Event, JobIntended
from tests.faults.matrix import build_world, settings_of
from tests.shared_media import shared_world

board = """storyboard: 1
defaults:
  image-to-video: {model: kling-v2-5-turbo}
steps:
  hero: {kind: text-to-image, prompt: a boat, takes: 2}
  twin: {kind: text-to-image, prompt: a boat}
  ride: {kind: image-to-video, image: steps.hero, prompt: pan}
  same: {kind: image-to-video, image: steps.twin, prompt: pan}
  other: {kind: image-to-video, image: "steps.hero.takes[2]", prompt: pan}
"""


@pytest.mark.slow
def test_the_plan_prices_exactly_what_the_run_intends(tmp_path: Path) -> None:
    path = tmp_path / "board.yaml"
    path.write_text(board)
    options = Options(simulate=True)

    planned = plan(str(path), options).plan
    lines = [f"{address} {member.price.cost.usd if member.price else 0}" for address, member in planned.members.items()]

    _, world = build_world(shared_world(), settings_of([]))
    events: list[Event] = []
    ended = asyncio.run(run(str(path), options, events.append, StopSwitch(), world))

    assert lines == ["hero 0.0560", "twin 0.0000", "ride 0.210", "same 0.000", "other 0.210"]
    assert sorted(event.member for event in events if isinstance(event, JobIntended)) == ["hero", "other", "ride"]
    assert (ended.exit_code, ended.spent) == (0, planned.estimate)
