"""The voice library: create, presets and delete (kling.md section 12, "Voices")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kling_pipe.providers.kling import fake_charges, fake_limits, fake_presets, fake_shelf
from kling_pipe.providers.kling.fake_fields import Field, Others, Rebuff, read, wrong
from kling_pipe.providers.kling.fake_library import removal
from kling_pipe.providers.kling.fake_media import Desk, Source
from kling_pipe.providers.kling.fake_order import call_order, task_order
from kling_pipe.providers.kling.fake_slip import Slip, unmarked_tail
from kling_pipe.providers.kling.fake_tasks import moments, paged
from kling_pipe.simulator.tasks import TaskOrder
from kling_pipe.simulator.world import World

_create = (Field("voice_name", required=True, most=20), Field("voice_url"), Field("video_id"), *unmarked_tail)
_delete = (Field("voice_id", required=True),)
_with_sound = frozenset({"kling-v2-6", "kling-2.6"})
_speaking = frozenset({"avatar", "lip-sync"})


async def create(body: Mapping[str, Any], desk: Desk) -> TaskOrder:
    """`POST /v1/general/custom-voices`."""
    values = read(body, _create, others=Others.REFUSED)
    given = [name for name in ("voice_url", "video_id") if name in values]
    if len(given) != 1:
        raise Rebuff(400, 1201 if given else 1200, "exactly one of voice_url and video_id is required")
    if given == ["voice_url"]:
        await desk.recording("voice_url", values["voice_url"], fake_limits.voice_sound, fake_limits.voiced)
    else:
        source = await desk.made("video_id", values["video_id"], "video")
        _check_source(source)
        fake_limits.check_length("video_id", source.seconds, fake_limits.voiced)
    return task_order(
        desk, Slip.of(values), endpoint="/v1/general/custom-voices", function="voice", product="video",
        units=fake_charges.voice, seconds=9.0, shape="voices", made=values["voice_name"],
    )  # fmt: skip


async def delete(body: Mapping[str, Any], desk: Desk) -> TaskOrder:
    """`POST /v1/general/delete-voices`."""
    values = read(body, _delete, others=Others.REFUSED)
    topic = removal(desk.world, desk.account, "voice", values["voice_id"])
    return call_order(desk, endpoint="/v1/general/delete-voices", function="delete-voice", topic=topic)


def presets(world: World, query: Mapping[str, str], base_url: str) -> list[dict[str, Any]]:
    """`GET /v1/general/presets-voices`: without `task_info` and without deductions."""
    return [
        {
            "task_id": sought,
            "task_status": "succeed",
            "task_status_msg": "",
            "task_result": {"voices": [fake_shelf.voice("", sought, world, base_url)]},
            **moments(world, world.began),
        }
        for sought in paged(tuple(fake_presets.voices), query, 1000)
    ]


def _check_source(source: Source) -> None:
    """Clips of V2.6 with sound, avatars and lip-syncs can lend a voice (section 12)."""
    assert source.task is not None
    order = source.task.order
    speaks = order.details["function"] in _speaking
    sounds = order.model in _with_sound and order.details.get("sound") == "true"
    if not speaks and not sounds:
        raise wrong("video_id value is invalid, expected a V2.6 clip with sound, an avatar or a lip-sync clip")
