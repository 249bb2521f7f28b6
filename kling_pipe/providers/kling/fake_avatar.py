"""`POST /v1/videos/avatar/image2video`: a picture of somebody speaks a sound (kling.md section 12, "Avatar")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kling_pipe.providers.kling import fake_charges, fake_limits
from kling_pipe.providers.kling import fake_tables as tables
from kling_pipe.providers.kling.fake_fields import Field, Others, read
from kling_pipe.providers.kling.fake_media import Desk
from kling_pipe.providers.kling.fake_order import task_order
from kling_pipe.providers.kling.fake_slip import Slip, tail
from kling_pipe.simulator.media_order import ClipOrder
from kling_pipe.simulator.tasks import TaskOrder

_fields = (
    Field("image", required=True),
    Field("audio_id"),
    Field("sound_file"),
    Field("prompt", most=2500),
    Field("mode", values=("std", "pro")),
    *tail,
)


async def avatar(body: Mapping[str, Any], desk: Desk) -> TaskOrder:
    """A clip as long as the sound, in the picture's shape."""
    values = read(body, _fields, others=Others.REFUSED)
    image = await desk.picture("image", values["image"])
    sound = await desk.source_sound(values, fake_limits.avatar_sound)
    resolution = {"std": "720p", "pro": "1080p"}[values.get("mode", "std")]
    width, height = tables.clip_size_like(resolution, image.facts.width, image.facts.height)
    billed = fake_charges.whole_seconds(sound.seconds)
    clip = ClipOrder(
        values.get("prompt", ""), width, height, sound.seconds, 24, 0, "avatar", sound=True, start=image.path,
        sound_file=sound.file.path, manner="avatar",
    )  # fmt: skip
    return task_order(
        desk, Slip.of(values), endpoint="/v1/videos/avatar/image2video", function="avatar", product="video",
        units=fake_charges.clip("avatar", "sound", resolution, billed), seconds=30.0 + 12.0 * sound.seconds,
        shape="videos", outputs=(clip,), duration=f"{sound.seconds:.3f}", requested=str(billed), resolution=resolution,
        sound="true",
    )  # fmt: skip
