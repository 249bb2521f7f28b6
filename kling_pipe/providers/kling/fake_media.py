"""The pictures and clips a request brings, fetched and checked for real against kling.md section 10."""

from __future__ import annotations

from dataclasses import dataclass

from kling_pipe.providers.kling.fake_fields import Rebuff, wrong
from kling_pipe.simulator.inputs import InputFile, Unusable
from kling_pipe.simulator.world import World
from kling_pipe.values.media import MediaFacts, MediaType

_megabyte = 1024 * 1024
# A "10 s" clip of the service itself lasts 10.041 s (section 3), so lengths are compared in tenths.
_slack = 0.1


@dataclass(frozen=True, slots=True)
class Desk:
    """Takes in the media of one request; `base64` whether that form is taken, `megabytes` how large a picture is."""

    world: World
    base64: bool
    megabytes: int

    async def picture(self, name: str, text: str) -> InputFile:
        """A picture within the limits: jpeg or png, sides of 300 px or more, ratio 1:2.5 to 2.5:1."""
        found = await self._taken(name, text, base64=self.base64)
        facts = found.facts
        if facts.type is not MediaType.IMAGE or facts.format not in ("jpeg", "png"):
            raise wrong(f"{name} format is invalid: {facts.format}, expected jpg, jpeg or png")
        if facts.bytes > self.megabytes * _megabyte:
            raise wrong(f"{name} size exceeds {self.megabytes}MB")
        if min(facts.width, facts.height) < 300:
            raise wrong(f"{name} pixel is invalid: {facts.width}x{facts.height}, each side must be at least 300px")
        if not 0.4 <= facts.width / facts.height <= 2.5:
            raise wrong(f"{name} aspect ratio is invalid, expected 1:2.5 to 2.5:1")
        return found

    async def reference_clip(self, name: str, text: str, orientation: str) -> InputFile:
        """A reference clip of motion control: mp4 or mov by URL, 3 to 30 s, or 3 to 10 s for orientation image."""
        found = await self._taken(name, text, base64=False)
        facts = found.facts
        if facts.type is not MediaType.VIDEO or facts.format not in ("mp4", "mov"):
            raise wrong(f"{name} format is invalid: {facts.format}, expected mp4 or mov")
        if facts.bytes > 100 * _megabyte:
            raise wrong(f"{name} size exceeds 100MB")
        if min(facts.width, facts.height) < 340 or max(facts.width, facts.height) > 3850:
            raise wrong(f"{name} resolution is invalid: {facts.width}x{facts.height}, sides must be 340px to 3850px")
        longest = 10 if orientation == "image" else 30
        if not 3 - _slack <= facts.seconds <= longest + _slack:
            raise wrong(f"{name} duration is invalid: {facts.seconds:.1f}s, expected 3s to {longest}s")
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


def external_id_of(text: str | None) -> str:
    """The caller's own id; the service publishes no bounds but it must be usable in a path."""
    if text and ("/" in text or "," in text):
        raise Rebuff(400, 1201, "external_task_id value is invalid")
    return text or ""
