"""What whole-product stories stand on: the command line, in this process or another, and a socket that counts."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from kling_pipe.api.running import World
from kling_pipe.cli import main
from kling_pipe.commands.simulation import simulated_world
from kling_pipe.commands.verbs import Verbs
from tests.patience import awaiting, join, patience
from tests.shared_media import share_media, shared_world

checkout = Path(__file__).parents[2]
key, access, secret = "simulated-key", "simulated-access", "simulated-secret"  # what a simulator lets in by itself
_begin = "import sys; from kling_pipe.cli import main; sys.exit(main())"

# What can befall a process before the product begins in it. None of these needs rights that a user lacks.
full_disk = """
import errno, sys
def refuse(name, arguments):
    if name == "os.mkdir" or name == "open" and isinstance(arguments[2], int) and arguments[2] & 3:
        raise OSError(errno.ENOSPC, "No space left on device", arguments[0])
sys.addaudithook(refuse)
"""  # nothing more can be made; files that are there can be read
full_for_results = """
import errno, sys
def refuse(name, arguments):
    if name == "open" and "/incoming/" in str(arguments[0]):
        raise OSError(errno.ENOSPC, "No space left on device", arguments[0])
sys.addaudithook(refuse)
"""  # the last room went to the ledger
small_files = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))"
fenced = """
import ctypes, os, sys
if "FENCED" not in os.environ:
    prctl = getattr(ctypes.CDLL(None), "prctl", lambda *_: None)
    for capability in (1, 2):  # so that root, too, minds the mode of a folder in the program that follows
        prctl(24, capability, 0, 0, 0)
    os.execve(sys.executable, sys.orig_argv, {**os.environ, "FENCED": "1"})
"""


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended and all it said."""

    code: int
    out: str
    err: str

    @property
    def all(self) -> str:
        return self.out + self.err

    @property
    def envelope(self) -> dict[str, Any]:
        envelope: dict[str, Any] = json.loads(self.out)
        return envelope


class SmallWorlds(Verbs):
    """The product's own verbs, with a simulated world that makes small files."""

    def simulated_world(self, home: str, speed: float) -> AbstractContextManager[World]:
        share_media(home)
        return simulated_world(home, speed, media="small")


def typed(folder: Path, *words: str, environment: Mapping[str, str] | None = None, verbs: Verbs | None = None) -> Said:
    """One command typed in a folder, in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(words, environment=environment or {}, verbs=verbs or SmallWorlds())
    return Said(code, out.getvalue(), err.getvalue())


def started(
    folder: Path, *words: str, environment: Mapping[str, str] | None = None, before: str = ""
) -> subprocess.Popen[str]:
    """One command typed in a folder, as another process that has just begun; it runs `before` first."""
    return subprocess.Popen(
        [sys.executable, "-c", f"{before}\n{_begin}", *words],
        cwd=folder,
        env=_clean(environment or {}) | ({"PYTHONDONTWRITEBYTECODE": "1"} if before else {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> Said:
    """What a process said once it has ended."""
    with awaiting(process, "the end of a command"):
        out, err = process.communicate()
    return Said(process.returncode, out, err)


def spawned(folder: Path, *words: str, environment: Mapping[str, str] | None = None, before: str = "") -> Said:
    """One command typed in a folder, as another process, to its end."""
    return ended(started(folder, *words, environment=environment, before=before))


def read_until(process: subprocess.Popen[str], words: str) -> None:
    """Reads what a process says to its stderr until a line has the words."""
    assert process.stderr is not None
    said = ""
    with awaiting(process, f"the words: {words}"):
        for line in process.stderr:
            if words in line:
                return
            said += line
    raise AssertionError(f"the process ended before it said: {words}\n{said}")


@dataclass(frozen=True, slots=True)
class Simulator:
    """A simulator in another process."""

    url: str

    @property
    def with_key(self) -> dict[str, str]:
        return {"KLINGAI_BASE_URL": self.url, "KLINGAI_API_KEY": key}

    @property
    def with_pair(self) -> dict[str, str]:
        return {"KLINGAI_BASE_URL": self.url, "KLINGAI_ACCESS_KEY": access, "KLINGAI_SECRET_KEY": secret}

    def bills(self) -> list[dict[str, Any]]:
        bills: list[dict[str, Any]] = self._read("bills")["bills"]
        return bills

    def reset(self, settings: Mapping[str, Any]) -> None:
        """Begins its world anew with other settings."""
        self._read("reset", json.dumps(settings).encode())

    def _read(self, name: str, body: bytes | None = None) -> dict[str, Any]:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{self.url}/simulator/{name}", body, timeout=patience) as answer:
            found: dict[str, Any] = json.load(answer)
            return found


@contextmanager
def simulator(
    folder: Path, *words: str, speed: int = 2000, environment: Mapping[str, str] | None = None
) -> Iterator[Simulator]:
    """`kling-pipe simulator` on a free port, in another process, until the block ends."""
    shape = ("--port", "0", "--media", "small", "--speed", str(speed), "--folder", str(shared_world()), "--json")
    process = started(folder, "simulator", *shape, *words, environment=environment)
    assert process.stdout is not None
    try:
        text = ""
        with awaiting(process, "a simulator that is ready"):
            while not text.endswith("\n}\n"):
                line = process.stdout.readline()
                assert line, "the simulator ended before it was ready"
                text += line
        yield Simulator(json.loads(text)["data"]["url"])
    finally:
        process.send_signal(signal.SIGINT)
        with awaiting(process, "the end of a simulator"):
            process.communicate()


def _clean(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment with nothing of this machine but where programs lie."""
    own = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT", "TMPDIR") if name in os.environ}
    return {**own, "PYTHONPATH": str(checkout), "PYTHONUTF8": "1", "NO_PROXY": "*", **environment}


@dataclass(slots=True)
class Counter:
    """A service at `url` that only counts who came; it answers nobody well."""

    url: str = ""
    seen: list[str] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        return {"KLINGAI_BASE_URL": self.url, "KLINGAI_API_KEY": "counted-key"}


@contextmanager
def counting() -> Iterator[Counter]:
    """A counter on a free port of this machine."""
    counter = Counter()

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            counter.seen.append(f"{self.command} {self.path}")
            self.send_error(500)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    with answering(Door) as counter.url:
        yield counter


@contextmanager
def answering(door: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """A service on a free port of this machine, as long as the block lasts; its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), door)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        join(thread)
        server.server_close()


def all_files(*folders: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file below the folders, with its bytes."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield path, path.read_bytes()


def without(text: str, parts: Sequence[str]) -> str:
    """The text with each part replaced by an ellipsis."""
    for part in parts:
        text = text.replace(part, "…")
    return text


def copied_pipelines(folder: Path, project_file: str = "") -> Path:
    """The example storyboards in a project of their own."""
    project = folder / "project"
    shutil.copytree(checkout / "pipelines", project, ignore=shutil.ignore_patterns("out", ".kling-pipe"))
    if project_file:
        (project / "kling-pipe.yaml").write_text(project_file)
    return project


def damaged_objects(project: Path) -> list[str]:
    """The names of stored files whose bytes do not hash to their names."""
    objects = project / ".kling-pipe" / "objects"
    files = {path.parent.name + path.name: data for path, data in all_files(objects)}
    assert files
    return [name for name, data in files.items() if hashlib.sha256(data).hexdigest() != name]
