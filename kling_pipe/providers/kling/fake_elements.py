"""The element library: create, presets and delete, and the older library beside it (kling.md section 12)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kling_pipe.providers.kling import fake_limits, fake_presets, fake_shelf
from kling_pipe.providers.kling.fake_fields import Field, Others, missing, read
from kling_pipe.providers.kling.fake_library import check_voices, old_create, removal
from kling_pipe.providers.kling.fake_made import id_of
from kling_pipe.providers.kling.fake_media import Desk
from kling_pipe.providers.kling.fake_order import call_order, task_order
from kling_pipe.providers.kling.fake_slip import Slip, unmarked_tail
from kling_pipe.providers.kling.fake_tasks import moments, paged
from kling_pipe.simulator.tasks import Task, TaskOrder
from kling_pipe.simulator.world import World

_tags = Field(
    "tag_list", "list", children=(Field("tag_id", required=True, values=tuple(fake_presets.tags), word="tag_id"),)
)
_name = Field("element_name", required=True, most=20)
_description = Field("element_description", required=True, most=100)
_pictures = Field("refer_images", "list", required=True, least=1, most=3, children=(Field("image_url", required=True),))
_clips = Field("refer_videos", "list", required=True, least=1, most=1, children=(Field("video_url", required=True),))
_create = (
    _name,
    _description,
    Field("reference_type", required=True, values=("image_refer", "video_refer")),
    Field("element_image_list", "object", children=(Field("frontal_image", required=True), _pictures)),
    Field("element_video_list", "object", children=(_clips,)),
    Field("element_voice_id"),
    _tags,
    *unmarked_tail,
)
_create_old = (
    _name,
    _description,
    Field("element_frontal_image", required=True),
    Field("element_refer_list", "list", required=True, least=1, most=3, children=_pictures.children),
    _tags,
)
_delete = (Field("element_id", required=True),)


async def create(body: Mapping[str, Any], desk: Desk) -> TaskOrder:
    """`POST /v1/general/advanced-custom-elements`."""
    values = read(body, _create, others=Others.REFUSED)
    kind, voice = values["reference_type"], values.get("element_voice_id", "")
    check_voices(desk.world, desk.account, [voice] if voice else [])
    paths = await (_from_pictures(values, desk) if kind == "image_refer" else _from_clip(values, desk))
    made = _made(values, paths) | {"reference_type": kind, "voice": voice}
    return task_order(
        desk, Slip.of(values), endpoint="/v1/general/advanced-custom-elements", function="element", product="video",
        units=Decimal(0), seconds=5.0, shape="elements", made=json.dumps(made),
    )  # fmt: skip


async def delete(body: Mapping[str, Any], desk: Desk) -> TaskOrder:
    """`POST /v1/general/delete-elements`."""
    return _delete_from("/v1/general/delete-elements", body, desk)


async def delete_advanced(body: Mapping[str, Any], desk: Desk) -> TaskOrder:
    """`POST /v1/general/delete-advanced-elements`: both act on one library (D21)."""
    return _delete_from("/v1/general/delete-advanced-elements", body, desk)


async def create_old(body: Mapping[str, Any], desk: Desk) -> TaskOrder:
    """`POST /v1/general/custom-elements`."""
    values = read(body, _create_old, others=Others.REFUSED)
    frontal = await desk.picture("element_frontal_image", values["element_frontal_image"])
    others = [
        await desk.picture(f"element_refer_list[{index}].image_url", item["image_url"])
        for index, item in enumerate(values["element_refer_list"])
    ]
    made = _made(values, [frontal.path, *(other.path for other in others)]) | {"reference_type": "image_refer"}
    return call_order(desk, endpoint=old_create, function="element", shape="old-element", made=json.dumps(made))


def deleted(task: Task, world: World, base_url: str) -> dict[str, Any]:
    """What a delete answers."""
    return {"task_id": task.id, "task_status": "succeed"}


def created_old(task: Task, world: World, base_url: str) -> dict[str, Any]:
    """The element at once."""
    made = json.loads(task.order.details["made"])
    return fake_shelf.old_element(id_of(task, "element"), made, task.order.account, world, base_url)


def page_old(world: World, account: str, query: Mapping[str, str], base_url: str) -> list[dict[str, Any]]:
    """`GET /v1/general/custom-elements`."""
    tasks = [task for task in reversed(world.tasks(account)) if task.order.endpoint == old_create]
    return [created_old(task, world, base_url) for task in paged(tasks, query, 500)]


def presets(world: World, query: Mapping[str, str], base_url: str) -> list[dict[str, Any]]:
    """`GET /v1/general/advanced-presets-elements`: tasks without deductions, one for each official element."""
    return [
        {
            "task_id": sought,
            "task_status": "succeed",
            "task_status_msg": "",
            "task_info": {},
            "task_result": {"elements": [fake_shelf.preset_element(sought, world, base_url)]},
            **moments(world, world.began),
        }
        for sought in paged(tuple(fake_presets.elements), query, 500)
    ]


def presets_old(world: World, query: Mapping[str, str], base_url: str) -> list[dict[str, Any]]:
    """`GET /v1/general/presets-elements`."""
    told = []
    for sought in paged(tuple(fake_presets.old_elements), query, 500):
        name, description, tag = fake_presets.old_elements[sought]
        made = {"name": name, "description": description, "paths": ["", ""], "tags": [tag]}
        told.append(fake_shelf.old_element(sought, made, "kling", world, base_url))
    return told


def _delete_from(endpoint: str, body: Mapping[str, Any], desk: Desk) -> TaskOrder:
    values = read(body, _delete, others=Others.REFUSED)
    topic = removal(desk.world, desk.account, "element", values["element_id"])
    return call_order(desk, endpoint=endpoint, function="delete-element", topic=topic)


def _made(values: Mapping[str, Any], paths: list[str]) -> dict[str, Any]:
    tags = [item["tag_id"] for item in values.get("tag_list", [])]
    return {"name": values["element_name"], "description": values["element_description"], "paths": paths, "tags": tags}


async def _from_pictures(values: Mapping[str, Any], desk: Desk) -> list[str]:
    if "element_image_list" not in values:
        raise missing("element_image_list")
    given = values["element_image_list"]
    texts = [("frontal_image", given["frontal_image"])]
    texts += [
        (f"refer_images[{index}].image_url", item["image_url"]) for index, item in enumerate(given["refer_images"])
    ]
    return [(await desk.picture(f"element_image_list.{name}", text)).path for name, text in texts]


async def _from_clip(values: Mapping[str, Any], desk: Desk) -> list[str]:
    if "element_video_list" not in values:
        raise missing("element_video_list")
    url = values["element_video_list"]["refer_videos"][0]["video_url"]
    clip = await desk.clip("element_video_list.refer_videos[0].video_url", url, fake_limits.element)
    return [clip.path]
