"""Kling's native service as the simulator plays it: both request standards, accounts, packs, callbacks and refusals.

Written from kling.md alone; it shares nothing with the adapter, so that each checks the other.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kling_pipe.providers.kling import (
    fake_account,
    fake_avatar,
    fake_clips,
    fake_editing,
    fake_effects,
    fake_elements,
    fake_lips,
    fake_omni,
    fake_path,
    fake_path_omni,
    fake_pictures,
    fake_retired,
    fake_retouch,
    fake_selection,
    fake_sounds,
    fake_tasks,
    fake_voices,
)
from kling_pipe.providers.kling.fake_answers import body_of, faulty, guarded, made, refused
from kling_pipe.providers.kling.fake_media import Desk
from kling_pipe.simulator.faults import Fault, Scope
from kling_pipe.simulator.service import Call, Endpoint, Reply
from kling_pipe.simulator.tasks import Task, TaskOrder
from kling_pipe.simulator.world import World

BodyCreate = Callable[[Mapping[str, Any], Desk], Awaitable[TaskOrder]]
PathCreate = Callable[[str, Mapping[str, Any], Desk], Awaitable[TaskOrder]]
Answer = Callable[[Task, World, str], dict[str, Any]]
Shape = Callable[..., dict[str, Any]]  # body or path shape of a task
View = Callable[[World, str, Call], object]


@dataclass(frozen=True, slots=True)
class Product:
    """A body-model endpoint that makes tasks, with its two queries."""

    create: BodyCreate
    by_external: bool = True  # a single task is found by its external id too
    page: int = 500  # the largest page of the list


_products: Mapping[str, Product] = {
    "/v1/images/generations": Product(fake_pictures.generations),
    "/v1/images/omni-image": Product(fake_pictures.omni_image),
    "/v1/images/multi-image2image": Product(fake_pictures.multi_image),
    "/v1/images/editing/expand": Product(fake_retouch.expand),
    "/v1/images/kolors-virtual-try-on": Product(fake_retouch.try_on),
    "/v1/general/ai-multi-shot": Product(fake_retouch.multi_shot),
    "/v1/videos/text2video": Product(fake_clips.text2video),
    "/v1/videos/image2video": Product(fake_clips.image2video),
    "/v1/videos/motion-control": Product(fake_clips.motion_control),
    "/v1/videos/omni-video": Product(fake_omni.omni_video),
    "/v1/videos/multi-image2video": Product(fake_retired.multi_image),
    "/v1/videos/video-extend": Product(fake_retired.extend),
    "/v1/videos/multi-elements": Product(fake_editing.edit),
    "/v1/videos/advanced-lip-sync": Product(fake_lips.lip_sync, by_external=False),
    "/v1/videos/lip-sync": Product(fake_retired.lip_sync),
    "/v1/videos/avatar/image2video": Product(fake_avatar.avatar),
    "/v1/videos/effects": Product(fake_effects.effects),
    "/v1/audio/text-to-audio": Product(fake_sounds.text_to_audio),
    "/v1/audio/video-to-audio": Product(fake_sounds.video_to_audio),
    "/v1/general/advanced-custom-elements": Product(fake_elements.create),
    "/v1/general/custom-voices": Product(fake_voices.create, page=1000),
}
# Calls that are answered with what they made. They cost something or change something, so faults meet them as creates.
_calls: Mapping[str, tuple[BodyCreate, Answer]] = {
    "/v1/audio/tts": (fake_sounds.speech, fake_tasks.body_task),
    "/v1/videos/image-recognize": (fake_retouch.recognize, fake_retouch.recognized),
    "/v1/videos/identify-face": (fake_lips.identify, fake_lips.identified),
    f"{fake_selection.root}/init-selection": (fake_selection.init, fake_selection.begun),
    f"{fake_selection.root}/add-selection": (fake_selection.add, fake_selection.marked),
    f"{fake_selection.root}/delete-selection": (fake_selection.delete, fake_selection.marked),
    f"{fake_selection.root}/clear-selection": (fake_selection.clear, fake_selection.cleared),
    f"{fake_selection.root}/preview-selection": (fake_selection.preview, fake_selection.previewed),
    "/v1/general/custom-elements": (fake_elements.create_old, fake_elements.created_old),
    "/v1/general/delete-elements": (fake_elements.delete, fake_elements.deleted),
    "/v1/general/delete-advanced-elements": (fake_elements.delete_advanced, fake_elements.deleted),
    "/v1/general/delete-voices": (fake_voices.delete, fake_elements.deleted),
}
_families: Mapping[str, PathCreate] = {
    "text-to-video": fake_path.text_to_video,
    "image-to-video": fake_path.image_to_video,
    "motion-control": fake_path.motion_control,
    "omni-video": fake_path_omni.omni_video,
}
_presets: Mapping[str, View] = {
    "/v1/general/advanced-presets-elements": lambda world, _, call: fake_elements.presets(
        world, call.query, call.base_url
    ),
    "/v1/general/presets-elements": lambda world, _, call: fake_elements.presets_old(world, call.query, call.base_url),
    "/v1/general/custom-elements": lambda world, account, call: fake_elements.page_old(
        world, account, call.query, call.base_url
    ),
    "/v1/general/presets-voices": lambda world, _, call: fake_voices.presets(world, call.query, call.base_url),
}
_account: Mapping[tuple[str, str], View] = {
    ("GET", "/account/costs"): lambda world, _, call: fake_account.costs(world, call.query),
    ("POST", "/account/billing/balance"): lambda world, account, call: fake_account.balance(
        world, account, body_of(call)
    ),
    ("POST", "/account/billing/package"): lambda world, account, call: fake_account.package(
        world, account, body_of(call)
    ),
}
_tasks: Mapping[str, View] = {
    "GET": lambda world, account, call: fake_tasks.batch(world, account, call.query, call.base_url),
    "POST": lambda world, account, call: fake_tasks.window(world, account, body_of(call), call.base_url),
}


class KlingFake:
    """The native service. It keeps nothing: all state is the world's."""

    @property
    def name(self) -> str:
        return "kling"

    def endpoints(self, world: World) -> tuple[Endpoint, ...]:
        """All paths of both standards and of the account."""
        found = [endpoint for path, product in _products.items() for endpoint in _product(world, path, product)]
        found += [_call(world, path, create, answer) for path, (create, answer) in _calls.items()]
        found += [_family(world, family, create) for family, create in _families.items()]
        found += [_view(world, "GET", path, view) for path, view in _presets.items()]
        found += [_view(world, method, "/tasks", view, path_model=True) for method, view in _tasks.items()]
        found += [_view(world, method, path, view) for (method, path), view in _account.items()]
        # Undocumented, but a client in use polls it (section 12, tts).
        found.append(_single(world, "/v1/audio/tts", by_external=False))
        return tuple(found)

    def faulty(self, fault: Fault, world: World, call: Call) -> Reply:
        """A fault in the service's own words."""
        return faulty(fault, world)

    def otherwise(self, call: Call, *, known: bool) -> Reply:
        """1202 for a wrong method, 1203 for a wrong path."""
        if known:
            return refused("", 404, 1202, f"method {call.method} is not supported for {call.path}")
        return refused("", 404, 1203, f"{call.path} does not exist, not supported for this API")


