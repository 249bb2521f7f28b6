"""How elements and voices of the library are told, the account's own and the presets of everybody."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from kling_pipe.providers.kling import fake_presets
from kling_pipe.providers.kling.fake_library import is_deleted
from kling_pipe.providers.kling.fake_library import own_voice as voice_maker
from kling_pipe.providers.kling.fake_made import id_of
from kling_pipe.simulator.media_order import ClipOrder, PictureOrder, SoundOrder
from kling_pipe.simulator.tasks import Task
from kling_pipe.simulator.world import World

Json = dict[str, Any]
_sample = "This is how the voice sounds."


def element(task: Task, world: World, base_url: str) -> Json:
    """`task_result.elements[0]` of a task that made an element."""
    made, account, own = json.loads(task.order.details["made"]), task.order.account, id_of(task, "element")
    told: Json = {
        "element_id": int(own),
        "element_name": made["name"],
        "element_description": made["description"],
        "reference_type": made["reference_type"],
    }
    if made["reference_type"] == "image_refer":
        told["element_image_list"] = _pictures(made["name"], made["paths"], world, base_url)
    else:
        clip = ClipOrder(made["name"], 1920, 1080, 5.0, 24, 0, "element", base=made["paths"][0], manner="edit")
        told["element_video_list"] = {"refer_videos": [{"video_url": world.shown(clip, base_url)}]}
    if made["voice"]:
        told["element_voice_info"] = voice(account, made["voice"], world, base_url)
    deleted = is_deleted(world, account, "element", own)
    tags, status = _tags(made["tags"]), "deleted" if deleted else "succeed"
    return {**told, "tag_list": tags, "owned_by": account, "status": status}


def preset_element(sought: str, world: World, base_url: str) -> Json:
    """The same of an official element."""
    name, description, tag = fake_presets.elements[sought]
    return {
        "element_id": int(sought),
        "element_name": name,
        "element_description": description,
        "reference_type": "image_refer",
        "element_image_list": _pictures(description, ("", ""), world, base_url),
        "tag_list": _tags((tag,)),
        "owned_by": "kling",
        "status": "succeed",
    }


def old_element(sought: str, made: Mapping[str, Any], owner: str, world: World, base_url: str) -> Json:
    """An element of the older library."""
    pictures = _pictures(made["name"], made["paths"], world, base_url)
    return {
        "element_id": int(sought),
        "element_name": made["name"],
        "element_description": made["description"],
        "element_frontal_image": pictures["frontal_image"],
        "element_refer_list": pictures["refer_images"],
        "tag_list": _tags(made["tags"]),
        "owned_by": owner,
    }


def own_voice(task: Task, world: World, base_url: str) -> Json:
    """`task_result.voices[0]` of a task that made a voice."""
    return _voice(id_of(task, "voice"), task.order.details["made"], task.order.account, world, base_url)


def voice(account: str, sought: str, world: World, base_url: str) -> Json:
    """A voice by its id, whoever made it."""
    task = voice_maker(world, account, sought)
    if task:
        return own_voice(task, world, base_url)
    return _voice(sought, fake_presets.voices.get(sought, ""), "kling", world, base_url)


def _voice(sought: str, name: str, owner: str, world: World, base_url: str) -> Json:
    sample = SoundOrder(_sample, 3.0, 0, f"voice · {name}", "speech", voice=sought)
    return {"voice_id": sought, "voice_name": name, "trial_url": world.shown(sample, base_url), "owned_by": owner}


def _pictures(words: str, paths: Sequence[str], world: World, base_url: str) -> Json:
    """The frontal picture and the others; drawn anew after those that were given, since those are nobody's to serve."""
    urls = [
        world.shown(PictureOrder(words, 1024, 1024, 0, "element", (path,) if path else (), number=number), base_url)
        for number, path in enumerate(paths, 1)
    ]
    return {"frontal_image": urls[0], "refer_images": [{"image_url": url} for url in urls[1:]]}


def _tags(ids: Sequence[str]) -> list[Json]:
    return [{"tag_id": tag, "name": fake_presets.tags[tag]} for tag in ids]
