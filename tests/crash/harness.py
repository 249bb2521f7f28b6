"""A simulator in another process, a storyboard of thirty steps, runs that can be killed, and what must hold after."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

KEY = "simulated-key"
_cli = [sys.executable, "-c", "import sys; from kling_pipe.cli import main; sys.exit(main())"]


def thirty_steps(chains: int = 10) -> str:
    """Chains of a picture, a clip that begins with it, and a second clip that begins with the first one's last frame;
    every third chain ends in motion control instead. Three steps a chain, all delivered."""
    lines = ["storyboard: 1", "name: crash", "defaults:"]
    lines += ["  text-to-image: {aspect_ratio: '9:16'}", "  image-to-video: {model: kling-v2-5-turbo}", "steps:"]
    deliver = ["deliver:"]
    for number in range(chains):
        takes = 2 if number % 5 == 0 else 1
        lines += [
            f"  still_{number}: {{kind: text-to-image, model: kling-v3, takes: {takes}, prompt: 'Dancer {number}'}}",
            f"  move_{number}: {{kind: image-to-video, image: steps.still_{number}, prompt: 'Push in {number}'}}",
        ]
        if number % 3 == 0:
            lines.append(
                f"  last_{number}: {{kind: motion-control, model: kling-v2-6, image: steps.still_{number},"
                f" video: steps.move_{number}, character_orientation: video, mode: std}}"
            )
        else:
            lines.append(
                f"  last_{number}: {{kind: image-to-video, image: steps.move_{number}.last_frame,"
                f" prompt: 'Pull out {number}'}}"
            )
        deliver.append(f"  out/{number}.mp4: steps.last_{number}")
    return "\n".join([*lines, *deliver, ""])


@dataclass(frozen=True, slots=True)
class Simulator:
    """A running `kling-pipe simulator`."""

    url: str

    def get(self, path: str) -> dict[str, object]:
        with urllib.request.urlopen(self.url + path, timeout=30) as answer:
            found = json.load(answer)
        assert isinstance(found, dict)
        return found

    def bills(self) -> list[dict[str, object]]:
        found = self.get("/simulator/bills")["bills"]
        assert isinstance(found, list)
        return found

    def reset(self, **settings: object) -> None:
        body = json.dumps(settings).encode()
        request = urllib.request.Request(self.url + "/simulator/reset", data=body, method="POST")
        with urllib.request.urlopen(request, timeout=30) as answer:
            answer.read()


@contextlib.contextmanager
def simulator(folder: Path, *settings: str) -> Iterator[Simulator]:
    """Starts the simulator on a free port and ends it."""
    process = subprocess.Popen(
        [*_cli, "simulator", "--port", "0", "--media", "small", "--uploads", str(folder / "uploads"), *settings],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=_environment({}), cwd=folder,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        url = ""
        for line in process.stdout:
            words = [word.strip("`.,;") for word in line.split() if word.strip("`").startswith("http://")]
            if words:
                url = words[0]
                break
        assert url, "the simulator did not say where it listens"
        yield Simulator(url.rstrip("/"))
    finally:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.communicate()


class Place:
    """A project folder with one storyboard, run against a simulator over its socket."""

    def __init__(self, folder: Path, world: Simulator, text: str, poll_seconds: float = 0.1) -> None:
        self.folder = folder
        self.world = world
        self._text = text
        self._poll_seconds = poll_seconds
        self._write()

    @property
    def steps(self) -> list[str]:
        """The ids of its steps: each is one job."""
        return [line.split(":")[0].strip() for line in self._text.splitlines() if "{kind:" in line]

    def begin_anew(self) -> None:
        """An empty project and an empty world with the same settings."""
        settings = self.world.get("/simulator/settings")
        self.world.reset(speed=settings["speed"], media=settings["media"])
        self._write()

    def _write(self) -> None:
        folder, world, text, poll_seconds = self.folder, self.world, self._text, self._poll_seconds
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "board.yaml").write_text(text)
        (folder / "kling-pipe.yaml").write_text(
            "profiles:\n"
            f"  kling: {{type: kling, base_url: '{world.url}', credentials: {{api_key: {{env: KLINGAI_API_KEY}}}},"
            f" poll_seconds: {poll_seconds}}}\n"
        )

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*_cli, "run", "board.yaml", "--yes", *words], cwd=self.folder, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=_environment({"KLINGAI_API_KEY": KEY}),
        )  # fmt: skip

    def finish(self, *words: str) -> tuple[int, str]:
        process = self.start(*words)
        output, _ = process.communicate(timeout=300)
        return process.returncode, output

    @property
    def ledger(self) -> Path:
        return self.folder / ".kling-pipe" / "ledger.db"

    def forget_ledger(self) -> None:
        for path in self.ledger.parent.glob("ledger.db*"):
            path.unlink()

    def made(self) -> dict[str, str]:
        """Deliverables by name, each as its digest."""
        import hashlib

        return {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted((self.folder / "out").glob("*"))
        }

    def damaged_objects(self) -> list[str]:
        """Stored files whose bytes are not what their name says."""
        import hashlib

        return [
            str(path)
            for path in (self.folder / ".kling-pipe" / "objects").glob("*/*")
            if hashlib.sha256(path.read_bytes()).hexdigest() != path.parent.name + path.name
        ]

    def recorded(self) -> dict[str, str]:
        """Keys and the digests recorded for them."""
        with contextlib.closing(sqlite3.connect(self.ledger)) as database:
            return dict(database.execute("select key, digest from artifacts"))

    def job_states(self) -> dict[str, int]:
        with contextlib.closing(sqlite3.connect(self.ledger)) as database:
            return dict(database.execute("select state, count(*) from jobs group by state"))


@dataclass(frozen=True, slots=True)
class EndState:
    """What an undisturbed run leaves; a killed and resumed one must leave the same."""

    bills: int
    deliverables: Mapping[str, str]
    artifacts: Mapping[str, str]


def end_state(place: Place) -> EndState:
    """Reads how everything stands, and asserts what must hold in any case."""
    bills = place.world.bills()
    ids = [str(bill["external_id"]) for bill in bills]
    assert len(ids) == len(set(ids)), f"billed twice: {sorted(i for i in ids if ids.count(i) > 1)}"
    assert place.damaged_objects() == []
    return EndState(len(bills), place.made(), place.recorded())


def kill_after(process: subprocess.Popen[str], seconds: float) -> bool:
    """Kills without warning; False when the run had ended before."""
    try:
        process.communicate(timeout=seconds)
        return False
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return True


def kill_at_bill(process: subprocess.Popen[str], world: Simulator, count: int) -> bool:
    """Kills as soon as the simulator has billed so many tasks."""
    while process.poll() is None:
        if len(world.bills()) >= count:
            process.kill()
            process.communicate()
            return True
        time.sleep(0.001)  # between two looks of the watcher, while another process works
    process.communicate()
    return False


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KLING", "COVERAGE"))}
    root = str(Path(__file__).parents[2])
    return {**kept, "PYTHONPATH": root, "CI": "1", **more}