def _product(world: World, path: str, product: Product) -> tuple[Endpoint, ...]:
    async def created(world: World, account: str, call: Call) -> object:
        task = made(world, await product.create(body_of(call), Desk(world, account)))
        _tell(world, task, fake_tasks.body_task, call.base_url)
        return fake_tasks.body_task(task, world, call.base_url, created=True)

    async def page(world: World, account: str, call: Call) -> object:
        return fake_tasks.page(world, account, path, call.query, call.base_url, product.page)

    return (
        Endpoint("POST", path, Scope.CREATE, guarded(world, created)),
        Endpoint("GET", path, Scope.QUERY, guarded(world, page)),
        _single(world, path, by_external=product.by_external),
    )


def _single(world: World, path: str, *, by_external: bool) -> Endpoint:
    async def single(world: World, account: str, call: Call) -> object:
        sought = call.parameters["id"]
        return fake_tasks.single(world, account, path, sought, call.base_url, by_external=by_external)

    return Endpoint("GET", path + "/{id}", Scope.QUERY, guarded(world, single))


def _call(world: World, path: str, create: BodyCreate, answer: Answer) -> Endpoint:
    async def called(world: World, account: str, call: Call) -> object:
        task = made(world, await create(body_of(call), Desk(world, account)))
        return answer(task, world, call.base_url)

    return Endpoint("POST", path, Scope.CREATE, guarded(world, called))


def _family(world: World, family: str, create: PathCreate) -> Endpoint:
    async def created(world: World, account: str, call: Call) -> object:
        # Base64 in `contents[].url` is documented and doubted (D7): the stricter reading.
        desk = Desk(world, account, base64=False, megabytes=50)
        task = made(world, await create(call.parameters["model"], body_of(call), desk))
        _tell(world, task, fake_tasks.path_task, call.base_url)
        return fake_tasks.path_task(task, world, call.base_url, created=True)

    return Endpoint("POST", f"/{family}/{{model}}", Scope.CREATE, guarded(world, created, path_model=True))


def _view(world: World, method: str, path: str, view: View, *, path_model: bool = False) -> Endpoint:
    async def viewed(world: World, account: str, call: Call) -> object:
        return view(world, account, call)

    return Endpoint(method, path, Scope.QUERY, guarded(world, viewed, path_model=path_model))


def _tell(world: World, task: Task, shape: Shape, base_url: str) -> None:
    """Callbacks hold the bare task object, in the shape of the standard it was made by (section 6, D16)."""

    def telling(moment: float) -> bytes:
        return json.dumps(shape(task, world, base_url, at=moment), ensure_ascii=False).encode()

    world.callbacks.follow(task, telling)
