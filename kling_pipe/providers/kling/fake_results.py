"""What finished tasks made, in both shapes of the service (kling.md section 3, "Result shapes").

A task's `details` say which shape its result has; addresses are written anew for every answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from kling_pipe.providers.kling.fake_made import id_of
from kling_pipe.providers.kling.fake_shelf import element, own_voice
from kling_pipe.simulator.tasks import Task
from kling_pipe.simulator.world import World

Json = dict[str, Any]
Told = Callable[[Task, World, str], Any]


def body_result(task: Task, world: World, base_url: str) -> Json:
    """`task_result` of a body-model task."""
    result: Json = _body[task.order.details["shape"]](task, world, base_url)
    return result


def path_outputs(task: Task, world: World, base_url: str) -> list[Json]:
    """`outputs` of a path-model task; tasks of the other standard are told in this shape too (D27)."""
    outputs: list[Json] = _path[task.order.details["shape"]](task, world, base_url)
    return outputs


def parent_of(task: Task, world: World, base_url: str) -> Json:
    """`parent_video`: the clip a task went on from."""
    parent = json.loads(task.order.details["parent"])
    source = world.task(task.order.account, parent["task"]) if "task" in parent else None
    if source is None:
        return {"id": "", "url": parent.get("url", ""), "duration": parent["duration"]}
    return {"id": id_of(source, "video"), "url": world.urls(source, base_url)[0], "duration": parent["duration"]}


def _videos(task: Task, world: World, base_url: str) -> Json:
    session = {"session_id": task.order.details["session"]} if "session" in task.order.details else {}
    return {"videos": [{**session, **video} for video in _clips(task, world, base_url)]}


def _clips(task: Task, world: World, base_url: str) -> list[Json]:
    url = world.urls(task, base_url)[0]
    # Section 12: the duration is not shown for effects.
    seconds = {} if task.order.endpoint == "/v1/videos/effects" else {"duration": task.order.details["duration"]}
    return [{"id": id_of(task, "video"), "url": url, **_mark(url, task), **seconds}]


def _images(task: Task, world: World, base_url: str) -> Json:
    return {"images": _pictures(task, world, base_url)}


def _single(task: Task, world: World, base_url: str) -> Json:
    return {"result_type": "single", "images": _pictures(task, world, base_url)}


def _series(task: Task, world: World, base_url: str) -> Json:
    return {"result_type": "series", "series_images": _pictures(task, world, base_url)}


def _pictures(task: Task, world: World, base_url: str) -> list[Json]:
    return [{"index": index, "url": url, **_mark(url, task)} for index, url in enumerate(world.urls(task, base_url))]


def _angles(task: Task, world: World, base_url: str) -> Json:
    urls = world.urls(task, base_url)
    sets = [urls[start : start + 3] for start in range(0, len(urls), 3)]
    return {
        "images": [
            {"index": index, **{f"url_{number}": url for number, url in enumerate(one, 1)}}
            for index, one in enumerate(sets)
        ]
    }


def _audios(task: Task, world: World, base_url: str) -> Json:
    mp3, wav = world.urls(task, base_url)[-2:]
    seconds = task.order.details["audio_duration"]
    audio = {"id": id_of(task, "audio"), "url_mp3": mp3, "url_wav": wav}
    return {"audios": [{**audio, "duration_mp3": seconds, "duration_wav": seconds}]}


def _dub(task: Task, world: World, base_url: str) -> Json:
    return {"videos": _clips(task, world, base_url), **_audios(task, world, base_url)}


def _speech(task: Task, world: World, base_url: str) -> Json:
    (url,) = world.urls(task, base_url)
    return {"audios": [{"id": id_of(task, "audio"), "url": url, "duration": task.order.details["audio_duration"]}]}


def _elements(task: Task, world: World, base_url: str) -> Json:
    return {"elements": [element(task, world, base_url)]}


def _voices(task: Task, world: World, base_url: str) -> Json:
    return {"voices": [own_voice(task, world, base_url)]}


def _path_videos(task: Task, world: World, base_url: str) -> list[Json]:
    return [{"type": "video", **video} for video in _clips(task, world, base_url)]


def _path_images(task: Task, world: World, base_url: str) -> list[Json]:
    urls = world.urls(task, base_url)
    return [{"type": "image", "url": url, **_mark(url, task), "group_id": task.id} for url in urls]


def _path_audios(task: Task, world: World, base_url: str) -> list[Json]:
    mp3, wav = world.urls(task, base_url)[-2:]
    seconds = task.order.details["audio_duration"]
    audio = {"type": "audio", "id": id_of(task, "audio"), "mp3_url": mp3, "wav_url": wav}
    return [{**audio, "mp3_duration": seconds, "wav_duration": seconds}]


def _path_dub(task: Task, world: World, base_url: str) -> list[Json]:
    return [*_path_videos(task, world, base_url), *_path_audios(task, world, base_url)]


def _path_speech(task: Task, world: World, base_url: str) -> list[Json]:
    (url,) = world.urls(task, base_url)
    seconds = task.order.details["audio_duration"]
    return [{"type": "audio", "id": id_of(task, "audio"), "mp3_url": url, "mp3_duration": seconds}]


def _path_elements(task: Task, world: World, base_url: str) -> list[Json]:
    made = element(task, world, base_url)
    return [
        {
            "type": "element",
            "id": str(made["element_id"]),
            "name": made["element_name"],
            "description": made["element_description"],
            "element_type": made["reference_type"],
            "references": made.get("element_image_list") or made.get("element_video_list"),
            "owned_by": made["owned_by"],
            "status": made["status"],
            "tags": made["tag_list"],
        }
    ]


def _path_voices(task: Task, world: World, base_url: str) -> list[Json]:
    made = own_voice(task, world, base_url)
    voice = {"type": "voice", "id": made["voice_id"], "name": made["voice_name"], "url": made["trial_url"]}
    return [{**voice, "owned_by": made["owned_by"], "status": "succeed"}]


def _mark(url: str, task: Task) -> dict[str, str]:
    return {"watermark_url": url} if task.order.watermark else {}


_body: Mapping[str, Told] = {
    "videos": _videos,
    "images": _images,
    "single": _single,
    "series": _series,
    "angles": _angles,
    "audios": _audios,
    "dub": _dub,
    "speech": _speech,
    "elements": _elements,
    "voices": _voices,
}
shapes = frozenset(_body)
_path: Mapping[str, Told] = {
    "videos": _path_videos,
    "images": _path_images,
    "single": _path_images,
    "series": _path_images,
    "angles": _path_images,
    "audios": _path_audios,
    "dub": _path_dub,
    "speech": _path_speech,
    "elements": _path_elements,
    "voices": _path_voices,
}
