"""The account's library of elements and voices: what is known of an id, and what an id may not be used for.

Ids that the world does not know are taken: other accounts' official ones exist (kling.md section 12).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from kling_pipe.providers.kling import fake_made
from kling_pipe.providers.kling.fake_fields import Rebuff, wrong
from kling_pipe.providers.kling.fake_presets import elements as preset_elements
from kling_pipe.providers.kling.fake_presets import speech_voices
from kling_pipe.providers.kling.fake_presets import voices as preset_voices
from kling_pipe.simulator.tasks import Task
from kling_pipe.simulator.world import World

# Section 8 has this text for ids of another catalogue on tts; a voice that was deleted is as unknown.
no_voice = "Voice id not found"
old_create = "/v1/general/custom-elements"


def own_element(world: World, account: str, sought: str) -> Task | None:
    """The task that made an element of the account; deleted ones too."""
    return fake_made.maker(world, account, "element", sought)


def own_voice(world: World, account: str, sought: str) -> Task | None:
    """The task that made a voice of the account; deleted ones too."""
    return fake_made.maker(world, account, "voice", sought)


def is_deleted(world: World, account: str, kind: str, sought: str) -> bool:
    """Whether the account took an element or a voice out of its library."""
    return bool(world.about(account, f"{kind}/{sought}"))


def element_type(world: World, account: str, sought: str) -> str:
    """`image_refer` or `video_refer`; empty where the world does not know the element."""
    task = own_element(world, account, sought)
    if task:
        return str(json.loads(task.order.details["made"])["reference_type"])
    return "image_refer" if sought in preset_elements else ""


def check_elements(world: World, account: str, items: Sequence[Mapping[str, Any]]) -> list[str]:
    """The types of the elements that a request names; none of them may be deleted."""
    ids = [str(item["element_id"]) for item in items]
    for sought in ids:
        if is_deleted(world, account, "element", sought):
            raise wrong(f"Element {sought} may already be deleted")
    return [element_type(world, account, sought) for sought in ids]


def check_voices(world: World, account: str, ids: Sequence[str]) -> None:
    """Voices of videos and elements: custom ones and presets, not those of the TTS catalogue."""
    for sought in ids:
        if sought in speech_voices or is_deleted(world, account, "voice", sought):
            raise wrong(no_voice)


def check_speech_voice(world: World, account: str, sought: str) -> None:
    """A voice of the TTS catalogue, which is open; ids of the other catalogue are numbers, or were made here."""
    if sought.isdecimal() or sought in preset_voices or own_voice(world, account, sought):
        raise wrong(no_voice)


def removal(world: World, account: str, kind: str, sought: str) -> str:
    """The topic under which an element or a voice is taken away; raises Rebuff when there is nothing to take."""
    task = fake_made.maker(world, account, kind, sought)
    if task is None or task.order.endpoint == old_create:
        raise wrong(no_voice if kind == "voice" else f"Element not found by id: {sought}")
    if is_deleted(world, account, kind, sought):
        if kind == "voice":
            raise wrong(no_voice)
        raise Rebuff(400, 1201, f"Element {sought} may already be deleted")
    return f"{kind}/{sought}"
