"""Calls that only retired models serve or that others took the place of: multi-image2video, video-extend, lip-sync.

Field tables from kling.md section 12.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kling_pipe.providers.kling import fake_charges, fake_limits
from kling_pipe.providers.kling import fake_tables as tables
from kling_pipe.providers.kling.fake_clip import Clip
from kling_pipe.providers.kling.fake_fields import Field, Others, missing, read, wrong
from kling_pipe.providers.kling.fake_lips import lips_clip
from kling_pipe.providers.kling.fake_media import Desk, Source
from kling_pipe.providers.kling.fake_models import the_older_model, video_model
from kling_pipe.providers.kling.fake_order import task_order
from kling_pipe.providers.kling.fake_slip import Slip, tail
from kling_pipe.providers.kling.fake_sounds import spoken
from kling_pipe.simulator.inputs import InputFile
from kling_pipe.simulator.media_order import ClipOrder
from kling_pipe.simulator.tasks import TaskOrder

_multi_image = (
    Field("model_name"),
    Field("image_list", "list", required=True, least=1, most=4, children=(Field("image", required=True),)),
    Field("prompt", required=True, most=2500),
    Field("negative_prompt", most=2500),
    Field("mode", values=("std", "pro")),
    Field("duration", values=("5", "10"), word="duration"),
    Field("aspect_ratio", values=tables.video_ratios),
    *tail,
)
_extend = (
    Field("video_id", required=True),
    Field("prompt", most=2500),
    Field("negative_prompt", most=2500),
    Field("cfg_scale", "number", low=0, high=1),
    *tail,
)
_lips = (
    Field(
        "input",
        "object",
        required=True,
        children=(
            Field("video_id"),
            Field("video_url"),
            Field("mode", required=True, values=("text2video", "audio2video")),
            Field("text", most=120),
            Field("voice_id"),
            Field("voice_language", values=("zh", "en")),
            Field("voice_speed", "number", low=0.8, high=2.0),
            Field("audio_type", values=("file", "url")),
            Field("audio_file"),
            Field("audio_url"),
        ),
    ),
    Field("callback_url"),
)
_added = 5.0  # seconds; "adds 4 to 5 s a call"
_longest = 180.0
_extendable = frozenset({"text-to-video", "image-to-video", "video-extend"})
_extending = frozenset({"kling-v1", "kling-v1-5", "kling-v1-6"})


async def multi_image(body: Mapping[str, Any], desk: Desk) -> TaskOrder:
    """`POST /v1/videos/multi-image2video`."""
    values = read(body, _multi_image, others=Others.REFUSED)
    name = values.get("model_name", "kling-v1-6")
    the_older_model(name, desk.world.settings.retired)
    pictures = [
        await desk.picture(f"image_list[{index}].image", item["image"])
        for index, item in enumerate(values["image_list"])
    ]
    resolution = {"std": "720p", "pro": "1080p"}[values.get("mode", "std")]
    return Clip(
        endpoint="/v1/videos/multi-image2video", function="multi-image-to-video", model=name,
        price="kling-v1-6 of pictures", case="silent", resolution=resolution, seconds=int(values.get("duration", "5")),
        sides=tables.clip_size(resolution, values.get("aspect_ratio", "16:9"), older=True), prompt=values["prompt"],
        slip=Slip.of(values), references=tuple(picture.path for picture in pictures), manner="omni",
    ).order(desk.account)  # fmt: skip


async def extend(body: Mapping[str, Any], desk: Desk) -> TaskOrder:
    """`POST /v1/videos/video-extend`: goes on from a clip of V1.0, V1.5 or V1.6 made here, in its model and mode."""
    values = read(body, _extend, others=Others.REFUSED)
    source = await desk.made("video_id", values["video_id"], "video")
    assert source.task is not None
    made = source.task.order
    if made.details["function"] not in _extendable or made.model not in _extending:
        raise wrong(f"video_id value '{values['video_id']}' is invalid, clips of {made.model} cannot be extended")
    video_model(made.model, "image2video", desk.world.settings.retired)
    for field in ("negative_prompt", "cfg_scale"):
        if field in values and made.model == "kling-v1":
            raise wrong(f"{field} is not supported by model kling-v1")
    if source.seconds + _added > _longest + fake_limits.slack:
        raise wrong("the extended video must not be longer than 3 minutes")
    facts, seconds = source.file.facts, source.seconds + _added
    clip = ClipOrder(
        values.get("prompt", ""), facts.width, facts.height, seconds, 24, 0, f"video-extend · {made.model}",
        base=source.file.path, manner="extend",
    )  # fmt: skip
    return task_order(
        desk, Slip.of(values), endpoint="/v1/videos/video-extend", function="video-extend", product="video",
        model=made.model, units=fake_charges.extend, seconds=90.0, shape="videos", outputs=(clip,),
        parent=source.parent, duration=f"{seconds:.3f}", requested="5", resolution=made.details["resolution"],
        clip="true",
    )  # fmt: skip


async def lip_sync(body: Mapping[str, Any], desk: Desk) -> TaskOrder:
    """`POST /v1/videos/lip-sync`, the one-step call."""
    values = read(body, _lips, others=Others.REFUSED)
    given, slip = values["input"], Slip.of(values)
    source = await desk.source_clip(given, fake_limits.older_lips, "input.")
    if source.task and not any(abs(source.seconds - length) <= 0.1 + fake_limits.slack for length in (5, 10)):
        raise wrong(f"input.video_id duration is invalid: {source.seconds:.1f}s, expected 5s or 10s")
    sound = await _sound(given, desk)
    units = fake_charges.lips(source.seconds)
    if given["mode"] == "text2video":
        units += fake_charges.speech
    return lips_clip(desk, slip, "/v1/videos/lip-sync", source, Source(sound, sound.facts.seconds), 0.0, units)


async def _sound(given: Mapping[str, Any], desk: Desk) -> InputFile:
    if given["mode"] == "text2video":
        for field in ("text", "voice_id"):
            if field not in given:
                raise missing(f"input.{field}")
        speed, language = given.get("voice_speed", 1.0), given.get("voice_language", "zh")
        speech = spoken(desk, given["text"], given["voice_id"], language, speed)
        return await desk.world.inputs.from_file(await desk.world.made(speech))
    if "audio_type" not in given:
        raise missing("input.audio_type")
    name = {"file": "audio_file", "url": "audio_url"}[given["audio_type"]]
    if name not in given:
        raise missing(f"input.{name}")
    if name == "audio_url" and not given[name].startswith(("http://", "https://")):
        raise wrong("input.audio_url must be a URL")
    return await desk.sound(f"input.{name}", given[name], fake_limits.lips_sound)
