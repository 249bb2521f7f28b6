"""Picsart's fake on a paper world with a clock that stands still; what the tests of the fake stand on."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from kling_pipe.providers.kling.fake import KlingFake
from kling_pipe.providers.picsart.fake import PicsartFake
from kling_pipe.simulator.clock import ManualClock
from kling_pipe.simulator.server import application
from kling_pipe.simulator.settings import Settings
from kling_pipe.simulator.world import World
from kling_pipe.values.media import MediaFacts, MediaType
from tests.paper_studio import PaperStudio, clip, paper, picture

of_keys = {"authorization": "Bearer simulated-key", "platform": "api", "X-Touchpoint": "sdk"}
of_the_tool = {
    "authorization": "Bearer simulated-key", "user-id": "17", "country-code": "US", "platform": "web",
    "touchpoint": "editor", "x-pa-platform": "web", "x-pa-touchpoint": "ai-studio", "X-Platform": "web",
    "X-Touchpoint": "ai-sdk.cli",
}  # fmt: skip
_places = ("error", "message", "reason")


@dataclass
class Stage:
    """A world, its clock, and a client with the headers of API-key use."""

    world: World
    clock: ManualClock
    client: httpx.AsyncClient

    async def post(self, workflow: str, verb: str, params: object) -> httpx.Response:
        return await self.client.post(f"/workflows/{workflow}/{verb}", json={"params": params})

    async def refusal(self, workflow: str, params: object) -> str:
        """`status text` of a submit that must not go through, and that costs nothing."""
        before = self.world.tasks()
        answer = await self.post(workflow, "submit", params)
        assert self.world.tasks() == before
        return f"{answer.status_code} {text_of(answer.json())}"

    async def task(self, workflow: str, params: object) -> str:
        """Submits and returns the task's id."""
        answer = await self.post(workflow, "submit", params)
        assert answer.status_code == 200, answer.text
        task: str = inner(answer.json())["id"]
        return task

    async def told(self, workflow: str, task: str) -> dict[str, Any]:
        """What a result query tells, whether at `response` or bare."""
        return inner((await self.client.get(f"/workflows/{workflow}/{task}/result")).json())

    async def done(self, workflow: str, params: object) -> list[str]:
        """Submits, waits for the end and returns the addresses of what was made."""
        task = await self.task(workflow, params)
        self.clock.advance(1000)
        return urls_of((await self.told(workflow, task))["result"])

    async def price(self, workflow: str, params: object) -> float:
        """What `options` answers."""
        answer = await self.post(workflow, "options", params)
        assert answer.status_code == 200, answer.text
        return float(answer.json()["response"]["credits"])


def inner(data: Mapping[str, Any]) -> dict[str, Any]:
    """What stands at `response`, else the answer itself."""
    return dict(data.get("response", data))


def text_of(data: Mapping[str, Any]) -> str:
    """The error's text from any of its places."""
    nested = data.get("response", {})
    return str(next(text for text in (nested.get("error"), *(data.get(place) for place in _places)) if text))


def urls_of(result: Any) -> list[str]:
    """Every address in a result, in order."""
    if isinstance(result, dict):
        return [url for name, value in result.items() for url in ([value] if name == "url" else urls_of(value))]
    return [url for item in result for url in urls_of(item)] if isinstance(result, list) else []


@asynccontextmanager
async def picsart_at(
    path: Path, *settings: tuple[str, str], headers: Mapping[str, str] = of_keys
) -> AsyncIterator[Stage]:
    """The service on its own world."""
    clock = ManualClock()
    world = World(Settings.parse(settings), clock, PaperStudio(), str(path))
    transport = httpx.ASGITransport(app=application(world, [KlingFake(), PicsartFake()]))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://picsart.test/picsart", headers=headers
    ) as client:
        os.makedirs(world.uploads, exist_ok=True)
        for name, data in files.items():
            with open(os.path.join(world.uploads, name), "wb") as file:  # noqa: ASYNC230  # quicker than by a request
                file.write(data)
        yield Stage(world, clock, client)
    world.close()


files = {
    "wide.png": picture(1600, 900),
    "tall.png": picture(900, 1600),
    "dance.mp4": clip(5.0),
    "long.mp4": clip(12.0),
    "endless.mp4": clip(31.0),
    "line.mp3": paper(MediaFacts(MediaType.AUDIO, "mp3", 0, seconds=4.0, has_sound=True)),
}


