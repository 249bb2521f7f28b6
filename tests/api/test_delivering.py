"""A deliverable has the form its name asks for; what was paid for stays as it came."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from kling_pipe.api.options import Options
from kling_pipe.api.running import StopSwitch, run
from kling_pipe.api.status import status
from kling_pipe.edge.media import probe
from kling_pipe.events import Event, Notice
from tests.faults.matrix import build_world, settings_of

board = """storyboard: 1
steps:
  hero: {kind: text-to-image, prompt: a boat, aspect_ratio: "1:1"}
  ride: {kind: image-to-video, image: steps.hero, model: kling-v2-5-turbo, prompt: pan}
deliver:
  out/hero.png: steps.hero
  out/hero.jpg: steps.hero
  out/hero.webp: steps.hero
  out/last.jpeg: steps.ride.last_frame
  out/ride.mov: steps.ride
"""


@pytest.mark.slow
def test_pictures_are_written_in_the_form_their_name_asks_for(tmp_path: Path) -> None:
    path = tmp_path / "board.yaml"
    path.write_text(board)
    options = Options(simulate=True)
    _, world = build_world(tmp_path / "media", settings_of([]))
    events: list[Event] = []

    ended = asyncio.run(run(str(path), options, events.append, StopSwitch(), world))

    assert ended.exit_code == 0
    facts = {file.name: probe(str(file)) for file in sorted((tmp_path / "out").iterdir())}
    assert {name: found.format for name, found in facts.items()} == {
        "hero.jpg": "jpeg", "hero.png": "png", "hero.webp": "webp", "last.jpeg": "jpeg", "ride.mov": "mp4",
    }  # fmt: skip
    assert len({(found.width, found.height) for name, found in facts.items() if name.startswith("hero")}) == 1
    assert [event.text for event in events if isinstance(event, Notice)] == [
        "`out/ride.mov` holds mp4 data, as the provider made it"
    ]
    assert {state for _, state in status(str(path), options).deliveries} == {"current"}


@pytest.mark.slow
def test_a_deliverable_that_a_step_made_no_file_for_is_named_and_the_run_has_not_done_everything(
    tmp_path: Path,
) -> None:
    path = tmp_path / "board.yaml"
    path.write_text("""storyboard: 1
steps:
  hero: {kind: text-to-image, prompt: a boat, aspect_ratio: "16:9"}
  masks: {kind: segment, image: steps.hero}
deliver:
  out/head.png: steps.masks.images[2]
  out/clothes.png: steps.masks.images[4]
""")
    _, world = build_world(tmp_path / "media", settings_of([]))
    events: list[Event] = []

    ended = asyncio.run(run(str(path), Options(simulate=True), events.append, StopSwitch(), world))

    assert (ended.exit_code, ended.done, [file.name for file in (tmp_path / "out").iterdir()]) == (1, 2, ["head.png"])
    assert [event.text for event in events if isinstance(event, Notice)] == [
        "`out/clothes.png` is not there, because `masks` made no such file: 3 came"
    ]
