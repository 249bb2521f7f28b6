"""Elements and voices: how they are made, and how other steps name them; kling.md section 12, Element library."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kling_pipe.providers.kling import endpoints
from kling_pipe.providers.kling.brief import Brief
from kling_pipe.values.wire import Json

tag_ids: Mapping[str, str] = {
    "hot": "o_101",
    "character": "o_102",
    "animal": "o_103",
    "item": "o_104",
    "costume": "o_105",
    "scene": "o_106",
    "effect": "o_107",
    "others": "o_108",
}


def elements_of(brief: Brief) -> list[Json]:
    """Ids as integers: Python's and JSON's have no bound, unlike a double's 2^53."""
    return [{"element_id": int(item) if item.isdecimal() else item} for item in brief.ids("elements")]


def voices_of(brief: Brief) -> list[Json]:
    return [{"voice_id": item} for item in brief.ids("voices")]


def _element(brief: Brief) -> Json:
    tags = brief.parameter("tags")
    return {
        "element_name": brief.parameter("name"),
        "element_description": brief.parameter("description"),
        **(_from_clip(brief) if "video" in brief.media else _from_pictures(brief)),
        "element_voice_id": brief.id("voice"),
        "tag_list": [{"tag_id": tag_ids.get(str(tag), str(tag))} for tag in tags]
        if isinstance(tags, list | tuple)
        else [],
    }


def _from_pictures(brief: Brief) -> Json:
    """The first picture is the frontal one."""
    pictures = brief.many("images")
    listed = {
        "frontal_image": pictures[0],
        "refer_images": [{"image_url": picture} for picture in pictures[1:]],
    }
    return {"reference_type": "image_refer", "element_image_list": listed}


def _from_clip(brief: Brief) -> Json:
    clips = {"refer_videos": [{"video_url": brief.one("video")}]}
    return {"reference_type": "video_refer", "element_video_list": clips}


def _voice(brief: Brief) -> Json:
    """A clip of this service's own goes by its id; a clip by address goes where a sound does."""
    sample = brief.media.get("audio") or brief.media["video"]
    source = {"video_id": sample.id} if sample.id else {"voice_url": sample.url}
    return {"voice_name": brief.parameter("name"), **source}


bodies: Mapping[str, Callable[[Brief], Json]] = {endpoints.elements: _element, endpoints.voices: _voice}
