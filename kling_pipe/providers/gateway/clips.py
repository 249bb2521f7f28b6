"""The create request of a clip; gateway.md section 3."""

from __future__ import annotations

from collections.abc import Mapping

from kling_pipe.providers.gateway.names import clip_id, clip_model
from kling_pipe.values.job import Job
from kling_pipe.values.transfer import Handed
from kling_pipe.values.wire import Json


def body_of(job: Job, media: Mapping[str, Handed], own: Mapping[str, str]) -> Json:
    """The body. `extra_body` is a literal nested object; what is not set is left out."""
    shots = _shots(job)
    body: Json = {
        "model": clip_id(job.kind, job.model, job.parameters, own),
        # Required, but not beside `multi_prompt` in image mode; disputed whether it may be missing there: it is.
        "prompt": None if shots else job.parameters.get("prompt"),
        "image": media["image"].text if "image" in media else None,
        "last_image": media["image_tail"].text if "image_tail" in media else None,
        "aspect_ratio": job.parameters.get("aspect_ratio"),
        "duration": job.parameters.get("duration"),
        # The tier of the page's own model lives in its id; other ids of a new-api gateway take this field.
        "mode": None if job.model == clip_model else job.parameters.get("mode"),
        "extra_body": {
            "negative_prompt": job.parameters.get("negative_prompt"),
            "cfg_scale": job.parameters.get("cfg_scale"),
            "shot_type": _shot_type(job, shots),
            "multi_prompt": shots,
            "element_list": _elements(job, media),
        },
    }
    return with_extra(_set(body), job.extra)


def with_extra(body: Json, extra: Mapping[str, object]) -> Json:
    """The body with the step's own fields; what it writes into `extra_body` stands beside what is there."""
    merged: Json = {**body, **extra}
    ours, theirs = body.get("extra_body"), extra.get("extra_body")
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        merged["extra_body"] = {**ours, **theirs}
    return merged


def _shots(job: Job) -> list[Json]:
    """The shape of an entry is not stated, so it is the native one, durations as texts."""
    shots = job.parameters.get("shots")
    written = [shot for shot in shots if isinstance(shot, Mapping)] if isinstance(shots, list | tuple) else []
    return [
        {"index": index, "prompt": shot.get("prompt"), "duration": str(shot.get("duration"))}
        for index, shot in enumerate(written, 1)
    ]


def _shot_type(job: Job, shots: list[Json]) -> str | None:
    """Disputed: the gateway's word for cutting by itself is `intelligent`, others say `intelligence`; its own goes."""
    if job.parameters.get("shots") == "auto":
        return "intelligent"
    return "customize" if shots else None


def _elements(job: Job, media: Mapping[str, Handed]) -> list[Json]:
    """Ids of the native library, as integers; a wired place holds nothing and is filled from what was handed."""
    written = job.parameters.get("elements")
    ids = [str(item) for item in written] if isinstance(written, list | tuple) else []
    wired = {_place(field): handed.text for field, handed in media.items() if field.startswith("elements[")}
    count = max(len(ids), max(wired, default=-1) + 1)
    named = [wired.get(place, ids[place] if place < len(ids) else "") for place in range(count)]
    return [{"element_id": int(name) if name.isdecimal() else name} for name in named if name]


def _place(field: str) -> int:
    return int(field.partition("[")[2].partition("]")[0])


def _set(body: Json) -> Json:
    """Without what says nothing, also inside."""
    inner = {key: value for key, value in body["extra_body"].items() if value not in (None, [])}
    return {key: value for key, value in {**body, "extra_body": inner}.items() if value not in (None, {})}
