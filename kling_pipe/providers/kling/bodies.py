"""Create bodies of the body-model standard, one function an endpoint. Field tables: kling.md section 12."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kling_pipe.providers.kling import endpoints
from kling_pipe.values.job import Job
from kling_pipe.values.transfer import Handed
from kling_pipe.values.wire import Json

Media = Mapping[str, Handed]


def body_of(endpoint: str, job: Job, media: Media) -> Json:
    """The flat body. `model_name` is always sent (D2); what is not set is left out (D25)."""
    body: Json = {"model_name": job.model, **_bodies[endpoint](job, media)}
    if job.parameters.get("watermark"):
        body["watermark_info"] = {"enabled": True}
    body["external_task_id"] = job.external_id
    return {**{key: value for key, value in body.items() if value not in (None, [])}, **job.extra}


def indexed(media: Media, name: str) -> list[str]:
    """What was handed over for `name[0]`, `name[1]`, …, in order."""
    found = {int(index): media[field].text for field, index in _members(media, name)}
    return [found[index] for index in sorted(found)]


def one(media: Media, name: str) -> str | None:
    """What was handed over for a single field."""
    return media[name].text if name in media else None


def ids(job: Job, name: str) -> list[str]:
    """A list of the service's own ids, as texts."""
    value = job.parameters.get(name)
    return [str(item) for item in value] if isinstance(value, list | tuple) else []


def shots_of(job: Job) -> list[Mapping[str, object]]:
    """The written shots; none when there are none or the model cuts by itself."""
    value = job.parameters.get("shots")
    return [shot for shot in value if isinstance(shot, Mapping)] if isinstance(value, list | tuple) else []


def _members(media: Media, name: str) -> list[tuple[str, str]]:
    parts = [(field, *field.partition("[")) for field in media]
    return [(field, rest.partition("]")[0]) for field, head, bracket, rest in parts if head == name and bracket]


def _generations(job: Job, media: Media) -> Json:
    return {
        **_taken(job, "prompt", "negative_prompt"),
        "image": one(media, "image"),
        **_taken(job, "image_reference", "image_fidelity", "human_fidelity"),
        "element_list": _elements(job),
        **_taken(job, "resolution"),
        "n": len(job.takes),
        **_taken(job, "aspect_ratio"),
    }


def _omni_image(job: Job, media: Media) -> Json:
    pictures = [picture for picture in (one(media, "image"), *indexed(media, "references")) if picture]
    return {
        **_taken(job, "prompt"),
        "image_list": [{"image": picture} for picture in pictures],
        "element_list": _elements(job),
        **_taken(job, "resolution"),
        "result_type": "single",
        "n": len(job.takes),
        **_taken(job, "aspect_ratio"),
    }


def _multi_image(job: Job, media: Media) -> Json:
    return {
        **_taken(job, "prompt"),
        "subject_image_list": [{"subject_image": picture} for picture in indexed(media, "references")],
        "scene_image": one(media, "scene_image"),
        "style_image": one(media, "style_image"),
        "n": len(job.takes),
        **_taken(job, "aspect_ratio"),
    }


def _text2video(job: Job, media: Media) -> Json:
    return {**_clip(job), "voice_list": _voices(job), **_taken(job, "aspect_ratio")}


def _image2video(job: Job, media: Media) -> Json:
    return {
        "image": one(media, "image"),
        "image_tail": one(media, "image_tail"),
        **_clip(job),
        "static_mask": one(media, "static_mask"),
        "dynamic_masks": _masks(job, media),
        "element_list": _elements(job),
        "voice_list": _voices(job),
    }


def _motion_control(job: Job, media: Media) -> Json:
    return {
        "image_url": one(media, "image"),
        "video_url": one(media, "video"),
        **_taken(job, "prompt", "character_orientation", "mode"),
        "keep_original_sound": _switch(job, "keep_original_sound", "yes", "no"),
        "element_list": _elements(job),
    }


def _clip(job: Job) -> Json:
    seconds = job.parameters.get("duration")
    return {
        **_taken(job, "prompt", "negative_prompt"),
        **_shots(job),
        "sound": _switch(job, "sound", "on", "off"),
        **_taken(job, "cfg_scale", "mode", "camera_control"),
        "duration": None if seconds is None else str(seconds),  # a text here, a number on path-model (D22)
    }


def _shots(job: Job) -> Json:
    if job.parameters.get("shots") == "auto":
        return {"multi_shot": True, "shot_type": "intelligence"}
    shots = [
        {"index": index, "prompt": shot.get("prompt"), "duration": str(shot.get("duration"))}
        for index, shot in enumerate(shots_of(job), 1)
    ]
    return {"multi_shot": True, "shot_type": "customize", "multi_prompt": shots} if shots else {}


def _masks(job: Job, media: Media) -> list[Json]:
    written = job.parameters.get("dynamic_masks")
    paths = [_trajectories(item) for item in written] if isinstance(written, list | tuple) else []
    masks = indexed(media, "dynamic_masks")
    return [{"mask": mask, "trajectories": path} for mask, path in zip(masks, paths, strict=True)]


def _trajectories(item: object) -> list[object]:
    path = item.get("trajectories") if isinstance(item, Mapping) else None
    return list(path) if isinstance(path, list | tuple) else []


def _elements(job: Job) -> list[Json]:
    """Ids as integers: Python's and JSON's have no bound, unlike a double's 2^53."""
    return [{"element_id": int(item) if item.isdecimal() else item} for item in ids(job, "elements")]


def _voices(job: Job) -> list[Json]:
    return [{"voice_id": item} for item in ids(job, "voices")]


def _taken(job: Job, *names: str) -> Json:
    return {name: job.parameters[name] for name in names if job.parameters.get(name) is not None}


def _switch(job: Job, name: str, on: str, off: str) -> str | None:
    value = job.parameters.get(name)
    return None if value is None else on if value else off


_bodies: Mapping[str, Callable[[Job, Media], Json]] = {
    endpoints.generations: _generations,
    endpoints.omni_image: _omni_image,
    endpoints.multi_image: _multi_image,
    endpoints.text2video: _text2video,
    endpoints.image2video: _image2video,
    endpoints.motion_control: _motion_control,
}
