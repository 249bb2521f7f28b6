"""`POST /v1/videos/effects`: one or two pictures in a scene that the service thought out (kling.md section 12).

The list of scenes changes monthly and is open, so only the number of pictures of a known one is certain.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import Any

from kling_pipe.providers.kling import fake_charges
from kling_pipe.providers.kling import fake_tables as tables
from kling_pipe.providers.kling.fake_fields import Field, Others, missing, read, wrong
from kling_pipe.providers.kling.fake_media import Desk
from kling_pipe.providers.kling.fake_order import task_order
from kling_pipe.providers.kling.fake_slip import Slip, unmarked_tail
from kling_pipe.simulator.media_order import ClipOrder
from kling_pipe.simulator.tasks import TaskOrder

_fields = (
    Field("effect_scene", required=True),
    Field(
        "input",
        "object",
        required=True,
        children=(
            Field("image"),
            Field("images", "list", least=2, most=2, item="text"),
            Field("model_name"),  # this and the next two: an older shape of the call, disputed
            Field("mode", values=("std", "pro")),
            Field("duration", values=("5", "10"), word="duration"),
        ),
    ),
    *unmarked_tail,
)
_list = os.path.join(os.path.dirname(os.path.abspath(__file__)), "effects.yaml")


@cache
def scenes() -> Mapping[str, int]:
    """How many pictures each known scene takes. The list is flat enough to be read without a YAML parser, which has its
    door elsewhere."""
    found: dict[str, int] = {}
    pictures = 0
    with open(_list, encoding="utf-8") as file:
        for line in file:
            pictures = {"single:": 1, "double:": 2}.get(line.strip(), pictures)
            if pictures and line.startswith("  - "):
                found[line[4:].strip().strip('"')] = pictures
    return found


async def effects(body: Mapping[str, Any], desk: Desk) -> TaskOrder:
    """A clip of five seconds."""
    values = read(body, _fields, others=Others.REFUSED)
    given, scene = values["input"], values["effect_scene"]
    if "image" in given and "images" in given:
        raise wrong("input.image and input.images cannot be used together")
    wanted = scenes().get(scene, 2 if "images" in given else 1)
    name = "images" if wanted == 2 else "image"
    if name not in given:
        raise missing(f"input.{name}")
    texts = given["images"] if wanted == 2 else [given["image"]]
    names = ("input.images[0]", "input.images[1]") if wanted == 2 else ("input.image",)
    pictures = [await desk.picture(name, text) for name, text in zip(names, texts, strict=True)]
    facts, seconds = pictures[0].facts, int(given.get("duration", "5"))
    sides = (1280, 720) if wanted == 2 else tables.clip_size_like("720p", facts.width, facts.height)
    clip = ClipOrder(
        "", *sides, seconds + 0.041, 24, 0, f"effect · {scene}", references=tuple(one.path for one in pictures),
        effect=scene, manner="effect",
    )  # fmt: skip
    return task_order(
        desk, Slip.of(values), endpoint="/v1/videos/effects", function="effects", product="video",
        units=fake_charges.effect, seconds=90.0, shape="videos", outputs=(clip,), duration=f"{seconds + 0.041:.3f}",
        requested=str(seconds), resolution="720p",
    )  # fmt: skip
