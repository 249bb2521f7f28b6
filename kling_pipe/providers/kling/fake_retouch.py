"""Pictures made of a picture: expand, virtual try-on, ai-multi-shot and the synchronous image-recognize.

Field tables from kling.md section 12 ("Pictures").
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kling_pipe.providers.kling import fake_charges
from kling_pipe.providers.kling import fake_tables as tables
from kling_pipe.providers.kling.fake_fields import Field, Others, Rebuff, read, wrong
from kling_pipe.providers.kling.fake_media import Desk
from kling_pipe.providers.kling.fake_order import call_order, task_order
from kling_pipe.providers.kling.fake_slip import Slip, tail, unmarked_tail
from kling_pipe.simulator.media_order import PictureOrder
from kling_pipe.simulator.tasks import Task, TaskOrder
from kling_pipe.simulator.world import World

_sides = ("up", "down", "left", "right")
_expand = (
    Field("image", required=True),
    *(Field(f"{side}_expansion_ratio", "number", required=True, low=0, high=2) for side in _sides),
    Field("prompt", most=2500),
    Field("n", "whole", low=1, high=9),
    *tail,
)
_try_on = (Field("model_name"), Field("human_image", required=True), Field("cloth_image", required=True), *tail)
_multi_shot = (Field("element_frontal_image", required=True), *unmarked_tail)
_recognize = (Field("image", required=True),)
_segments = ("object_seg", "head_seg", "face_seg", "cloth_seg")


async def expand(body: Mapping[str, Any], desk: Desk) -> TaskOrder:
    """`POST /v1/images/editing/expand`."""
    values = read(body, _expand, others=Others.REFUSED)
    up, down, left, right = (values[f"{side}_expansion_ratio"] for side in _sides)
    if (1 + up + down) * (1 + left + right) > 3 + 1e-9:
        raise wrong("the expanded image must not exceed 3 times the area of the original image")
    image = await desk.picture("image", values["image"])
    width, height = round(image.facts.width * (1 + left + right)), round(image.facts.height * (1 + up + down))
    count = values.get("n", 1)
    pictures = tuple(
        PictureOrder(
            values.get("prompt", ""), width, height, 0, "expand", (image.path,), number, "expand",
            (float(up), float(down), float(left), float(right)),
        )
        for number in range(1, count + 1)
    )  # fmt: skip
    return task_order(
        desk, Slip.of(values), endpoint="/v1/images/editing/expand", function="expand", product="image",
        units=Decimal(fake_charges.expand * count), seconds=fake_charges.picture_wait("1k", count), shape="images",
        outputs=pictures, slots=count,
    )  # fmt: skip


async def try_on(body: Mapping[str, Any], desk: Desk) -> TaskOrder:
    """`POST /v1/images/kolors-virtual-try-on`."""
    values = read(body, _try_on, others=Others.REFUSED)
    name = values.get("model_name", tables.try_on_models[0])
    if name not in tables.try_on_models:
        raise Rebuff(404, 1203, f"model {name} is not supported for this API")
    human = await desk.picture("human_image", values["human_image"], any_ratio=True)  # none is published here
    cloth = await desk.picture("cloth_image", values["cloth_image"], any_ratio=True)
    sides = tables.picture_size("1k", tables.nearest_ratio(human.facts.width, human.facts.height))
    picture = PictureOrder("", *sides, 0, f"try-on · {name}", (human.path, cloth.path), 1, "try-on")
    return task_order(
        desk, Slip.of(values), endpoint="/v1/images/kolors-virtual-try-on", function="try-on", product="image",
        model=name, units=fake_charges.try_on, seconds=30.0, shape="images", outputs=(picture,),
    )  # fmt: skip


async def multi_shot(body: Mapping[str, Any], desk: Desk) -> TaskOrder:
    """`POST /v1/general/ai-multi-shot`: three sets of three angles."""
    values = read(body, _multi_shot, others=Others.REFUSED)
    image = await desk.picture("element_frontal_image", values["element_frontal_image"])
    sides = tables.picture_size("1k", tables.nearest_ratio(image.facts.width, image.facts.height))
    pictures = tuple(
        PictureOrder("", *sides, 0, "multi-shot", (image.path,), number, "angle") for number in range(1, 10)
    )
    return task_order(
        desk, Slip.of(values), endpoint="/v1/general/ai-multi-shot", function="ai-multi-shot", product="image",
        units=fake_charges.multi_shot, seconds=60.0, shape="angles", outputs=pictures,
    )  # fmt: skip


async def recognize(body: Mapping[str, Any], desk: Desk) -> TaskOrder:
    """`POST /v1/videos/image-recognize`. What a picture shows is decided by its shape: an upright one is a person from
    head to foot, any other leaves the clothes out."""
    values = read(body, _recognize, others=Others.REFUSED)
    image = await desk.picture("image", values["image"])
    facts = image.facts
    found = _segments if facts.height >= facts.width else _segments[:3]
    pictures = tuple(
        PictureOrder(name.removesuffix("_seg"), facts.width, facts.height, 0, "recognize", (image.path,), 1, "segment")
        for name in found
    )
    return call_order(
        desk, endpoint="/v1/videos/image-recognize", function="image-recognize", units=fake_charges.recognize,
        outputs=pictures,
    )  # fmt: skip


def recognized(task: Task, world: World, base_url: str) -> dict[str, Any]:
    """What was found, and what was not."""
    urls = dict(zip(_segments, world.urls(task, base_url), strict=False))
    images = [{"type": name, "is_contain": name in urls, "url": urls.get(name, "")} for name in _segments]
    return {"task_result": {"images": images}, "final_unit_deduction": f"{task.order.units:f}"}
