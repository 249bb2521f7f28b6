"""The pictures, clips and sounds a payload brings: fetched by their addresses and looked at.

The page says only what type each is and how long a motion reference may be; Base64 is nowhere mentioned and so refused.
"""

from __future__ import annotations

from dataclasses import dataclass

from kling_pipe.providers.picsart.fake_fields import wrong
from kling_pipe.simulator.inputs import InputFile, Unusable
from kling_pipe.simulator.world import World
from kling_pipe.values.media import MediaType

_slack = 0.1  # clips of the service itself last some milliseconds longer than they are called


@dataclass(frozen=True, slots=True)
class Desk:
    """Takes in what one request of an account brings."""

    world: World
    account: str

    async def picture(self, name: str, text: str) -> InputFile:
        """A picture."""
        return await self._taken(name, text, MediaType.IMAGE)

    async def clip(self, name: str, text: str, most_seconds: float = 0.0) -> InputFile:
        """A clip, no longer than is said."""
        found = await self._taken(name, text, MediaType.VIDEO)
        if most_seconds and found.facts.seconds > most_seconds + _slack:
            raise wrong(f"{name} must not be longer than {most_seconds:g} seconds")
        return found

    async def sound(self, name: str, text: str) -> InputFile:
        """A sound."""
        return await self._taken(name, text, MediaType.AUDIO)

    async def _taken(self, name: str, text: str, wanted: MediaType) -> InputFile:
        if not text.startswith(("http://", "https://")):
            raise wrong(f"{name} must be a URL")
        try:
            found = await self.world.inputs.from_url(text, self.world.hosts)
        except Unusable as error:
            raise wrong(f"{name} {error}") from error
        if found.facts.type is not wanted:
            raise wrong(f"{name} must be of type {wanted}, not {found.facts.type}")
        return found
