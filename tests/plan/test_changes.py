"""`plan` says what changed since a step was made."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from kling_pipe.api.options import Options
from kling_pipe.api.planning import plan
from kling_pipe.api.running import StopSwitch, run
from tests.faults.matrix import build_world, settings_of
from tests.shared_media import shared_world

board = """storyboard: 1
steps:
  hero: {{kind: text-to-image, prompt: {prompt}}}
  ride: {{kind: image-to-video, image: steps.hero, model: {model}, prompt: pan, duration: {duration}}}
"""


@pytest.mark.slow
def test_a_plan_names_the_parts_that_changed(tmp_path: Path) -> None:
    path = tmp_path / "board.yaml"
    options = Options(simulate=True)
    _, world = build_world(shared_world(), settings_of([]))

    def reasons(prompt: str, model: str, duration: int) -> dict[str, str]:
        path.write_text(board.format(prompt=prompt, model=model, duration=duration))
        return {address: member.reason for address, member in plan(str(path), options).plan.members.items()}

    assert reasons("a boat", "kling-v3", 5) == {"hero": "not made yet", "ride": "waits for `hero`"}
    asyncio.run(run(str(path), options, lambda _: None, StopSwitch(), world))

    (made,) = {path.read_text().partition("date: ")[2][:10] for path in tmp_path.glob("*.lock.yaml")}
    assert reasons("a boat", "kling-v3", 10)["ride"] == f"`duration` changed since it was made on {made}"
    assert reasons("a boat", "kling-v2-6", 5)["ride"] == f"`model` changed since it was made on {made}"
    assert reasons("a ship", "kling-v3", 5) == {
        "hero": f"`prompt` changed since it was made on {made}",
        "ride": "waits for `hero`",
    }