def at(name: str) -> str:
    """The address of a file in the world's own place."""
    return f"http://picsart.test/uploads/{name}"


t2v, i2v, omni = "kling-text-to-video", "kling-image-to-video", "kling-omni-video"
motion, avatar, effects = "kling-motion-control", "kling-avatar", "kling/v1/video-effects"
omni_image, plain_image = "kling/v1/images/omni-image", "kling/v1/images/generations"
multi_image, t2a, v2a = "kling/v1/images/multi-image-to-image", "kling-text-to-audio", "kling-video-to-audio"

# One good payload for each of the 19 models of section 6.
good: dict[str, tuple[str, dict[str, Any]]] = {
    "kling-v3": (t2v, {"model_name": "kling-v3", "prompt": "p", "mode": "pro", "sound": "on", "duration": "7"}),
    "kling-v3-turbo": (i2v, {"model_name": "kling-v3-turbo", "prompt": "p", "image": at("tall.png"),
                             "resolution": "1080p", "static_mask": at("tall.png")}),
    "kling-v3-omni": (omni, {"model_name": "kling-v3-omni", "prompt": "p", "mode": "std", "duration": "5",
                             "image_list": [{"image_url": at("wide.png")}],
                             "video_list": [{"video_url": at("dance.mp4"), "refer_type": "feature",
                                             "keep_original_sound": "yes"}], "element_list": [{"element_id": "9"}]}),
    "kling-v2-6": (t2v, {"model_name": "kling-v2-6", "prompt": "p", "negative_prompt": "n", "aspect_ratio": "9:16",
                         "duration": "10", "sound": "on", "cfg_scale": 0.3, "mode": "pro"}),
    "kling-video-o1": (omni, {"model_name": "kling-video-o1", "prompt": "p", "aspect_ratio": "1:1", "duration": "10",
                              "mode": "pro", "sound": "on"}),
    "kling-motion-control-v3": (motion, {"model_name": "kling-v3", "image_url": at("tall.png"),
                                         "video_url": at("dance.mp4"), "character_orientation": "image"}),
    "kling-motion-control": (motion, {"model_name": "kling-v2-6", "prompt": "p", "image_url": at("tall.png"),
                                      "video_url": at("long.mp4"), "character_orientation": "video", "mode": "pro",
                                      "keep_original_sound": "no"}),
    "kling-avatar": (avatar, {"image": at("tall.png"), "sound_file": at("line.mp3"), "prompt": "p", "mode": "std"}),
    "kling-video-effects": (effects, {"effect_scene": "let's_ride", "image": at("wide.png")}),
    "kling-3.0-image": (omni_image, {"model_name": "kling-v3-omni", "prompt": "p", "n": 2, "aspect_ratio": "21:9",
                                     "resolution": "4k", "image_list": [{"image_url": at("wide.png")}]}),
    "kling-o1-image": (omni_image, {"model_name": "kling-image-o1", "prompt": "p", "resolution": "2k"}),
    "kling-v2-new-image": (plain_image, {"model_name": "kling-v2-new", "prompt": "p", "image": at("wide.png"),
                                         "image_reference": "face", "image_fidelity": 0.55, "human_fidelity": 0.45}),
    "kling-v2-image": (plain_image, {"model_name": "kling-v2", "prompt": "p", "negative_prompt": "n", "n": 9}),
    "kling-v2-1-image": (plain_image, {"model_name": "kling-v2-1", "prompt": "p", "image": at("wide.png")}),
    "kling-v1-5-image": (plain_image, {"model_name": "kling-v1-5", "prompt": "p", "image": at("wide.png")}),
    "kling-multi-image": (multi_image, {"model_name": "kling-v2", "subject_image_list": [
        {"subject_image": at("wide.png")}, {"subject_image": at("tall.png")}], "scene_image": at("wide.png")}),
    "kling-multi-image-v2-1": (multi_image, {"model_name": "kling-v2-1", "prompt": "p", "aspect_ratio": "3:2",
                               "subject_image_list": [{"subject_image": at("wide.png")}],
                               "style_image": at("tall.png")}),
    "kling-t2a": (t2a, {"prompt": "rain", "duration": 4.5}),
    "kling-v2a": (v2a, {"video_url": at("dance.mp4")}),
}  # fmt: skip
