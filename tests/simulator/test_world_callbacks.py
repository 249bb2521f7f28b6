"""What a world tells of its tasks by itself: when, how signed, and what may go wrong on the way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from kling_pipe.simulator.callbacks import signed
from kling_pipe.simulator.clock import ManualClock
from kling_pipe.simulator.settings import Settings
from kling_pipe.simulator.tasks import Task
from kling_pipe.simulator.world import World
from tests.paper_studio import PaperStudio
from tests.simulator.test_world import order

pytestmark = pytest.mark.anyio


class Listener:
    """Takes callbacks; `deaf` answers nobody."""

    def __init__(self, *, deaf: bool = False) -> None:
        self.heard: list[tuple[str, Mapping[str, str], bytes]] = []
        self.deaf = deaf

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        self.heard.append((url, headers, body))
        if self.deaf:
            raise OSError("nobody listens")

    @property
    def lines(self) -> list[str]:
        return [json.loads(body)["line"] for _, _, body in self.heard]


async def followed(path: Path, listener: Listener, *settings: tuple[str, str], tasks: int = 1) -> World:
    """A world that has told all it had to tell of some tasks; sleepers move its clock."""
    clock = ManualClock()
    world = World(Settings.parse(settings), clock, PaperStudio(), str(path), post=listener.post)
    for number in range(tasks):
        task = world.create(replace(order(f"job-{number}"), callback_url="https://hook.test/a"))
        assert isinstance(task, Task)
        world.callbacks.follow(task, lambda moment, task=task: line(task, moment))
        await world.callbacks.settled()
    world.close()
    return world


def line(task: Task, moment: float) -> bytes:
    return json.dumps({"line": f"{task.order.external_id} {task.phase(moment)}"}).encode()


async def test_every_change_is_told_once(tmp_path: Path) -> None:
    listener = Listener()
    await followed(tmp_path, listener)
    assert listener.lines == ["job-0 queued", "job-0 running", "job-0 succeeded"]
    assert [(url, dict(headers)) for url, headers, _ in listener.heard] == [
        ("https://hook.test/a", {"content-type": "application/json"})
    ] * 3


async def test_a_stuck_task_tells_no_end(tmp_path: Path) -> None:
    listener = Listener()
    await followed(tmp_path, listener, ("fault", "stuck=#1"))
    assert listener.lines == ["job-0 queued", "job-0 running"]


async def test_a_failure_is_told(tmp_path: Path) -> None:
    listener = Listener()
    await followed(tmp_path, listener, ("fault", "failed-late=#1"))
    assert listener.lines[-1] == "job-0 failed"


async def test_nobody_has_to_listen(tmp_path: Path) -> None:
    listener = Listener(deaf=True)
    await followed(tmp_path, listener)
    assert len(listener.heard) == 3


async def test_nothing_is_begun_for_a_task_without_an_address(tmp_path: Path) -> None:
    world = World(Settings(), ManualClock(), PaperStudio(), str(tmp_path), post=Listener().post)
    task = world.create(order())
    assert isinstance(task, Task)
    before = asyncio.all_tasks()
    world.callbacks.follow(task, lambda _moment: b"")
    assert asyncio.all_tasks() == before
    world.close()


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("callback-losses", []),
        ("callback-repeats", ["queued", "queued", "running", "running", "succeeded", "succeeded"]),
        ("callback-disorder", ["queued", "running", "succeeded"]),
    ],
)
async def test_what_always_goes_wrong(tmp_path: Path, setting: str, expected: list[str]) -> None:
    listener = Listener()
    await followed(tmp_path, listener, (setting, "1"))
    assert listener.lines == [f"job-0 {phase}" for phase in expected]


async def test_what_sometimes_goes_wrong_is_drawn_from_the_seed(tmp_path: Path) -> None:
    settings = [(f"callback-{name}", "0.3") for name in ("losses", "repeats", "disorder")]
    heard = []
    for seed in ("1", "1", "2"):
        listener = Listener()
        await followed(tmp_path, listener, ("seed", seed), *settings, tasks=12)
        heard.append(listener.lines)
    assert heard[0] == heard[1]
    assert heard[0] != heard[2]
    order_of = {"queued": 0, "running": 1, "succeeded": 2, "failed": 2}
    by_task = [[order_of[text.split()[1]] for text in heard[0] if text.startswith(f"job-{n} ")] for n in range(12)]
    assert any(len(set(phases)) < 3 for phases in by_task), "none was lost"
    assert any(len(set(phases)) < len(phases) for phases in by_task), "none was repeated"
    assert any(phases != sorted(phases) for phases in by_task), "none was late"


async def test_a_repeat_bears_the_name_and_the_signature_of_the_first(tmp_path: Path) -> None:
    listener = Listener()
    secret = "whsec_dGVzdHNlY3JldHRlc3RzZWNyZXR0ZXN0c2VjcmV0MTI="
    world = await followed(tmp_path, listener, ("webhook-secret", secret), ("callback-repeats", "1"))
    headers = [dict(headers) for _, headers, _ in listener.heard]
    assert headers[0::2] == headers[1::2]
    assert len({one["webhook-id"] for one in headers}) == 3
    _, first, body = listener.heard[0]
    expected = signed(secret, first["webhook-id"], int(world.began), body)
    assert {name: value for name, value in first.items() if name != "content-type"} == expected


def test_the_published_vector_is_met() -> None:
    """kling.json, callback.signature.test_vector."""
    body = (
        b'{"id":"1234567890","status":"succeeded","message":"","create_time":1781080778802,"update_time":1781080794151}'
    )
    secret = "whsec_dGVzdHNlY3JldHRlc3RzZWNyZXR0ZXN0c2VjcmV0MTI="
    assert signed(secret, "9876543210", 1781080794, body) == {
        "webhook-id": "9876543210",
        "webhook-timestamp": "1781080794",
        "webhook-signature": "v1,UsKlJP00XoQyOn410NM9xv34sP+Gl0jnOO9Lcpr7NJ4=",
    }
