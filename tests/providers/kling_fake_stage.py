"""Kling's fake on a paper world with a clock that stands still; what the tests of the fake stand on."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from kling_pipe.providers.kling.fake import KlingFake
from kling_pipe.simulator.callbacks import Post
from kling_pipe.simulator.clock import ManualClock
from kling_pipe.simulator.inputs import Fetch
from kling_pipe.simulator.server import application
from kling_pipe.simulator.settings import Settings
from kling_pipe.simulator.studio import Studio
from kling_pipe.simulator.world import World
from kling_pipe.values.media import MediaFacts, MediaType
from tests.paper_studio import PaperStudio, base64_text, clip, paper, picture

image = base64_text(picture())
portrait = base64_text(picture(768, 1360))


@dataclass
class Stage:
    """A world, its clock, and a client that holds the API key."""

    world: World
    clock: ManualClock
    client: httpx.AsyncClient

    async def post(self, path: str, body: object, **headers: str) -> Any:
        return (await self.client.post(path, json=body, headers=headers)).json()

    async def get(self, path: str, **query: object) -> Any:
        return (await self.client.get(path, params={n: str(v) for n, v in query.items()})).json()

    async def upload(self, name: str, data: bytes) -> str:
        """Puts a file into the world's own place and returns its address."""
        url: str = (await self.client.put(f"/uploads/{name}", content=data)).json()["url"]
        return url

    async def refusal(self, path: str, body: object) -> str:
        """`status/code text` of a create that must not go through."""
        before = self.world.tasks()
        answer = await self.client.post(path, json=body)
        data = answer.json()
        assert "data" not in data, data
        assert self.world.tasks() == before
        return f"{answer.status_code}/{data['code']} {data['message']}"

    async def task(self, path: str, body: object) -> str:
        """Creates a task and returns its id."""
        data = (await self.post(path, body))["data"]
        task: str = data.get("task_id") or data["id"]
        return task

    async def done(self, path: str, body: object) -> Any:
        """Creates a body-model task, waits for its end and returns it."""
        task = await self.task(path, body)
        self.clock.advance(1000)
        return (await self.get(f"{path}/{task}"))["data"]


@asynccontextmanager
async def kling_at(
    path: Path,
    *settings: tuple[str, str],
    key: str = "simulated-key",
    fetch: Fetch | None = None,
    post: Post | None = None,
    studio: Studio | None = None,
) -> AsyncIterator[Stage]:
    """The service on its own world."""
    clock = ManualClock()
    world = World(Settings.parse(settings), clock, studio or PaperStudio(), str(path), fetch, post=post)
    transport = httpx.ASGITransport(app=application(world, [KlingFake()]))
    headers = {"authorization": f"Bearer {key}"} if key else {}
    async with httpx.AsyncClient(transport=transport, base_url="http://kling.test", headers=headers) as client:
        os.makedirs(world.uploads, exist_ok=True)
        for name, data in uploads.items():
            with open(os.path.join(world.uploads, name), "wb") as file:  # noqa: ASYNC230  # quicker than by a request
                file.write(data)
        yield Stage(world, clock, client)
    world.close()


def sound(seconds: float, kind: str = "mp3", size: int = 0) -> bytes:
    """A sound."""
    return paper(MediaFacts(MediaType.AUDIO, kind, size, seconds=seconds, has_sound=True))


def film(seconds: float, width: int = 1280, height: int = 720, fps: float = 24.0, *, has_sound: bool = True) -> bytes:
    """A clip of any frame rate, with or without sound."""
    return paper(MediaFacts(MediaType.VIDEO, "mp4", 0, width, height, seconds, fps, has_sound))


uploads = {
    "wide.png": picture(1600, 900),
    "tall.jpg": picture(900, 1600, kind="jpeg"),
    "square.png": picture(1000, 1000),
    "small.png": picture(299, 400),
    "thin.png": picture(1000, 300),
    "anime.gif": picture(kind="gif"),
    "heavy.png": picture(size=11 * 1024 * 1024),
    "dance.mp4": clip(5.04),
    "long.mp4": clip(12.0),
    "endless.mp4": clip(31.0),
    "short.mp4": clip(2.0),
    "tiny.mp4": clip(5.0, 300, 600),
    "dance.webm": clip(5.0, kind="webm"),
    "page.html": b"<html>",
    "street.mp4": film(5.04),
    "walk.mp4": film(8.0, 1080, 1920, 30.0),
    "pause.mp4": film(6.0),
    "portrait.mp4": film(5.0, 1080, 1920),
    "square.mp4": film(5.0, 1080, 1080),
    "film.mp4": film(16.5, 1920, 1080),
    "large.mp4": film(5.0, 3840, 2160),
    "narrow.mp4": film(5.0, 500, 900),
    "panorama.mp4": film(5.0, 1600, 720),
    "slow.mp4": film(5.0, fps=12.0),
    "pal.mp4": film(5.0, fps=25.0),
    "silent.mp4": film(6.0, has_sound=False),
    "line.mp3": sound(4.0),
    "word.mp3": sound(1.5),
    "speech.wav": sound(61.0, "wav"),
    "talk.m4a": sound(6.0, "m4a"),
    "talk.mp3": sound(6.0),
    "heavy.mp3": sound(5.0, size=6 * 1024 * 1024),
}


