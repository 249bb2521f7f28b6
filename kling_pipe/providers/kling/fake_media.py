"""The pictures, clips and sounds a request brings, fetched and checked for real; and what was made here, by its id."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kling_pipe.providers.kling import fake_limits, fake_made
from kling_pipe.providers.kling.fake_fields import Rebuff, wrong
from kling_pipe.simulator.inputs import InputFile, Unusable
from kling_pipe.simulator.tasks import Task
from kling_pipe.simulator.world import World
from kling_pipe.values.media import MediaFacts


@dataclass(frozen=True, slots=True)
class Source:
    """A clip or a sound that a request goes on from; `task` made it, if it was named by its id."""

    file: InputFile
    seconds: float  # as the service tells them
    url: str = ""  # as the request gave it
    task: Task | None = None

    @property
    def parent(self) -> str:
        """What the task made of it says of it, as JSON text; the address of a file made here is looked up when told."""
        made = {"task": self.task.id} if self.task else {"url": self.url}
        return json.dumps({**made, "duration": f"{self.seconds:.3f}"})


@dataclass(frozen=True, slots=True)
class Desk:
    """Takes in what one request of an account brings; `base64` whether that form is taken, `megabytes` how large a
    picture may be."""

    world: World
    account: str
    base64: bool = True
    megabytes: int = 10

    async def picture(self, name: str, text: str, *, any_ratio: bool = False) -> InputFile:
        """A picture within the limits."""
        found = await self._taken(name, text, base64=self.base64)
        fake_limits.check_picture(name, found.facts, self.megabytes, any_ratio=any_ratio)
        return found

    async def clip(self, name: str, text: str, rule: fake_limits.ClipRule) -> InputFile:
        """A clip by URL."""
        found = await self._taken(name, text, base64=False)
        fake_limits.check_clip(name, found.facts, rule)
        return found

    async def sound(self, name: str, text: str, rule: fake_limits.SoundRule) -> InputFile:
        """A sound by URL or Base64."""
        found = await self._taken(name, text, base64=self.base64)
        fake_limits.check_sound(name, found.facts, rule)
        return found

    async def recording(
        self, name: str, text: str, sound: fake_limits.SoundRule, clip: fake_limits.ClipRule
    ) -> InputFile:
        """A sound, or a clip for the sake of its sound, by URL."""
        found = await self._taken(name, text, base64=False)
        if found.facts.format in sound.formats:
            fake_limits.check_sound(name, found.facts, sound)
        else:
            fake_limits.check_clip(name, found.facts, clip)
        if not found.facts.has_sound:
            raise wrong(f"{name} has no sound")
        return found

    async def mask(self, name: str, text: str, image: MediaFacts, like: MediaFacts | None) -> InputFile:
        """A mask: a picture of the start frame's ratio and of the other masks' sides."""
        found = await self.picture(name, text)
        facts = found.facts
        if abs(facts.width / facts.height / (image.width / image.height) - 1) > 0.02:
            raise wrong(f"{name} aspect ratio must be the same as that of image")
        if like and (facts.width, facts.height) != (like.width, like.height):
            raise wrong(f"{name} must have the same size as the other masks")
        return found

    async def source_clip(self, values: Mapping[str, Any], rule: fake_limits.ClipRule, where: str = "") -> Source:
        """The clip of `video_id` or `video_url`, of which a request has exactly one."""
        name = _one_of(values, "video_id", "video_url", where)
        text = values[name]
        if name == "video_url":
            found = await self.clip(where + name, text, rule)
            return Source(found, found.facts.seconds, url=text)
        source = await self.made(where + name, text, "video")
        fake_limits.check_length(where + name, source.seconds, rule)
        return source

    async def source_sound(self, values: Mapping[str, Any], rule: fake_limits.SoundRule, where: str = "") -> Source:
        """The sound of `audio_id` or `sound_file`, of which a request has exactly one."""
        name = _one_of(values, "audio_id", "sound_file", where)
        text = values[name]
        if name == "sound_file":
            found = await self.sound(where + name, text, rule)
            return Source(found, found.facts.seconds)
        source = await self.made(where + name, text, "audio")
        fake_limits.check_length(where + name, source.seconds, rule)
        return source

    async def made(self, name: str, sought: str, kind: str) -> Source:
        """A file that this account's tasks made, by the id that their results tell."""
        task = fake_made.maker(self.world, self.account, kind, sought)
        path = await self.world.outputs.file(fake_made.file_of(task, kind)) if task else None
        if task is None or path is None:
            raise wrong(f"{name} value '{sought}' is invalid, {kind} not found or expired")
        seconds = float(task.order.details["audio_duration" if kind == "audio" else "duration"])
        return Source(await self.world.inputs.from_file(path), seconds, task=task)

    async def _taken(self, name: str, text: str, *, base64: bool) -> InputFile:
        try:
            if text.startswith(("http://", "https://")):
                return await self.world.inputs.from_url(text, self.world.hosts)
            if not base64:
                raise wrong(f"{name} must be a URL")
            if text.startswith("data:"):
                raise wrong(f"{name} must be Base64 without a data: prefix")
            return await self.world.inputs.from_base64(text)
        except Unusable as error:
            raise wrong(f"{name} {error}") from error


def _one_of(values: Mapping[str, Any], first: str, second: str, where: str) -> str:
    given = [name for name in (first, second) if name in values]
    if not given:
        raise Rebuff(400, 1200, f"{where}{first} or {second} is required")
    if len(given) > 1:
        raise wrong(f"{where}{first} and {second} cannot be used together")
    return given[0]
