"""kling-pipe refuses what the simulated service would refuse, and nothing else but for a reason; what it lets pass is
accepted and billed as it said. The long form is `python -m tests.agreement`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_pipe.values.media import MediaFacts, MediaType
from tests.agreement.cases import Court, Finding, Outcome
from tests.agreement.drafts import Draft, File, Made
from tests.agreement.growing import Stuck
from tests.agreement.reach import points_on
from tests.agreement.road import Road, road_of
from tests.agreement.trial import drawn, sitting, tried
from tests.chances import examples

pytestmark = pytest.mark.slow

picture = File(MediaFacts(MediaType.IMAGE, "png", 1000, 1280, 720))
clip = File(MediaFacts(MediaType.VIDEO, "mp4", 1000, 1280, 720, 6.0, 24.0, has_sound=True))
mute = File(MediaFacts(MediaType.VIDEO, "mp4", 1000, 1280, 720, 6.0, 24.0))
wide = File(MediaFacts(MediaType.VIDEO, "mp4", 1000, 1800, 720, 6.0, 24.0))
minute = File(MediaFacts(MediaType.VIDEO, "mp4", 1000, 1280, 720, 60.0, 24.0))
line = File(MediaFacts(MediaType.AUDIO, "mp3", 1000, seconds=60.04))
thin = File(MediaFacts(MediaType.IMAGE, "png", 1000, 1000, 300))
long = "x" * 2501
point = [{"x": 0.5, "y": 0.4}]
lamp = {"video": File(MediaFacts(MediaType.VIDEO, "mp4", 1000, 1280, 720, 5.0, 24.0)), "edit_mode": "removal",
        "prompt": "less of <<<video_1>>>"}  # fmt: skip
native = road_of("kling")
refused, accepted = Outcome.REFUSED, Outcome.ACCEPTED

# What the two once said different things of.
once: list[tuple[Draft, Outcome]] = [
    (Draft("text-to-image", "kling-v3", {"prompt": "x", "elements": ["mira"]}), refused),
    (Draft("text-to-image", "kling-image-o1", {"prompt": "x", "aspect_ratio": "auto"}), accepted),
    (Draft("text-to-image", "kling-v1", {"prompt": "x", "aspect_ratio": "21:9"}), refused),
    (Draft("text-to-image", "kling-v2-new", {"prompt": "x"}), refused),
    (Draft("virtual-try-on", "", {"human_image": thin, "cloth_image": picture}), accepted),
    (Draft("voice", "", {"name": "x", "video": mute}), refused),
    (Draft("extend-video", "kling-v3-omni", {"video": clip}), accepted),
    (Draft("extend-video", "kling-v3-omni", {"video": wide, "prompt": "x"}), accepted),
    (Draft("extend-video", "kling-v3-omni", {"video": wide, "prompt": long}), refused),
    (Draft("extend-video", "kling-v3-omni", {"video": clip, "prompt": f"shot 2, 3, {long}"}), refused),
    (Draft("extend-video", "kling-video-extend", {"video": Made("older"), "cfg_scale": 0.7}), accepted),
    (Draft("extend-video", "kling-video-extend", {"video": Made("oldest"), "cfg_scale": 0.7}), refused),
    (Draft("extend-video", "kling-video-extend", {"video": Made("mute")}), refused),
    (Draft("omni-video", "kling-video-o1", {"prompt": "x", "elements": [Made("actor")]}), refused),
    (Draft("omni-video", "kling-video-o1", {"prompt": "x", "elements": [Made("anna")]}), accepted),
    (Draft("omni-video", "kling-v3-omni", {"prompt": long, "elements": [Made("actor")] * 3}), accepted),
    (Draft("omni-video", "kling-v3-omni", {"prompt": long, "elements": [Made("actor")] * 3, "video": clip}), refused),
    (Draft("omni-video", "kling-v3-omni", {"prompt": long, "elements": [Made("actor")], "references": [picture] * 5}),
     refused),
    (Draft("text-to-video", "kling-v3-turbo", {"prompt": "shot 1, 3, a kettle; shot 2, 9, steam"}), refused),
    (Draft("edit-elements", "", {**lamp, "selections": [{"frame_index": 119, "points": point}]}), accepted),
    (Draft("edit-elements", "", {**lamp, "selections": [{"frame_index": 120, "points": point}]}), refused),
    (Draft("lip-sync", "", {"video": minute, "audio": line}), accepted),
    (Draft("lip-sync", "", {"video": minute, "audio": line, "sound_start_time": 58.05}), refused),
    (Draft("lip-sync", "", {"video": minute, "audio": line, "sound_end_time": 60.06}), refused),
]  # fmt: skip


class Room:
    """A court on an event loop that lasts from one question to the next."""

    def __init__(self, road: Road) -> None:
        self._runner = asyncio.Runner()
        self._sitting = sitting(road)
        self.court: Court = self._runner.run(self._sitting.__aenter__())

    def finding(self, draft: Draft) -> Finding:
        return self._runner.run(self.court.finding(draft))

    def close(self) -> None:
        self._runner.run(self._sitting.__aexit__(None, None, None))
        self._runner.close()


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    room = Room(native)
    yield room
    room.close()


@pytest.mark.parametrize(("draft", "outcome"), once, ids=lambda value: str(value)[:60])
def test_where_they_once_disagreed(room: Room, draft: Draft, outcome: Outcome) -> None:
    found = room.finding(draft)
    assert (found.outcome, found.about) == (outcome, "")


def test_the_two_sides_agree_on_many_steps() -> None:
    first = len(points_on(native))
    tally = asyncio.run(tried(native, seed=1, numbers=range(first, first + 250)))
    assert [f"{one.finding.about}: {one.draft}" for one in tally.disagreements] == []
    assert {kind for kind, _ in tally.taken} == set(native.catalogue.kinds)


@given(st.randoms(use_true_random=False))
@examples(40)
def test_the_two_sides_agree_on_any_step(room: Room, random: Random) -> None:
    """What hypothesis draws is drawn as in the long form, so that it can make it small."""
    try:
        what, draft = drawn(random, room.court.house)
    except Stuck:
        return
    found = room.finding(draft)
    assert found.outcome is not Outcome.APART, f"{what}: {draft}: {found}"
