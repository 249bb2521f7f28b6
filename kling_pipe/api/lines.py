"""The way to a profile's service for verbs that ask it something outside of a run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from kling_pipe.api.reach import need_reach
from kling_pipe.api.wires import wire_of
from kling_pipe.api.worlds import World, base_url_of
from kling_pipe.edge.credentials import find_credential, need_credential
from kling_pipe.errors import CredentialFailure
from kling_pipe.providers.provider import Credential, Provider
from kling_pipe.run.exchange import Line, Pause
from kling_pipe.values.profile import Profile


@dataclass(frozen=True, slots=True)
class Way:
    """What leads to services: the environment and the folder that credentials are read from, or a simulated world."""

    environment: Mapping[str, str]
    root: str
    world: World | None = None

    def address(self, profile: Profile) -> str:
        return base_url_of(profile, self.environment, self.world)

    def credential(self, profile: Profile) -> Credential:
        """Raises CredentialFailure when there is none."""
        if self.world is not None:
            return self.world.credential(profile)
        return need_credential(profile, self.environment, self.root)

    def leads_to(self, profile: Profile) -> bool:
        """Whether there is a credential, good or bad: what is wrong with one is said when it is used."""
        try:
            return self.world is not None or find_credential(profile, self.environment, self.root) is not None
        except CredentialFailure:
            return True

    @property
    def pause(self) -> Pause:
        """Waits as fast as the world runs."""
        speed = self.world.speed if self.world else 1.0
        return lambda seconds: asyncio.sleep(seconds / speed)

    @asynccontextmanager
    async def line(self, profile: Profile, adapter: Provider) -> AsyncIterator[Line]:
        """An open line, closed at the block's end; raises UsageFailure when the profile leads nowhere."""
        need_reach(profile, self.environment, self.world)
        credential = self.credential(profile)
        wire = wire_of(profile, self.environment, credential, self.world)
        try:
            yield Line(adapter, credential, wire)
        finally:
            await wire.close()
