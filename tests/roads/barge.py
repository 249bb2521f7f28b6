"""A second road for tests: the native service under another name, which bills in money at other prices, makes pictures
in 4k and makes no avatars. Its requests carry a header by which two worlds behind one address are told apart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kling_pipe.api.running import World
from kling_pipe.providers.kling.adapter import KlingProvider
from kling_pipe.providers.kling.fake import KlingFake
from kling_pipe.providers.kling.profile import profile as native
from kling_pipe.providers.provider import Credential
from kling_pipe.providers.table import Entry, table
from kling_pipe.simulator import media
from kling_pipe.simulator.clock import ScaledClock
from kling_pipe.simulator.server import application
from kling_pipe.simulator.settings import MediaSize, Settings
from kling_pipe.simulator.world import World as Simulation
from kling_pipe.story.lock_reading import read_lock
from kling_pipe.values.job import Realm
from kling_pipe.values.profile import CredentialSource
from kling_pipe.values.wire import Request
from tests.api.small_world import Studio, studio_in
from tests.shared_media import shared_world

mark, prefix = "x-barge", "/barge"


class Barge(KlingProvider):
    """The adapter."""

    @property
    def type(self) -> str:
        return "barge"

    def sign(self, request: Request, credential: Credential, now: float) -> Request:
        signed = super().sign(request, credential, now)
        return signed.with_header(mark, "1")


@dataclass(frozen=True, slots=True)
class BargeEntry(Entry):
    """Its line in the table."""

    def read(self, name: str) -> str:
        text = (Path(self.folder) / name).read_text(encoding="utf-8")
        for before, after in _changes.get(name, ()):
            assert before in text, before
            text = text.replace(before, after)
        return text


_changes = {
    "models.yaml": (
        ("provider: kling\n", "provider: barge\n"),
        ('units_usd: {video: "0.14", image: "0.0035"', 'units_usd: {video: "0.28", image: "0.005"'),
        (("  avatar:\n    {product: video, makes: video, in: models/editing.yaml, "
         "default_model: [{model: kling-avatar}]}\n"), ""),
    ),
    "models/pictures.yaml": (
        ("picture-2k: {resolution: {type: choice, values: [1k, 2k], default: 1k}}",
         "picture-2k: {resolution: {type: choice, values: [1k, 2k, 4k], default: 1k}}"),
        ('grade: likely, rates: [{by: resolution, units: {1k: "8", 2k: "8"}}]',
         'grade: likely, rates: [{by: resolution, units: {1k: "8", 2k: "8", 4k: "20"}}]'),
    ),
}  # fmt: skip
barge = BargeEntry(
    type="barge",
    adapter=Barge,
    folder=table["kling"].folder,
    fake="kling_pipe.providers.kling.fake:KlingFake",
    profile=replace(
        native, name="barge", type="barge", base_url="https://barge.example", base_url_variable="BARGE_BASE_URL",
        api_key=CredentialSource(variable="BARGE_API_KEY"), access_key=None, secret_key=None, webhook_secret=None,
    ),
)  # fmt: skip


@contextmanager
def two_roads() -> Iterator[None]:
    """The table with the second road in it, behind all that are built in."""
    before = dict(table.builtin)
    entries: Any = table.builtin
    entries["barge"] = barge
    try:
        yield
    finally:
        entries.clear()
        entries.update(before)


class TwoRoads(Studio):
    """A folder with a storyboard, and two services that make its pictures; `second` is the world of the second road."""

    second: Simulation

    @property
    def bills_of(self) -> tuple[int, int]:
        """How many tasks were paid for on each road."""
        return len(self.simulation.bills()), len(self.second.bills())

    @property
    def makers(self) -> dict[str, str]:
        """Who made each member, as the lock tells it."""
        path = self.folder / "story.simulated.lock.yaml"
        lock = read_lock(str(path), path.read_text(), Realm.SIMULATED)
        return {address: pinned.made[1].provider for address, pinned in lock.members.items()}


@contextmanager
def two_roads_in(folder: Path, second: dict[str, Any] | None = None, **settings: Any) -> Iterator[TwoRoads]:
    """The native service with `settings`, and the second road with those of its own."""
    base = f"http://simulator.invalid{prefix}"
    settled = Settings(media=MediaSize.SMALL, speed=400.0, media_base=base, **(second or {}))
    other = Simulation(settled, ScaledClock(400.0), media, str(shared_world()))
    with two_roads(), studio_in(folder, **settings) as studio:
        both = TwoRoads(studio.folder, studio.simulation, studio.home)
        both.second = other
        both.world = _joined(studio.world, other)
        try:
            yield both
        finally:
            other.close()


def _joined(world: World, other: Simulation) -> World:
    """One address: what bears the mark, or begins with the second road's name, is for the second world."""
    first, second = world.app, application(other, [KlingFake()])

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        path = scope.get("path", "")
        if path.startswith(prefix):
            path = path.removeprefix(prefix)
            scope = {**scope, "path": path, "raw_path": path.encode()}
            await second(scope, receive, send)
        elif mark.encode() in dict(scope.get("headers", ())):
            await second(scope, receive, send)
        else:
            await first(scope, receive, send)

    return replace(world, app=app)
