"""What Runware's fake orders from the studio for each kind of clip, and a clip that is really filmed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from kling_pipe.simulator import media
from kling_pipe.simulator.media import PictureOrder
from tests.providers.runware_fake_stage import Stage, runware_at
from tests.providers.runware_tasks import good
from tests.providers.test_runware_fake_rules import filled

pytestmark = pytest.mark.anyio

shown = ("manner", "start", "end", "motion", "character", "base", "sound_file", "references", "shots")


@pytest.fixture(scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with runware_at(tmp_path_factory.mktemp("orders")) as stage:
        yield stage


def told(order: dict[str, Any]) -> str:
    """An order's own parts: which files it has, its manner, its shots and what is heard."""
    parts = [f"{name}={order[name]}" if name == "manner" else name for name in shown if order.get(name)]
    parts[:] = [f"{part}×{len(order[part])}" if part in ("references", "shots") else part for part in parts]
    heard = [name for name in ("sound", "keep_sound") if order.get(name)]
    return " ".join([*parts, *heard])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("3 picture", ""),
        ("o3 picture of references", "references×2"),
        ("1.0 std", ""),
        ("2.5 pro frames", "start end"),
        ("2.6 voices", "sound"),
        ("2.6 motion", "motion character"),
        ("2.6 std motion", "motion character keep_sound"),
        ("2.6 motion alone", "manner=edit base sound"),
        ("3.0 std", "sound"),
        ("3.0 std shots", "shots×2"),
        ("3.0 turbo shots", "shots×2 sound"),
        ("lips", "manner=lip-sync base sound_file sound"),
        ("o1 reference clip", "manner=omni base references×1"),
        ("o1 fast edit", "manner=edit base references×1 keep_sound"),
        ("o3 references", "references×7"),
        ("o3 edit", "manner=edit base keep_sound"),
        ("avatar pro", "manner=avatar start sound_file sound"),
    ],
)
async def test_an_order_holds_what_the_task_gave(stage: Stage, name: str, expected: str) -> None:
    item = await stage.done({**filled(good[name]), "taskUUID": stage.uuid(), "deliveryMethod": "async"})
    url = next(value for field, value in item.items() if field.endswith("URL"))
    assert told(json.loads((await stage.client.get(url)).content)["order"]) == expected


@pytest.mark.slow
async def test_a_clip_is_really_filmed_from_its_frame(tmp_path: Path) -> None:
    frame = tmp_path / "frame.png"
    media.make_picture(PictureOrder("a fox", 360, 360, 1, "frame"), str(frame))
    async with runware_at(tmp_path / "world", ("media", "small"), studio=media) as stage:
        begin = [{"inputImage": await stage.store(frame.read_bytes()), "frame": "first"}]
        task = stage.task("videoInference", model="klingai:5@1", frameImages=begin, duration=5, outputFormat="WEBM")
        item = await stage.done(task)
        clip = tmp_path / "clip.webm"
        clip.write_bytes((await stage.client.get(item["videoURL"])).content)
    assert str(media.look(str(clip))) == "webm 960×960 5.1 s"
