"""Picsart's workflows as the simulator plays them: submit, result, execute, options and the upload host.

Written from picsart.md alone; it shares nothing with the adapter, so that each checks the other. In a simulated world
the upload host is the service's own address with `/upload` behind it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from kling_pipe.providers.picsart import (
    fake_clips,
    fake_effects,
    fake_figures,
    fake_omni,
    fake_pictures,
    fake_sounds,
    fake_tasks,
    fake_uploads,
)
from kling_pipe.providers.picsart.fake_answers import Json, error_in, faulty, guarded, made, params_of
from kling_pipe.providers.picsart.fake_fields import Rebuff
from kling_pipe.providers.picsart.fake_making import Workflow
from kling_pipe.providers.picsart.fake_media import Desk
from kling_pipe.simulator.faults import Fault, Scope
from kling_pipe.simulator.service import Call, Endpoint, Reply
from kling_pipe.simulator.tasks import Task
from kling_pipe.simulator.world import World

_workflows: Mapping[str, Workflow] = {
    "kling-text-to-video": Workflow(fake_clips.price_from_text, fake_clips.from_text),
    "kling-image-to-video": Workflow(fake_clips.price_from_image, fake_clips.from_image),
    "kling-omni-video": Workflow(fake_omni.price, fake_omni.make),
    "kling-motion-control": Workflow(fake_figures.price_motion, fake_figures.motion),
    "kling-avatar": Workflow(fake_figures.price_avatar, fake_figures.avatar),
    "kling/v1/images/omni-image": Workflow(fake_pictures.price_omni, fake_pictures.omni),
    "kling/v1/images/generations": Workflow(fake_pictures.price_plain, fake_pictures.plain),
    "kling/v1/images/multi-image-to-image": Workflow(fake_pictures.price_multi, fake_pictures.multi),
    "kling/v1/video-effects": Workflow(fake_effects.price, fake_effects.make),
    "kling-text-to-audio": Workflow(fake_sounds.price_from_text, fake_sounds.from_text),
    "kling-video-to-audio": Workflow(fake_sounds.price_from_clip, fake_sounds.from_clip),
}
_patience = 900.0  # simulated seconds that a synchronous call waits for a task that may be stuck


class PicsartFake:
    """The service. It keeps nothing: all state is the world's."""

    @property
    def name(self) -> str:
        return "picsart"

    def endpoints(self, world: World) -> tuple[Endpoint, ...]:
        """Four calls a workflow, the catalogue of effects, and the upload host."""
        found = [endpoint for path, workflow in _workflows.items() for endpoint in _of(world, path, workflow)]
        catalogue = "/workflows/kling/v1/catalog/templates/execute"
        found.append(Endpoint("POST", catalogue, Scope.QUERY, guarded(world, _templates)))
        found.append(Endpoint("POST", "/upload/v2/files", Scope.QUERY, guarded(world, fake_uploads.upload)))
        return tuple(found)

    def faulty(self, fault: Fault, world: World, call: Call) -> Reply:
        """A fault in the service's own words."""
        return faulty(fault, world)

    def otherwise(self, call: Call, *, known: bool) -> Reply:
        """405 for a wrong method, 404 for a workflow that is not there."""
        status, text = (405, "Method not allowed") if known else (404, "Not found")
        return Reply.json(status, error_in(len(call.path), text))


def _of(world: World, path: str, workflow: Workflow) -> tuple[Endpoint, ...]:
    async def _create(world: World, account: str, call: Call) -> Task:
        params = params_of(call)
        making = await workflow.make(params, Desk(world, account))
        return made(world, making.order(account, path, params))

    async def submit(world: World, account: str, call: Call) -> Json:
        return fake_tasks.submitted(await _create(world, account, call))

    async def execute(world: World, account: str, call: Call) -> Json:
        task = await _create(world, account, call)
        left = task.ends - world.clock.now()
        await world.clock.sleep(_patience if math.isinf(left) else max(0.0, left))
        if math.isinf(left):
            raise Rebuff(504, "Gateway timeout")
        return fake_tasks.told(task, world, call.base_url)

    async def options(world: World, account: str, call: Call) -> Json:
        price = workflow.price(params_of(call))
        is_whole = price == price.to_integral_value()
        return {"response": {"credits": int(price) if is_whole else float(price)}}

    async def result(world: World, account: str, call: Call) -> Json:
        task = world.task(account, call.parameters["id"])
        if task is None or task.order.endpoint != f"/workflows/{path}/submit":
            raise Rebuff(404, "Task not found")
        return fake_tasks.told(task, world, call.base_url)

    root = f"/workflows/{path}"
    return (
        Endpoint("POST", f"{root}/submit", Scope.CREATE, guarded(world, submit)),
        Endpoint("POST", f"{root}/execute", Scope.CREATE, guarded(world, execute)),
        Endpoint("POST", f"{root}/options", Scope.QUERY, guarded(world, options)),
        Endpoint("GET", f"{root}/{{id}}/result", Scope.QUERY, guarded(world, result)),
    )


async def _templates(world: World, account: str, call: Call) -> Json:
    return {"response": {"status": "COMPLETED", "result": fake_effects.templates()}}
