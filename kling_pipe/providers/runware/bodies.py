"""The task that asks for a job: what all have in common, and who writes the rest; runware.md sections 5 and 6."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kling_pipe.providers.runware import clips, omni, pictures, speaking
from kling_pipe.providers.runware.airs import image_inference
from kling_pipe.providers.runware.brief import Brief
from kling_pipe.providers.runware.uuids import task_uuid
from kling_pipe.values.wire import Json

_bodies: Mapping[str, Callable[[Brief], Json]] = {**pictures.bodies, **clips.bodies, **omni.bodies, **speaking.bodies}


def task_of(brief: Brief, callback_url: str) -> Json:
    """The task. It is always delivered later, pictures too: the id is known before anything is waited for."""
    job = brief.job
    task: Json = {
        "taskType": job.route.standard,
        "model": job.route.endpoint,
        "deliveryMethod": "async",
        "includeCost": True,
        "numberResults": len(job.takes),
        "outputType": "URL",
        "outputFormat": "PNG" if job.route.standard == image_inference else "MP4",
        **({"webhookURL": callback_url} if callback_url else {}),
        **_bodies[job.kind](brief),
    }
    return {**_merged(task, job.extra), "taskUUID": task_uuid(job.external_id)}  # what is lost is found by no other id


def _merged(task: Mapping[str, object], extra: Mapping[str, object]) -> Json:
    """Fields of one's own over ours; objects are joined, so that one more setting does not push out the others."""
    joined = dict(task)
    for name, value in extra.items():
        ours = joined.get(name)
        joined[name] = _merged(ours, value) if isinstance(ours, Mapping) and isinstance(value, Mapping) else value
    return joined
