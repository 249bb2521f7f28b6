"""A simulator in another process, and runs against it that can be killed."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kling_pipe.commands.simulation import environment_of
from tests.crash.boards import Board
from tests.patience import awaiting, patience

Process = subprocess.Popen[str]
KEY = "simulated-key"
_cli = [sys.executable, "-c", "import sys; from kling_pipe.cli import main; sys.exit(main())"]
_quiet = 0.2  # seconds without a new bill after which a killed process's last requests are carried out


@dataclass(frozen=True, slots=True)
class Simulator:
    """A running `kling-pipe simulator`."""

    url: str
    uploads: Path  # what lies there is served

    def get(self, path: str) -> dict[str, object]:
        request = urllib.request.Request(self.url + path, headers={"Authorization": f"Bearer {KEY}"})
        with urllib.request.urlopen(request, timeout=patience) as answer:
            found = json.load(answer)
        assert isinstance(found, dict)
        return found

    def bills(self) -> list[dict[str, object]]:
        found = self.get("/simulator/bills")["bills"]
        assert isinstance(found, list)
        return found

    def uploaded(self) -> list[Path]:
        """What was put there, with whatever is being written."""
        return [path for path in self.uploads.rglob("*") if path.is_file()]

    def settle_down(self) -> None:
        """Waits until requests of a process that is dead by now are carried out."""
        before, since = -1, time.monotonic()
        while time.monotonic() < since + _quiet:
            count = len(self.bills())
            if count != before:
                before, since = count, time.monotonic()
            time.sleep(0.02)  # between two looks of the watcher

    def reset(self, **settings: object) -> None:
        shutil.rmtree(self.uploads, ignore_errors=True)
        body = json.dumps(settings).encode()
        request = urllib.request.Request(self.url + "/simulator/reset", data=body, method="POST")
        with urllib.request.urlopen(request, timeout=patience) as answer:
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
        with awaiting(process, "a simulator that says where it listens"):
            for line in process.stdout:
                words = [word.strip("`.,;") for word in line.split() if word.strip("`").startswith("http://")]
                if words:
                    url = words[0]
                    break
        assert url, "the simulator did not say where it listens"
        yield Simulator(url.rstrip("/"), folder / "uploads")
    finally:
        process.send_signal(signal.SIGTERM)
        with awaiting(process, "the end of a simulator"):
            process.communicate()


class Place:
    """A project folder with one storyboard, run against a simulator over its socket."""

    def __init__(self, folder: Path, world: Simulator, board: Board, poll_seconds: float = 0.1) -> None:
        self.folder = folder
        self.world = world
        self.board = board
        self._poll_seconds = poll_seconds
        self._write()

    @property
    def storyboard(self) -> Path:
        return self.folder / "board.yaml"

    @property
    def environment(self) -> Mapping[str, str]:
        """Leads every road to the simulator."""
        return _environment(environment_of(self.world.url, KEY))

    def begin_anew(self) -> None:
        """An empty project and an empty world with the same settings."""
        settings = self.world.get("/simulator/settings")
        self.world.reset(speed=settings["speed"], media=settings["media"])
        self._write()

    def _write(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.storyboard.write_text(self.board.text)
        roads = sorted({"kling", *self.board.roads.values()})
        profiles = [f"  {road}: {{poll_seconds: {self._poll_seconds}{self._ways(road)}}}" for road in roads]
        (self.folder / "kling-pipe.yaml").write_text("\n".join(["profiles:", *profiles, ""]))

    def _ways(self, road: str) -> str:
        """How media come to a service that takes addresses only, and how requests do."""
        if road == "kling":
            return ""
        uploads = f", uploads: {{directory: '{self.world.uploads}', base_url: '{self.world.url}/uploads'}}"
        if not self.board.by_executable:
            return uploads
        self._write_program()
        return f"{uploads}, transport: executable, executable: ./gen-ai"

    def _write_program(self) -> None:
        """The stand-in for the service's own program; each run of it leaves its process id."""
        program = self.folder / "gen-ai"
        stand_in = f"{shlex.quote(sys.executable)} -m kling_pipe.providers.picsart.fake_executable"
        program.write_text(f'#!/bin/sh\necho $$ >>{shlex.quote(str(self._children))}\nexec {stand_in} "$@"\n')
        program.chmod(0o755)

    @property
    def _children(self) -> Path:
        return self.folder / "children"

    def kill_children(self, *, shells: bool) -> int:
        """Kills every run of the program that goes on; how many there were."""
        with contextlib.suppress(FileNotFoundError):
            running = [int(line) for line in self._children.read_text(encoding="utf-8").split()]
            return sum(_kill_run(number, shells=shells) for number in running)
        return 0

    def start(self, *words: str) -> Process:
        return self._type("run", "board.yaml", "--yes", *words)

    def finish(self, *words: str) -> tuple[int, str]:
        return ended(self.start(*words))

    def settle(self, step: str, *words: str) -> tuple[int, str]:
        return ended(self._type("settle", "board.yaml", step, *words))

    def _type(self, *words: str) -> Process:
        return subprocess.Popen(
            [*_cli, *words], cwd=self.folder, text=True, env=dict(self.environment),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    @property
    def state(self) -> Path:
        return self.folder / ".kling-pipe"

    @property
    def _journal(self) -> Path:
        return self.state / "artifacts.jsonl"

    def forget_ledger(self) -> None:
        for path in self.state.glob("ledger.db*"):
            path.unlink()

    def journal(self) -> list[dict[str, object]]:
        """What was made so far, as the second record tells it."""
        try:
            return [json.loads(line) for line in self._journal.read_text(encoding="utf-8").splitlines()]
        except FileNotFoundError:
            return []

    @property
    def recorded(self) -> Counter[str]:
        """The jobs that have something in it, by step."""
        return Counter(member for member, _ in {(str(line["member"]), line["external_id"]) for line in self.journal()})

    @property
    def known(self) -> Counter[str]:
        """The jobs of which the ledger knows the task, by step."""
        with contextlib.closing(sqlite3.connect(self.state / "ledger.db")) as database:
            return known_jobs(database)

    @property
    def endpoints(self) -> dict[str, str]:
        """Where each step was made, as the ledger has it."""
        with contextlib.closing(sqlite3.connect(self.state / "ledger.db")) as database:
            return dict(database.execute("select member, endpoint from jobs"))

    def hand_over(self, other: Place, steps: Iterable[str]) -> None:
        """Gives another machine what these steps made: lines of the journal, and the files that they name."""
        given = [line for line in self.journal() if line["member"] in set(steps)]
        other.state.mkdir(exist_ok=True)
        other._journal.write_text("".join(f"{json.dumps(line)}\n" for line in given), encoding="utf-8")
        for line in given:
            name = Path("objects", str(line["digest"])[:2], str(line["digest"])[2:])
            (other.state / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(self.state / name, other.state / name)

    def damaged_objects(self) -> list[str]:
        """Stored files whose bytes are not what their name says."""
        import hashlib

        return [
            str(path)
            for path in (self.state / "objects").glob("*/*")
            if hashlib.sha256(path.read_bytes()).hexdigest() != path.parent.name + path.name
        ]


def known_jobs(database: sqlite3.Connection) -> Counter[str]:
    """The jobs of which a ledger knows the task, by step."""
    states = "('submitted', 'fetching', 'done')"
    return Counter(dict(database.execute(f"select member, count(*) from jobs where state in {states} group by member")))


def ended(process: Process) -> tuple[int, str]:
    """A process's exit code and what it said."""
    with awaiting(process, "the end of a run"):
        output, _ = process.communicate()
    return process.returncode, output


def kill(process: Process) -> None:
    """Kills without warning."""
    process.kill()
    process.communicate()


def kill_after(process: Process, seconds: float) -> bool:
    """Kills at some instant; False when the run had ended before."""
    moment = time.monotonic() + seconds
    is_running = wait_for(process, lambda: time.monotonic() >= moment)
    kill(process)
    return is_running


def wait_for(process: Process, happened: Callable[[], bool]) -> bool:
    """Watches a run until something has happened; False when it ended before."""
    with awaiting(process, "what was to happen in a run"):
        while process.poll() is None:
            if happened():
                return True
            time.sleep(0.003)  # between two looks of the watcher, while another process works
    return False


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KLING", "COVERAGE"))}
    root = str(Path(__file__).parents[2])
    return {**kept, "PYTHONPATH": root, "CI": "1", **more}


def _kill_run(number: int, *, shells: bool) -> bool:
    """Kills a run of the stand-in, which has a session of its own with the shell around it."""
    try:
        said = Path(f"/proc/{number}/cmdline").read_bytes()
        if b"fake_executable" not in said and b"gen-ai" not in said:
            return False  # it has ended, and another program has its number
        os.killpg(os.getpgid(number), signal.SIGKILL) if shells else os.kill(number, signal.SIGKILL)
    except (FileNotFoundError, ProcessLookupError):
        return False
    return True