async def props(stage: Stage) -> dict[str, str]:
    """What later requests may name, each made by the service itself: `$clip`, `$line`, `$selection` and so on."""
    clip_body = {"model_name": "kling-v2-6", "prompt": "p", "mode": "pro", "sound": "on"}
    clips = {
        "$clip": await stage.done("/v1/videos/text2video", clip_body),
        "$mute": await stage.done("/v1/videos/text2video", {"model_name": "kling-v3", "prompt": "p"}),
    }
    if stage.world.settings.retired == "allowed":
        for name, model in (("$older", "kling-v1-6"), ("$oldest", "kling-v1")):
            clips[name] = await stage.done("/v1/videos/text2video", {"model_name": model, "prompt": "p"})
    found = {name: task["task_result"]["videos"][0]["id"] for name, task in clips.items()}
    speech = {"text": "Good evening, and welcome to the show.", "voice_id": "oversea_male1", "voice_language": "en"}
    found["$line"] = (await stage.post("/v1/audio/tts", speech))["data"]["task_result"]["audios"][0]["id"]
    street = {"video_url": at("street.mp4")}
    found["$faces"] = (await stage.post("/v1/videos/identify-face", street))["data"]["session_id"]
    opened = await stage.post("/v1/videos/multi-elements/init-selection", street)
    found["$empty"] = opened["data"]["session_id"]
    opened = await stage.post("/v1/videos/multi-elements/init-selection", street)
    found["$selection"] = opened["data"]["session_id"]
    marked = {"session_id": found["$selection"], "frame_index": 0, "points": [{"x": 0.5, "y": 0.4}]}
    await stage.post("/v1/videos/multi-elements/add-selection", marked)
    for name, body in (("$mira", mira), ("$actor", actor)):
        done = await stage.done("/v1/general/advanced-custom-elements", body)
        found[name] = str(done["task_result"]["elements"][0]["element_id"])
    done = await stage.done("/v1/general/custom-voices", {"voice_name": "narrator", "voice_url": at("talk.mp3")})
    found["$voice"] = done["task_result"]["voices"][0]["voice_id"]
    return found


Refusal = Callable[[str, Any], Awaitable[str]]


@asynccontextmanager
async def refusing(path: Path) -> AsyncIterator[Refusal]:
    """Asks one world for everything that it refuses, since a refusal leaves nothing behind; ids of props are told by
    their names."""
    async with kling_at(path, ("retired", "allowed")) as stage:
        names = await props(stage)

        async def refused(path: str, body: Any) -> str:
            found = await stage.refusal(path, filled(body, names))
            for name, made in names.items():
                found = found.replace(made, name)
            return found

        yield refused


def filled(body: Any, names: dict[str, str]) -> Any:
    """A body with the ids of the props."""
    text = json.dumps(body)
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, names[name])
    return json.loads(text)


def at(name: str) -> str:
    """The address of an uploaded file."""
    return f"http://kling.test/uploads/{name}"


def token(claims: dict[str, object], secret: str = "simulated-secret", alg: str = "HS256") -> str:
    """A JWT made by hand."""
    head = _part({"alg": alg, "typ": "JWT"})
    body = _part(claims)
    mac = hmac.new(secret.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{_text(mac)}"


def _part(data: dict[str, object]) -> str:
    return _text(json.dumps(data).encode())


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


mira = {
    "element_name": "Mira",
    "element_description": "young botanist, green coat",
    "reference_type": "image_refer",
    "element_image_list": {"frontal_image": image, "refer_images": [{"image_url": at("square.png")}]},
    "tag_list": [{"tag_id": "o_102"}],
}
actor = {
    "element_name": "Actor",
    "element_description": "a man in a grey suit",
    "reference_type": "video_refer",
    "element_video_list": {"refer_videos": [{"video_url": at("portrait.mp4")}]},
}
