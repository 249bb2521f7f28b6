"""What holds on Kling's own road holds on every other: a refusal here is one there or has a reason; what passes is
taken, billed as it was said, and comes out as expected. The long form: `python -m tests.agreement --provider NAME`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from kling_pipe.values.media import MediaFacts, MediaType
from tests.agreement.cases import Outcome
from tests.agreement.drafts import Draft, File
from tests.agreement.reach import points_on
from tests.agreement.road import executable, road_of
from tests.agreement.trial import sitting, tried

pytestmark = pytest.mark.slow

roads = pytest.mark.parametrize(
    ("name", "transport"), [("runware", ""), ("gateway", ""), ("picsart", ""), ("picsart", executable)],
    ids=lambda value: value or "http",
)  # fmt: skip


picture = File(MediaFacts(MediaType.IMAGE, "png", 1000, 1600, 900))
square = File(MediaFacts(MediaType.IMAGE, "png", 1000, 1000, 1000))
banner = File(MediaFacts(MediaType.IMAGE, "png", 1000, 4730, 1892), by_url=False)
tall = File(MediaFacts(MediaType.VIDEO, "mp4", 1000, 799, 2160, 5.0, 24.0))
dance = File(MediaFacts(MediaType.VIDEO, "mp4", 1000, 1280, 720, 30.0, 24.0))
moved = {"image": picture, "video": dance, "character_orientation": "video"}
refused, accepted, stricter = Outcome.REFUSED, Outcome.ACCEPTED, Outcome.STRICTER

# What the two once said different things of.
once: Mapping[str, Sequence[tuple[Draft, Outcome]]] = {
    "runware": [
        (Draft("image-to-video", "kling-v1-5", {"image": picture}), accepted),
        (Draft("image-to-video", "kling-v2-1", {"image": square, "mode": "pro"}), accepted),
        (Draft("image-to-video", "kling-v3", {"image": picture}), refused),
        (Draft("image-to-video", "kling-v3", {"image": banner, "prompt": "a kettle"}), accepted),
        (Draft("image-to-video", "kling-v2-5-turbo", {"image": picture, "prompt": "steam", "resolution": "1080p"}),
         stricter),
        (Draft("image-to-video", "kling-v2-5-turbo", {"image": square, "prompt": "steam", "mode": "pro"}), accepted),
        (Draft("image-to-video", "kling-v3-turbo", {"image": picture, "prompt": "steam"}), accepted),
        (Draft("text-to-video", "kling-v3", {"shots": [{"prompt": "x", "duration": 4}]}), refused),
        (Draft("motion-control", "kling-v2-6", moved), accepted),
        (Draft("motion-control", "kling-v2-6", {**moved, "prompt": "x.", "mode": "pro", "duration": 5}), accepted),
        (Draft("omni-video", "kling-video-o1", {"prompt": "steam", "references": [square], "aspect_ratio": "9:16"}),
         accepted),
    ],
    "gateway": [
        (Draft("text-to-image", "kling-v3", {"prompt": "a kettle", "aspect_ratio": "auto"}), accepted),
        (Draft("text-to-image", "kling-v3", {"prompt": "tea", "aspect_ratio": "auto", "resolution": "2k"}), stricter),
    ],
    "picsart": [
        (Draft("text-to-video", "kling-v3", {"prompt": "a kettle", "aspect_ratio": "1:1"}), accepted),
        (Draft("omni-video", "kling-v3-omni", {"prompt": "steam", "video": tall}), accepted),
        (Draft("effects", "", {"effect": "fight_pro", "images": [picture, square]}), accepted),
    ],
}  # fmt: skip


@roads
def test_where_they_once_disagreed(name: str, transport: str) -> None:
    async def found() -> list[tuple[Draft, Outcome]]:
        async with sitting(road_of(name, transport)) as court:
            return [(draft, (await court.finding(draft)).outcome) for draft, _ in once[name]]

    assert asyncio.run(found()) == once[name]


@roads
def test_the_two_sides_agree_on_many_steps(name: str, transport: str) -> None:
    road = road_of(name, transport)
    first = len(points_on(road))
    tally = asyncio.run(tried(road, seed=2, numbers=range(first, first + (40 if transport else 100))))
    assert [f"{one.finding.about}: {one.draft}" for one in tally.disagreements] == []
    assert {kind for kind, _ in tally.taken} == set(road.catalogue.kinds) or transport


@pytest.mark.parametrize("name", ["runware", "gateway", "picsart"])
def test_nothing_that_is_offered_is_left_untried(name: str) -> None:
    """Every parameter of every model of every kind stands in some step that both sides take."""
    road = road_of(name)
    points = points_on(road)
    plain = [place for place, point in enumerate(points) if not point.has_value]
    tally = asyncio.run(tried(road, seed=1, numbers=plain))
    assert [f"{one.finding.about}: {one.draft}" for one in tally.disagreements] == []
    assert tally.reach.untried(points[place] for place in plain) == []
