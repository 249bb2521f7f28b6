"""The stand-in for `gen-ai` as a process of its own, against a simulator on a socket (picsart.md section 4)."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from kling_pipe.providers.kling.fake import KlingFake
from kling_pipe.providers.picsart.fake import PicsartFake
from kling_pipe.providers.picsart.fake_executable import main
from kling_pipe.simulator.clock import ScaledClock
from kling_pipe.simulator.server import application, serving
from kling_pipe.simulator.settings import Settings
from kling_pipe.simulator.world import World
from tests.paper_studio import PaperStudio
from tests.patience import patience
from tests.providers.picsart_fake_stage import files

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

module = "kling_pipe.providers.picsart.fake_executable"
made = ("generate", "--no-input", "--quiet", "--json")
clip = ("-m", "kling-v3", "-p", "p", "--no-audio-gen")


@dataclass
class Bench:
    """A world on a socket, and a folder that is home to the tool."""

    world: World
    url: str
    home: Path

    def environment(self, **more: str) -> dict[str, str]:
        return {
            "PICSART_ACCESS_TOKEN": "simulated-key", "PICSART_USER_ID": "17", "HOME": str(self.home),
            "GEN_AI_API_URL": f"{self.url}/picsart", "GEN_AI_UPLOAD_URL": f"{self.url}/picsart/upload", **more,
        }  # fmt: skip

    async def begin(self, *words: str, stdin: int = asyncio.subprocess.DEVNULL) -> asyncio.subprocess.Process:
        """The tool as a process of its own."""
        path = os.pathsep.join(filter(None, sys.path))
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, *words, cwd=self.home, env=self.environment(PYTHONPATH=path), stdin=stdin,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip

    async def ended(self, process: asyncio.subprocess.Process, stdin: bytes = b"") -> tuple[int | None, str, str]:
        """Exit code, stdout and stderr of a process."""
        async with asyncio.timeout(patience):
            out, err = await process.communicate(stdin or None)
        return process.returncode, out.decode(), err.decode()

    async def run(self, *words: str, **more: str) -> tuple[int | None, str, str]:
        """The same of the tool in a thread, which is much quicker than a process."""
        out, err = io.StringIO(), io.StringIO()
        folder = ("--download", str(self.home / "output")) if "generate" in words else ()
        code = await asyncio.to_thread(main, (*words, *folder), self.environment(**more), None, out, err)
        return code, out.getvalue(), err.getvalue()

    async def told(self, *words: str, **more: str) -> tuple[int | None, Any]:
        """Exit code and the JSON of stdout."""
        code, out, err = await self.run(*words, **more)
        assert out, err
        return code, json.loads(out)

    async def task_made(self) -> None:
        """Waits until the world has a task."""
        while not self.world.tasks():  # noqa: ASYNC110  # the world tells nobody
            await asyncio.sleep(0.01)

    def saved(self, folder: str = "output") -> list[str]:
        return sorted(path.suffix for path in (self.home / folder).iterdir())


@asynccontextmanager
async def bench(path: Path, *settings: tuple[str, str]) -> AsyncIterator[Bench]:
    world = World(Settings.parse([("speed", "1000"), *settings]), ScaledClock(), PaperStudio(), str(path / "world"))
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    app = application(world, [KlingFake(), PicsartFake()])
    server = asyncio.create_task(serving(app, "127.0.0.1", 0, ready.set_result))
    home = path / "home"
    home.mkdir()
    for name, data in files.items():
        (home / name).write_bytes(data)
    try:
        yield Bench(world, await ready, home)
    finally:
        server.cancel()
        await asyncio.gather(server, return_exceptions=True)
        world.close()


async def test_a_generation_is_printed_saved_and_remembered(tmp_path: Path) -> None:
    async with bench(tmp_path) as here:
        code, out, err = await here.ended(await here.begin(*made, *clip))
        data = json.loads(out)
        assert (code, err, out.count("\n") > 5) == (0, "", True)
        assert list(data) == ["url", "model", "results", "durationMs"]
        assert data["results"] == [{"url": data["url"], "type": "video"}]
        await here.run(*made, *clip)
        assert here.saved() == [".mp4", ".mp4"]
        (_, history) = await here.told("history", "--json")
        assert [sorted(entry) for entry in history] == [["createdAt", "model", "params", "status", "url"]] * 2
        task = here.world.tasks()[0]
        assert (task.order.details["drive"], task.order.details["sound"]) == ("Gen AI/kling-v3", "false")
        assert [bill["units"] for bill in here.world.bills()] == ["30", "30"]


async def test_the_same_file_is_never_written_over(tmp_path: Path) -> None:
    async with bench(tmp_path) as here:
        _, data = await here.told(*made, *clip)
        (here.home / "output" / Path(urlsplit(data["url"]).path).name).write_bytes(b"mine")
        here.world.reset(here.world.settings)
        await here.told(*made, *clip)
        assert sorted(path.read_bytes() == b"mine" for path in (here.home / "output").iterdir()) == [False, True]


async def test_local_files_are_handed_in_first(tmp_path: Path) -> None:
    async with bench(tmp_path) as here:
        picture, sound = str(here.home / "tall.png"), str(here.home / "line.mp3")
        words = ("-m", "kling-avatar", "-i", picture, "-a", sound, "--prompt-file", picture)
        code, data = await here.told(*made, *words)
        assert (code, "error" in data) == (0, False), data
        order: Any = here.world.tasks()[0].order.outputs[0]
        assert (order.width, order.height, order.seconds) == (720, 1280, 4.0)


@pytest.mark.parametrize(
    ("settings", "words", "expected"),
    [
        ([("fault", "throttled=1")], clip, (1, "Submit failed (429): Too many requests")),
        ([("fault", "error-before=1")], clip, (1, "Submit failed (503): Service unavailable")),
        ([("fault", "moderated=1")], clip, (1, "Submit failed (400): The request was refused by content moderation")),
        ([("forbidden", "kling-v3")], clip,
         (1, "Submit failed (403): This model is not available for the account")),
        ([], (*clip, "--aspect-ratio", "9:16"),
         (3, "Submit failed (401): Unauthorized: the token is not valid")),
        ([("fault", "malformed=create:1")], clip, (1, "Submit failed: no task id in the answer")),
        ([("fault", "lost-after=create:1")], clip, (4, "Network error: ConnectionResetError")),
        ([], (*clip, "--max-cost", "29"), (2, "Estimated cost 30 credits exceeds --max-cost 29")),
        ([], ("-m", "kling-video-effects", "-i", "wide.png", "--template-id", "no_such"),
         (1, "Submit failed (400): effect_scene is not known: no_such")),
        ([("fault", "error-before=1"), ("fault", "throttled=query:1")], ("-m", "kling-v2a", "--video", "dance.mp4"),
         (5, "Upload failed (429): Too many requests")),
    ],
)  # fmt: skip
async def test_what_goes_wrong_before_a_task_is_one_compact_line(
    tmp_path: Path, settings: list[tuple[str, str]], words: tuple[str, ...], expected: tuple[int, str]
) -> None:
    async with bench(tmp_path, *settings) as here:
        more = {"PICSART_ACCESS_TOKEN": "stranger"} if expected[0] == 3 else {}
        given = [str(here.home / word) if word in files else word for word in words]
        code, out, err = await here.run(*made, *given, **more)
        data = json.loads(out)
        told = (
            data["error"]
            .replace("RemoteDisconnected", "ConnectionResetError")
            .replace(": OSError", ": ConnectionResetError")
        )
        assert (code, data["code"], told, out.count("\n"), err) == (expected[0], *expected, 1, "")


async def test_without_credits_stdout_is_empty(tmp_path: Path) -> None:
    async with bench(tmp_path, ("units", "picsart.balance=29")) as here:
        code, out, err = await here.run(*made, *clip)
    assert (code, out, err.startswith("Not enough credits: ")) == (7, "", True)


@pytest.mark.parametrize("fault", ["failed-late", "moderated-late"])
async def test_what_fails_on_the_server_ends_with_nought(tmp_path: Path, fault: str) -> None:
    async with bench(tmp_path, ("fault", f"{fault}=1")) as here:
        code, data = await here.told(*made, *clip)
        assert (code, list(data), data["model"]) == (0, ["error", "model", "durationMs"], "kling-v3")
        words = {"failed-late": "Generation failed", "moderated-late": "The result was refused by content moderation"}
        assert data["error"] == words[fault]


async def test_a_cancelled_task_lacks_a_terminal_status(tmp_path: Path) -> None:
    async with bench(tmp_path, ("fault", "failed-late=1")) as here:
        found = [await here.told(*made, *clip) for _ in range(4)]
    assert [code for code, _ in found] == [0] * 4
    assert "Job ended without a terminal status: CANCELED" in [data["error"] for _, data in found]


async def test_a_task_that_is_not_waited_for_any_longer_is_named(tmp_path: Path) -> None:
    async with bench(tmp_path, ("fault", "stuck=1")) as here:
        code, data = await here.told(*made, *clip, "--poll-timeout", "0.2")
        assert (code, data.pop("durationMs") >= 200) == (0, True)
        task = here.world.tasks()[0].id
        assert data == {"error": "Timed out after 0.2s", "taskId": task, "model": "kling-v3", "status": "timeout"}


async def test_open_stdin_is_waited_for_and_becomes_the_prompt(tmp_path: Path) -> None:
    async with bench(tmp_path) as here:
        process = await here.begin(*made, "-m", "kling-t2a", stdin=asyncio.subprocess.PIPE)
        code, out, _ = await here.ended(process, b"rain on a roof\n")
        assert (code, "url" in json.loads(out)) == (0, True)
        order: Any = here.world.tasks()[0].order.outputs[0]
        assert order.words == "rain on a roof"


async def test_an_interrupt_leaves_a_task_that_nobody_knows_the_id_of(tmp_path: Path) -> None:
    async with bench(tmp_path, ("fault", "stuck=1")) as here:
        process = await here.begin(*made, *clip)
        async with asyncio.timeout(patience):
            await here.task_made()
        process.send_signal(signal.SIGINT)
        code, out, _ = await here.ended(process)
        assert (code, out, await here.told("history", "--json")) == (130, "", (0, []))


async def test_a_price_is_asked_for_and_makes_nothing(tmp_path: Path) -> None:
    async with bench(tmp_path) as here:
        found = await here.told("pricing", "kling-v3", "--duration", "10", "--resolution", "1080p", "--audio", "--json")
        plain = await here.told("pricing", "kling-t2a", "--json")
        assert here.world.tasks() == ()
    assert found == (0, {
        "id": "kling-v3", "name": "Kling V3", "provider": "Kling", "mode": "video",
        "creditRange": {"min": 18, "max": 450, "unit": "credits"},
        "context": {"duration": 10, "generateAudio": True, "renderingSpeed": "pro"},
        "totalCredits": 120, "duration": 10,
    })  # fmt: skip
    assert plain[1]["creditRange"] == {"min": 3, "max": 10, "unit": "credits"}


async def test_a_batch_is_told_at_its_end_and_can_be_gone_on_with(tmp_path: Path) -> None:
    jobs = [
        {"id": "a", "prompt": "rain"},
        {"id": "b", "model": "kling-v3", "prompt": "p", "startFrame": "wide.png"},
        {"id": "c", "prompt": "wind", "duration": 4.5},
    ]
    async with bench(tmp_path) as here:
        manifest, folder = str(here.home / "jobs.json"), str(here.home / "made")
        (here.home / "jobs.json").write_text(json.dumps({"defaults": {"model": "kling-t2a"}, "jobs": jobs}))
        dry = await here.told("batch", "run", manifest, "--dry-run", "--json")
        assert (dry[1]["jobs"][1], here.world.tasks()) == ({"id": "b", "model": "kling-v3"}, ())
        code, told = await here.told("batch", "run", manifest, "-c", "2", "-o", folder, "--json")
        assert (code, [(job["id"], job["status"]) for job in told["jobs"]]) == (
            0, [("a", "completed"), ("b", "failed"), ("c", "completed")],
        )  # fmt: skip
        assert told["jobs"][1]["error"] == "Submit failed (400): image must be a URL"
        assert here.saved("made") == [".json", ".mp3", ".mp3"]
        assert all("drive" not in task.order.details for task in here.world.tasks())
        jobs[1].pop("startFrame")
        (here.home / "jobs.json").write_text(json.dumps({"defaults": {"model": "kling-t2a"}, "jobs": jobs}))
        _, again = await here.told("batch", "resume", folder, "--json")
        assert ([job["status"] for job in again["jobs"]], len(here.world.bills())) == (["completed"] * 3, 3)
        assert await here.told("batch", "status", folder, "--json") == (0, again)


async def test_letters_that_are_none_end_in_an_exit_code(tmp_path: Path) -> None:
    async with bench(tmp_path) as here:
        code, out, err = await here.ended(await here.begin(*made, "-m", "kling-t2a", "-p", "rain \udce9"))
        assert (code, json.loads(out)["error"], err) == (1, "Submit failed (400): the request body is not JSON", "")
        code, out, _ = await here.ended(await here.begin(*made, "-m", "\udce9"))
        assert (code, json.loads(out)["error"]) == (2, "Unknown model: ?")


async def test_many_pictures_are_told_and_saved(tmp_path: Path) -> None:
    async with bench(tmp_path) as here:
        _, data = await here.told(*made, "-m", "kling-3.0-image", "-p", "p", "-n", "3", "--no-save-to-drive")
        assert ([result["type"] for result in data["results"]], here.saved()) == (["image"] * 3, [".png"] * 3)


lines: dict[str, str] = {
    "kling-v3": "-p p --multi-shot --shot-type customize --multi-prompt-prompt a --multi-prompt-duration 2 "
    "--multi-prompt-prompt b --multi-prompt-duration 4 -d 6 --voice-list 7 --speed 4k",
    "kling-v3-turbo": "-p p --start-frame wide.png --static-mask wide.png -r 1080p -d 3 --neg n",
    "kling-v3-omni": "-p p --omni-image-list-image-url {url}/uploads/wide.png --omni-image-list-type first_frame "
    "--audio-gen --element-list 1 -r 4k",
    "kling-v2-6": "-p p --start-frame wide.png --end-frame tall.png --cfg 0.3 --speed pro -d 10",
    "kling-video-o1": "-p p --ar 9:16 -r 1080p --speed pro --audio-gen",
    "kling-motion-control-v3": "-p p -i tall.png --video dance.mp4 --orientation image --keep-audio no -r 1080p",
    "kling-motion-control": "-i tall.png --video long.mp4 --speed pro",
    "kling-avatar": "-i tall.png -a line.mp3 --audio-id 7 -p p",
    "kling-video-effects": "-i wide.png -i tall.png --template-id hug_pro",
    "kling-3.0-image": "-p p --ar 21:9 -r 4k -n 2 -i wide.png -i tall.png",
    "kling-o1-image": "-p p -r 2k",
    "kling-v2-new-image": "-p p -i wide.png --image-reference face --weight 35 --fidelity 0.15 --neg n",
    "kling-v2-image": "-p p -n 2",
    "kling-v2-1-image": "-p p -i wide.png",
    "kling-v1-5-image": "-p p -i wide.png --ar 2:3",
    "kling-multi-image": "-i wide.png -i tall.png --scene-image wide.png --style-image tall.png",
    "kling-multi-image-v2-1": "-i wide.png -p p",
    "kling-t2a": "-p p -d 4.5",
    "kling-v2a": "--video dance.mp4",
}


async def test_the_tool_and_the_service_agree_about_every_model(tmp_path: Path) -> None:
    async with bench(tmp_path) as here:
        await here.world.take_upload("wide.png", files["wide.png"])
        hands = asyncio.Semaphore(2)  # the world needs threads too

        async def made_by(model: str, line: str) -> tuple[int | None, str]:
            words = [str(here.home / word) if word in files else word.format(url=here.url) for word in line.split()]
            async with hands:
                code, out, err = await here.run(*made, "-m", model, *words)
            return code, json.loads(out).get("error", "") or err

        found = await asyncio.gather(*(made_by(model, line) for model, line in lines.items()))
        assert dict(zip(lines, found, strict=True)) == dict.fromkeys(lines, (0, ""))
        assert {task.order.model for task in here.world.tasks()} == set(lines)
