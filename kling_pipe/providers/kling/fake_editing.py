"""`POST /v1/videos/multi-elements`: adds to a clip, swaps or removes what is selected in it (kling.md section 12)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kling_pipe.providers.kling import fake_tables as tables
from kling_pipe.providers.kling.fake_clip import Clip
from kling_pipe.providers.kling.fake_fields import Field, Others, read, wrong
from kling_pipe.providers.kling.fake_media import Desk
from kling_pipe.providers.kling.fake_models import the_older_model
from kling_pipe.providers.kling.fake_selection import clip_of, marks, root
from kling_pipe.providers.kling.fake_sessions import opened
from kling_pipe.providers.kling.fake_slip import Slip, tail
from kling_pipe.simulator.tasks import TaskOrder

_fields = (
    Field("model_name"),
    Field("session_id", required=True),
    Field("edit_mode", required=True, values=("addition", "swap", "removal")),
    Field("image_list", "list", most=2, children=(Field("image", required=True),)),
    Field("prompt", required=True, most=2500),
    Field("negative_prompt", most=2500),
    Field("mode", values=("std", "pro")),
    Field("duration", values=("5", "10"), word="duration"),
    *tail,
)
_pictures = {"addition": (1, 2), "swap": (1, 1), "removal": (0, 0)}
_short = 6.0  # seconds: a session takes clips of 2 to 5 and of 7 to 10 s, so this lies between


async def edit(body: Mapping[str, Any], desk: Desk) -> TaskOrder:
    """A clip of the seconds asked for, made of the session's."""
    values = read(body, _fields, others=Others.REFUSED)
    if "model_name" in values:  # D6: no longer listed
        the_older_model(values["model_name"], desk.world.settings.retired)
    calls = opened(desk, "selection", values["session_id"])
    clip, pictures, mode = clip_of(calls[0]), values.get("image_list", []), values["edit_mode"]
    least, most = _pictures[mode]
    if not least <= len(pictures) <= most:
        wanted = f"{least} to {most}" if least != most else str(least)
        raise wrong(f"image_list must have {wanted} items when edit_mode is {mode}")
    _check_prompt(values["prompt"], pictures=bool(pictures))
    duration = values.get("duration", "5")
    if (clip["seconds"] > _short) != (duration == "10"):
        raise wrong(f"duration value '{duration}' is invalid for a video of {clip['seconds']:.1f}s")
    if mode != "addition" and not marks(calls):
        raise wrong(f"nothing is selected in this session, {mode} needs a selection")
    files = [await desk.picture(f"image_list[{index}].image", item["image"]) for index, item in enumerate(pictures)]
    return _clip(values, clip, tuple(file.path for file in files), int(duration)).order(
        desk.account, session=values["session_id"]
    )


def _check_prompt(prompt: str, *, pictures: bool) -> None:
    for name in ("<<<video_1>>>", *(("<<<image_1>>>",) if pictures else ())):
        if name not in prompt:
            raise wrong(f"prompt must mention {name}")


def _clip(values: Mapping[str, Any], clip: Mapping[str, Any], references: tuple[str, ...], seconds: int) -> Clip:
    resolution = {"std": "720p", "pro": "1080p"}[values.get("mode", "std")]
    return Clip(
        endpoint=root,
        function="multi-elements",
        model="",
        price="multi-elements",
        case="clip",
        resolution=resolution,
        seconds=seconds,
        sides=tables.clip_size_like(resolution, clip["width"], clip["height"]),
        prompt=values["prompt"],
        slip=Slip.of(values),
        references=references,
        base=clip["path"],
        manner="edit",
    )
