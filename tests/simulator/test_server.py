"""The world over ASGI with a small service: files, uploads, its own pages and every fault on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from kling_pipe.simulator.clock import ManualClock
from kling_pipe.simulator.faults import Fault, Scope
from kling_pipe.simulator.media import PictureOrder
from kling_pipe.simulator.server import application
from kling_pipe.simulator.service import AnswerDropped, Call, Endpoint, Reply
from kling_pipe.simulator.settings import Settings
from kling_pipe.simulator.tasks import Task, TaskOrder
from kling_pipe.simulator.world import World
from tests.paper_studio import PaperStudio, picture

pytestmark = pytest.mark.anyio


class Pinhole:
    """A service with one create and one query."""

    name = "pinhole"

    def endpoints(self, world: World) -> tuple[Endpoint, ...]:
        async def create(call: Call) -> Reply:
            order = PictureOrder("a lantern", 1360, 768, 0, "l")
            task = world.create(TaskOrder("simulated", "pinhole", "image", "/make", "m", Decimal(8), 24, (order,)))
            assert isinstance(task, Task)
            return Reply.json(200, {"id": task.id})

        async def query(call: Call) -> Reply:
            task = world.task("simulated", call.parameters["id"])
            assert task is not None
            return Reply.json(200, {"urls": world.urls(task, call.base_url)})

        return (Endpoint("POST", "/make", Scope.CREATE, create), Endpoint("GET", "/make/{id}", Scope.QUERY, query))

    def faulty(self, fault: Fault, world: World, call: Call) -> Reply:
        return Reply.json(418, {"fault": str(fault)})

    def otherwise(self, call: Call, *, known: bool) -> Reply:
        return Reply.json(404, {"known": known})


Start = Callable[..., httpx.AsyncClient]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    worlds: list[World] = []

    def begin(*faults: str, **settings: str) -> httpx.AsyncClient:
        pairs = [*(("fault", fault) for fault in faults), *((n.replace("_", "-"), t) for n, t in settings.items())]
        world = World(Settings.parse(pairs), ManualClock(), PaperStudio(), str(tmp_path))
        worlds.append(world)
        app = application(world, [Pinhole()])
        return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://sim.test")

    yield begin
    for world in worlds:
        world.close()


async def made_url(client: httpx.AsyncClient) -> str:
    task = (await client.post("/make")).json()["id"]
    url: str = (await client.get(f"/make/{task}")).json()["urls"][0]
    return url


async def bills(client: httpx.AsyncClient) -> int:
    return len((await client.get("/simulator/bills")).json()["bills"])


async def test_a_file_is_served_whole_and_in_parts(start: Start) -> None:
    async with start() as client:
        url = await made_url(client)
        whole = await client.get(url)
        part = await client.get(url, headers={"range": "bytes=10-"})
        head = await client.head(url)
    assert (whole.status_code, whole.headers["content-length"]) == (200, str(len(whole.content)))
    assert (part.status_code, part.content) == (206, whole.content[10:])
    assert part.headers["etag"] == whole.headers["etag"] == head.headers["etag"]
    assert (head.status_code, head.content) == (200, b"")


async def test_files_need_a_good_signature_and_live_their_time(start: Start) -> None:
    async with start(url_lifetime="0") as client:
        url = await made_url(client)
        assert (await client.get(url.partition("?")[0])).status_code == 403
        assert (await client.get(url.replace("sig=", "sig=0"))).text == "AccessDenied: the URL is forged\n"
        assert (await client.get(url)).status_code == 200
        await client.post("/simulator/reset")
        assert (await client.get(url)).status_code == 200


async def test_an_upload_is_served_under_its_name(start: Start) -> None:
    async with start() as client:
        put = await client.put("/uploads/clips/a.png", content=picture())
        assert (put.status_code, put.json()) == (201, {"url": "http://sim.test/uploads/clips/a.png"})
        assert (await client.get("/uploads/clips/a.png")).content == picture()
        assert (await client.get("/uploads/b.png")).status_code == 404
        assert (await client.put("/uploads/%2e%2e/b.png", content=b"")).status_code in (400, 404)


async def test_the_world_shows_and_resets_itself(start: Start) -> None:
    async with start("stuck=#2", seed="4") as client:
        await client.post("/make")
        await client.post("/make")
        tasks = (await client.get("/simulator/tasks")).json()["tasks"]
        assert [(task["phase"], task["fate"]) for task in tasks] == [("queued", "succeeds"), ("queued", "stuck")]
        assert (await client.get("/simulator/faults")).json() == {
            "struck": {"stuck": 1},
            "requests": {"create": 2, "query": 0, "download": 0},
        }
        settings = (await client.post("/simulator/reset", json={"faults": [], "pools": {"video": 9}})).json()
        assert (settings["faults"], settings["pools"]["video"], settings["seed"]) == ([], 9, 4)
        assert settings == (await client.get("/simulator/settings")).json()
        assert await bills(client) == 0
        refused = await client.post("/simulator/reset", json={"seed": "x"})
        assert (refused.status_code, refused.json()) == (400, {"error": "`seed` takes a whole number: x"})


async def test_unknown_paths_and_methods_are_the_services_to_answer(start: Start) -> None:
    async with start() as client:
        assert (await client.get("/nowhere")).json() == {"known": False}
        assert (await client.delete("/make")).json() == {"known": True}


@pytest.mark.parametrize(("fault", "made"), [("lost-before", 0), ("lost-after", 1)])
async def test_a_dropped_connection_is_an_exception_in_process(start: Start, fault: str, made: int) -> None:
    async with start(f"{fault}=#1") as client:
        with pytest.raises(AnswerDropped):
            await client.post("/make")
        assert await bills(client) == made


@pytest.mark.parametrize(
    ("fault", "made"),
    [
        ("error-before", 0),
        ("error-after", 1),
        ("throttled", 0),
        ("throttled-bare", 0),
        ("over-quota", 0),
        ("moderated", 0),
        ("unauthorized-once", 0),
    ],
)
async def test_a_fault_with_an_answer_is_worded_by_the_service(start: Start, fault: str, made: int) -> None:
    async with start(f"{fault}=#1") as client:
        answer = await client.post("/make")
        assert (answer.status_code, answer.json(), await bills(client)) == (418, {"fault": fault}, made)
        assert (await client.post("/make")).status_code == 200


async def test_a_malformed_answer_comes_after_the_work(start: Start) -> None:
    async with start("malformed=#1") as client:
        answer = await client.post("/make")
        assert (answer.status_code, answer.text[:6]) == (200, '{"id":')
        with pytest.raises(ValueError, match="Unterminated"):
            answer.json()
        assert await bills(client) == 1


async def test_a_slow_answer_takes_its_time(start: Start) -> None:
    async with start("slow=#1", delay="90") as client:
        await client.post("/make")
        await client.post("/make")
        ages = [task["age"] for task in (await client.get("/simulator/tasks")).json()["tasks"]]
    assert ages == [0, 0]


async def test_a_truncated_download_promises_the_whole_length(start: Start) -> None:
    async with start("truncated=#1") as client:
        url = await made_url(client)
        cut, whole = await client.get(url), await client.get(url)
        assert cut.headers["content-length"] == str(len(whole.content))
        assert cut.content == whole.content[: len(whole.content) // 2]


async def test_an_expired_url_is_renewed_by_the_next_query(start: Start) -> None:
    async with start("expired=#1") as client:
        task = (await client.post("/make")).json()["id"]
        urls = [(await client.get(f"/make/{task}")).json()["urls"][0]]
        assert (await client.get(urls[0])).text == "AccessDenied: the URL is expired\n"
        assert (await client.get(urls[0])).status_code == 403
        urls.append((await client.get(f"/make/{task}")).json()["urls"][0])
        assert (await client.get(urls[1])).status_code == 200
