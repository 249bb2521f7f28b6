"""The verbs as a library on a simulated world in this process: fast, small pictures, and bills that are counted."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from kling_pipe.api.options import Options
from kling_pipe.api.running import StopSwitch, World, run
from kling_pipe.events import Event, RunEnded
from kling_pipe.providers.kling.fake import KlingFake
from kling_pipe.simulator import media
from kling_pipe.simulator.clock import ScaledClock
from kling_pipe.simulator.server import application
from kling_pipe.simulator.settings import MediaSize, Settings
from kling_pipe.simulator.world import World as Simulation
from kling_pipe.values.profile import FolderUploads
from tests.shared_media import shared_world

story = """\
storyboard: 1
name: boats
provider: kling
steps:
  boat:
    kind: text-to-image
    model: kling-v3
    prompt: A small boat on a calm sea
  night:
    kind: image-to-image
    model: kling-v3
    image: steps.boat
    prompt: The same boat at night
deliver:
  out/boat.png: steps.boat
  out/night.png: steps.night
"""


class Studio:
    """A folder with a storyboard, and the service that makes its pictures."""

    def __init__(self, folder: Path, simulation: Simulation, home: Path) -> None:
        self.folder = folder
        self.path = folder / "story.yaml"
        self.home = home
        self.simulation = simulation
        self.heard: list[Event] = []
        self.on_event: Callable[[Event], None] = lambda _event: None
        uploads = FolderUploads(str(home / "simulated" / "uploads"), "http://simulator.invalid/uploads")
        self.world = World(
            application(simulation, [KlingFake()]), "http://simulator.invalid", 400.0, "simulated-key", uploads
        )
        self.write(story)

    def write(self, text: str) -> None:
        self.path.write_text(text)

    @property
    def bills(self) -> int:
        """How many tasks were paid for."""
        return len(self.simulation.bills())

    async def run(self, *, stop: StopSwitch | None = None, **options: Any) -> RunEnded:
        """One run; what happened is in `heard`."""
        self.heard = []

        def listen(event: Event) -> None:
            self.heard.append(event)
            self.on_event(event)

        return await run(str(self.path), Options(simulate=True, **options), listen, stop or StopSwitch(), self.world)

    def told(self, *names: str) -> list[str]:
        """The events of these names, as short lines."""
        return [f"{event.member} {event.name}".strip() for event in self.heard if event.name in names]

    def out(self) -> dict[str, bytes]:
        """What was delivered."""
        return {path.name: path.read_bytes() for path in sorted((self.folder / "out").iterdir())}

    def answer(self, rule: Callable[[str, str], tuple[int, dict[str, Any]] | None]) -> None:
        """Lets a rule of method and path answer in the service's place; None lets the service."""
        served = self.world.app

        async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
            said = rule(scope["method"], scope["path"]) if scope["type"] == "http" else None
            if said is None:
                await served(scope, receive, send)
                return
            headers = [(b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": said[0], "headers": headers})
            await send({"type": "http.response.body", "body": json.dumps(said[1]).encode()})

        self.world = replace(self.world, app=app)

    def lose_file(self, member: str, index: int = 0, take: int = 1) -> str:
        """Takes one stored file of a member away; its digest."""
        query = "select digest from artifacts join jobs using (external_id) where member = ? and idx = ? and take = ?"
        with closing(sqlite3.connect(self.home / "ledger.db")) as ledger:
            ((digest,),) = ledger.execute(query, (member, index, take)).fetchall()
        (self.home / "objects" / digest[:2] / digest[2:]).unlink()
        return str(digest)

    def lose(self, *names: str) -> None:
        """Takes files or folders of the state away."""
        for name in names:
            path = self.home / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


@contextmanager
def studio_in(folder: Path, home: Path | None = None, **settings: Any) -> Iterator[Studio]:
    home = home or folder / ".kling-pipe"
    folder.mkdir(parents=True, exist_ok=True)
    settled = Settings(media=MediaSize.SMALL, speed=400.0, **settings)
    simulation = Simulation(settled, ScaledClock(400.0), media, str(shared_world()))
    try:
        yield Studio(folder, simulation, home)
    finally:
        simulation.close()
