"""`plan` says what changed since a step was made."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from kling_pipe.api.options import Options
from kling_pipe.api.planning import plan
from kling_pipe.api.running import StopSwitch, run
from kling_pipe.plan.changes import bare_parts, changed_parts, compared, parts_in, top_name
from kling_pipe.plan.jobs import materials_of, recipe_of
from tests.faults.matrix import build_world, settings_of
from tests.plan.test_planning import Past
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


shapes = [
    "{kind: image-to-video, model: kling-v3, image: ./a.png, prompt: It sails}",
    "{kind: image-to-video, model: kling-v3, image: ./a.png, prompt: It sails, duration: 10, sound: true}",
    "{kind: image-to-video, model: kling-v3, image: ./a.png, prompt: It sails, extra: {seed: 7, deep: {a: [1, 2]}}}",
    "{kind: image-to-video, model: kling-v2-6, image: ./a.png, image_tail: ./b.png, prompt: It sails, mode: pro}",
    "{kind: text-to-video, model: kling-v3, shots: [{prompt: a, duration: 3}, {prompt: b, duration: 3}]}",
    "{kind: text-to-video, model: kling-v3, shots: [{prompt: a, duration: 3}, {prompt: c, duration: 4}]}",
    "{kind: text-to-video, model: kling-v3, prompt: It sails}",
    "{kind: text-to-video, model: kling-v3, prompt: 'e\u0301toile', extra: {seed: 1}}",
    "{kind: text-to-video, model: kling-v3, prompt: '\u00e9toile', extra: {seed: true}}",
]


def test_the_short_way_to_what_changed_agrees_with_the_long_one() -> None:
    planned = [Past().plan(f"steps: {{it: {shape}}}\n").plan.members["it"] for shape in shapes]
    found = set()
    for one in planned:
        explanation = recipe_of(one, materials_of(one)).explanation()
        for other in planned:
            parts = [part for part in compared(bare_parts(other), parts_in(explanation)) if part.is_changed]
            names = tuple(sorted({top_name(part) for part in parts}))
            assert changed_parts(other, explanation) == names
            found.add(names)
    assert {(), ("duration", "sound"), ("extra",), ("duration", "shots")} <= found


@pytest.mark.parametrize("text", ["", "{", "[]", '{"kind": 1}', '{"parameters": []}'])
def test_what_is_unreadable_tells_nothing(text: str) -> None:
    assert changed_parts(Past().plan(f"steps: {{it: {shapes[0]}}}\n").plan.members["it"], text) == ()
