"""Create bodies of the body-model standard: what all have in common, and who writes the rest; kling.md section 12."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kling_pipe.providers.kling import clips, editing, endpoints, library, lip_sync, pictures, sounds
from kling_pipe.providers.kling.brief import Brief
from kling_pipe.providers.kling.endpoints import Endpoint
from kling_pipe.values.wire import Json

_bodies: Mapping[str, Callable[[Brief], Json]] = {
    **pictures.bodies,
    **clips.bodies,
    endpoints.lip_sync: lip_sync.body_of,
    endpoints.multi_elements: editing.body_of,
    **sounds.bodies,
    **library.bodies,
}


def body_of(endpoint: Endpoint, brief: Brief, callback_url: str) -> Json:
    """The flat body. `model_name` is always sent where it exists (D2); what is not set is left out (D25)."""
    job = brief.job
    body: Json = {"model_name": job.model} if endpoint.has_model else {}
    body.update(_bodies[endpoint.path](brief))
    if endpoint.has_watermark and brief.parameter("watermark"):
        body["watermark_info"] = {"enabled": True}
    if not endpoint.at_once:
        body.update(callback_url=callback_url or None, external_task_id=job.external_id)
    return {**{key: value for key, value in body.items() if value not in (None, [])}, **job.extra}
