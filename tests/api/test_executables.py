"""A road whose service is reached by its own executable: one run of it makes a picture, whatever becomes of ours."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from kling_pipe.api.options import Options
from kling_pipe.api.running import StopSwitch, run
from kling_pipe.api.wires import wire_of
from kling_pipe.api.worlds import World
from kling_pipe.edge.transport import HttpWire
from kling_pipe.events import Event, RunEnded
from kling_pipe.values.profile import FolderUploads, Profile
from tests.edge.loopback import http, serving
from tests.edge.plain_picture import png

pytestmark = pytest.mark.anyio
token = "token-0123456789-abcdef"
storyboard = """\
storyboard: 1
name: boats
provider: picsart
steps:
  boat: {kind: text-to-image, model: kling-v3-omni, prompt: A small boat on a calm sea}
deliver:
  out/boat.png: steps.boat
"""
project = """\
project: 1
profiles:
  picsart:
    type: picsart
    transport: executable
    executable: ./gen-ai
    media_hosts: ["HOST"]
"""


class Studio:
    """A project and a program that says what it is told to."""

    def __init__(self, folder: Path, host: str) -> None:
        self.folder = folder
        self.gate = folder / "gate"
        os.mkfifo(self.gate)
        (folder / "story.yaml").write_text(storyboard)
        (folder / "kling-pipe.yaml").write_text(project.replace("HOST", host))
        self.says = (
            f'{{"url": "http://{host}/boat.png", "results": [{{"url": "http://{host}/boat.png", "type": "image"}}]}}'
        )
        self.heard: list[str] = []
        self.write(f"echo '{self.says}'")

    def write(self, *lines: str) -> None:
        path = self.folder / "gen-ai"
        path.write_text("\n".join(["#!/bin/sh", f'echo "$@" >>{self.folder}/log', *lines, ""]))
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    async def run(self) -> RunEnded:
        variables = {"PATH": os.environ["PATH"], "PICSART_ACCESS_TOKEN": token, "PICSART_USER_ID": "4711471"}
        return await run(str(self.folder / "story.yaml"), Options(environment=variables), self.listen, StopSwitch())

    def listen(self, event: Event) -> None:
        self.heard.append(event.name)

    @property
    def begun(self) -> list[str]:
        log = self.folder / "log"
        return log.read_text().splitlines() if log.exists() else []

    async def until_begun(self, first: asyncio.Future[RunEnded]) -> None:
        while not self.begun and not first.done():  # noqa: ASYNC110  # another program says so
            await asyncio.sleep(0.01)

    def let_on(self) -> None:
        self.gate.write_text("on\n")

    def holds_token(self) -> bool:
        return any(token.encode() in path.read_bytes() for path in self.folder.rglob("*") if path.is_file())


@asynccontextmanager
async def open_studio(folder: Path) -> AsyncIterator[Studio]:
    async with serving(lambda _number, _head: http(200, png(8, 6))) as server:
        yield Studio(folder, server.host)


async def test_one_run_of_the_executable_makes_a_step(tmp_path: Path) -> None:
    async with open_studio(tmp_path) as studio:
        ended = await studio.run()
        again = await studio.run()
    assert (ended.exit_code, ended.done, again.current, len(studio.begun)) == (0, 1, 1, 1)
    assert token not in studio.begun[0]
    assert not studio.holds_token()


async def test_a_run_that_was_killed_is_gone_on_with_and_nothing_is_made_twice(tmp_path: Path) -> None:
    async with open_studio(tmp_path) as studio:
        studio.write(f"read word <{studio.gate}", f"echo '{studio.says}'")
        first = asyncio.ensure_future(studio.run())
        await studio.until_begun(first)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        second = asyncio.ensure_future(studio.run())
        await asyncio.to_thread(studio.let_on)
        ended = await second
    assert (ended.exit_code, ended.done, ended.uncertain, len(studio.begun)) == (0, 1, 0, 1)


async def test_an_executable_that_died_without_a_word_leaves_its_step_uncertain(tmp_path: Path) -> None:
    async with open_studio(tmp_path) as studio:
        studio.write("kill -9 $PPID", "kill -9 $$")
        ended = [await studio.run(), await studio.run()]
    assert ([one.exit_code for one in ended], [one.uncertain for one in ended], len(studio.begun)) == (
        [5, 5],
        [1, 1],
        1,
    )


async def test_a_refused_submit_is_begun_anew_by_the_next_run(tmp_path: Path) -> None:
    async with open_studio(tmp_path) as studio:
        studio.write("""echo '{"error": "Submit failed (400): no such thing", "code": 1}'; exit 1""")
        failed = await studio.run()
        studio.write(f"echo '{studio.says}'")
        ended = await studio.run()
    assert (failed.exit_code, ended.exit_code, len(studio.begun)) == (1, 0, 2)


async def test_what_is_on_record_is_thrown_away_by_the_next_run(tmp_path: Path) -> None:
    async with open_studio(tmp_path) as studio:
        await studio.run()
        kept = list((tmp_path / ".kling-pipe" / "executions").iterdir())
        (tmp_path / "story.yaml").write_text(storyboard.replace("A small boat", "A large boat"))
        await studio.run()
    left = list((tmp_path / ".kling-pipe" / "executions").iterdir())
    assert (len(kept), len(left), set(kept) & set(left)) == (1, 1, set())


async def test_a_simulated_service_is_asked_by_http_and_no_executable_is_begun(tmp_path: Path) -> None:
    uploads = FolderUploads(str(tmp_path), "http://simulator.invalid/uploads")
    world = World(lambda *_: None, "http://simulator.invalid", 1.0, "simulated-key", uploads)
    profile = Profile("picsart", "picsart", "https://api.example", transport="executable", executable="gen-ai")
    wire = wire_of(profile, {}, world.credential(profile), world, str(tmp_path))
    await wire.close()
    assert isinstance(wire, HttpWire)
