"""Joins a machine to the services it needs, for one pass of a run."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kling_pipe.api.callbacks import calling_back
from kling_pipe.api.options import Callbacks
from kling_pipe.api.storing import LedgerMemory, Memory, PassingMemory, ServiceStorage
from kling_pipe.api.ways import Ways
from kling_pipe.api.wires import agent, sweep, wire_of
from kling_pipe.edge.book import LedgerBook
from kling_pipe.edge.clock import RealClock
from kling_pipe.edge.executable import ExecutableWire
from kling_pipe.edge.files import MediaFiles
from kling_pipe.edge.ledger_uploads import Account
from kling_pipe.edge.store import Store
from kling_pipe.edge.transport import HttpFiles
from kling_pipe.edge.uploads import Storage
from kling_pipe.events import Event
from kling_pipe.providers.provider import Credential, Provider
from kling_pipe.run.driver import Driver, StopSwitch
from kling_pipe.run.exchange import Line
from kling_pipe.run.machine import Machine
from kling_pipe.values.job import Job
from kling_pipe.values.profile import Profile
from kling_pipe.values.transfer import Form

heartbeat_seconds = 10.0


@dataclass(frozen=True, slots=True)
class Drive:
    """What every pass of a run has at hand; `pace` is how long a second of the world lasts."""

    ways: Ways
    store: Store
    book: LedgerBook
    clock: RealClock
    listen: Callable[[Event], None]
    pace: float
    callbacks: Callbacks | None

    async def run(
        self,
        machine: Machine,
        profiles: Mapping[str, Profile],
        credentials: Mapping[str, Credential],
        adapters: Mapping[str, Provider],
        stop: StopSwitch,
    ) -> int:
        """Runs the machine to its end; how many status requests that took."""
        world, environment = self.ways.world, self.ways.workspace.environment
        app, home = world.app if world else None, self.ways.workspace.home
        await self.book.ask(lambda ledger: sweep(home, ledger))
        wires = {
            name: wire_of(profile, environment, credentials[name], world, home) for name, profile in profiles.items()
        }
        http = HttpFiles([host for profile in profiles.values() for host in self.ways.own_hosts(profile)], app, agent)
        lines = {
            name: Line(
                adapters[name], credentials[name], wire, keeper=wire if isinstance(wire, ExecutableWire) else None
            )
            for name, wire in wires.items()
        }

        def forms(job: Job, field: str) -> Form:
            return adapters[job.profile].forms(job.kind, field, job.route)

        uploaders = {name: self.ways.uploader(profile) for name, profile in profiles.items()}
        files = MediaFiles(self.store, http, forms, uploaders, home, self._storages(profiles, lines))
        driver = Driver(machine, lines, self.book, files, self.clock, self.listen)
        heartbeat = asyncio.create_task(_beat(self.book))
        keys = {name: self.ways.webhook_secret(profile) for name, profile in profiles.items()}
        try:
            async with calling_back(self.callbacks, lines, keys, driver.called_back):
                await driver.run(stop)
        finally:
            heartbeat.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await heartbeat
            for wire in wires.values():
                await wire.close()
            await http.close()
        return driver.traffic.status_requests

    def _storages(self, profiles: Mapping[str, Profile], lines: Mapping[str, Line]) -> dict[str, Storage]:
        """The services' own storages, as far as they have one."""
        return {
            name: ServiceStorage(line, self._memory(profiles[name], line), self.clock, self._rest)
            for name, line in lines.items()
            if line.provider.uploads
        }

    def _memory(self, profile: Profile, line: Line) -> Memory:
        if self.ways.world is not None:
            return PassingMemory()
        account = Account.of(profile.type, self.ways.base_url(profile), line.credential.primary)
        return LedgerMemory(self.book, account, self.clock.now)

    async def _rest(self, seconds: float) -> None:
        await asyncio.sleep(seconds * self.pace)


async def _beat(book: LedgerBook) -> None:
    while True:
        await asyncio.sleep(heartbeat_seconds)
        await book.renew()
