"""Runs of an executable that outlive this process: each in a folder of its own, named by what it makes.

1. That a run begins is on disk before it does; under one name it is begun once, whoever asks.
2. A shell around it writes its exit code beside what it printed, so nobody has to be there when it ends.
3. It holds a lock as long as it runs: the kernel lets go of that however it dies.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from kling_pipe.edge.store import translated_disk_errors

_has_locks = importlib.util.find_spec("fcntl") is not None
if _has_locks:
    import fcntl

most_printed_bytes = 16 << 20
most_said_bytes = 64 << 10
killed = 137  # the exit code that is told where none was written: 128 and the signal that nothing survives

# Its own arguments follow; what it prints goes beside the folder it runs in.
_shell = '"$@" >../stdout 2>../stderr; echo $? >../exit.part; mv ../exit.part ../exit'


class Standing(StrEnum):
    """How a run stands."""

    NEVER = "never"  # it was not begun
    RUNNING = "running"
    ENDED = "ended"  # by itself, or it was killed


@dataclass(frozen=True, slots=True)
class Ended:
    """What a run came to."""

    status: int
    printed: bytes
    said: str
    seconds: float


class NotBegun(Exception):
    """The executable could not be begun."""


class Execution:
    """One run, in a folder."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.scratch = os.path.join(folder, "scratch")  # where it runs; thrown away behind it

    def expect(self) -> None:
        """Makes its folder, which tells of a run that is not begun from one that somebody threw away."""
        with translated_disk_errors(self.folder):
            os.makedirs(self.folder, mode=0o700, exist_ok=True)

    def begin(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Begins it, unless it was begun before; raises NotBegun when that cannot be."""
        if not _has_locks:
            raise NotBegun("this system has no way to let it go on by itself")
        with translated_disk_errors(self.folder):
            for folder in (self.folder, self.scratch):  # what it prints is nobody else's either
                os.makedirs(folder, mode=0o700, exist_ok=True)
            lock = os.open(self._path("lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if not self._is_ours(lock):
                return
            with translated_disk_errors(self.folder):
                self._write_begun()
            self._spawn(command, environment, lock)
        finally:
            os.close(lock)  # the run holds it from here on

    def _is_ours(self, lock: int) -> bool:
        """Whether it is ours to begin. Who looks at it holds the lock for a moment; who begins it says so soon."""
        for _ in range(_tries):
            taken = _take(lock, fcntl.LOCK_EX)
            if os.path.exists(self._path("begun")):
                return False
            if taken:
                return True
            time.sleep(_pause)
        raise NotBegun("another process holds it")

    def _write_begun(self) -> None:
        for name in ("stdout", "stderr", "begun"):
            with open(self._path(name), "w", encoding="utf-8") as file:
                file.write(f"{time.time()}\n" if name == "begun" else "")
                file.flush()
                os.fsync(file.fileno())
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _spawn(self, command: Sequence[str], environment: Mapping[str, str], lock: int) -> None:
        """In a session of its own, so that no Ctrl-C reaches what is paid for."""
        words = ["/bin/sh", "-c", _shell, "sh", *command]
        nothing = subprocess.DEVNULL
        try:
            process = subprocess.Popen(
                words, cwd=self.scratch, env=dict(environment), stdin=nothing, stdout=nothing, stderr=nothing,
                start_new_session=True, pass_fds=(lock,),
            )  # fmt: skip
        except (OSError, ValueError) as error:
            self.forget()
            raise NotBegun(getattr(error, "strerror", "") or str(error)) from None
        threading.Thread(target=process.wait, daemon=True).start()  # so that it leaves no trace when it ends

    def standing(self) -> Standing:
        if not os.path.exists(self._path("begun")):
            return Standing.NEVER
        if self._status() is None and self._is_held() and self._status() is None:
            return Standing.RUNNING
        return Standing.ENDED

    def ended(self) -> Ended:
        """What it came to; raises ValueError where it printed more than anybody would."""
        printed = self._read("stdout", most_printed_bytes + 1)
        if len(printed) > most_printed_bytes:
            raise ValueError(f"it printed more than {most_printed_bytes >> 20} MiB")
        status = self._status()
        said = self._read("stderr", most_said_bytes).decode("utf-8", "replace")
        return Ended(killed if status is None else status, printed, said, self._seconds())

    def tidy(self) -> None:
        """Throws away what nobody needs once the run ended: what it put into its scratch folder."""
        shutil.rmtree(self.scratch, ignore_errors=True)

    def forget(self) -> None:
        """Throws everything away, so that it may be begun anew under its name."""
        with contextlib.suppress(OSError):
            os.unlink(self._path("begun"))
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, name: str) -> str:
        return os.path.join(self.folder, name)

    def _status(self) -> int | None:
        try:
            return int(self._read("exit", 16))
        except ValueError:
            return None

    def _read(self, name: str, most: int) -> bytes:
        try:
            with open(self._path(name), "rb") as file:
                return file.read(most)
        except OSError:
            return b""

    def _seconds(self) -> float:
        try:
            return max(0.0, os.stat(self._path("exit")).st_mtime - os.stat(self._path("begun")).st_mtime)
        except OSError:
            return 0.0

    def _is_held(self) -> bool:
        try:
            lock = os.open(self._path("lock"), os.O_RDWR)
        except OSError:
            return False
        try:
            return not _take(lock, fcntl.LOCK_SH)
        finally:
            os.close(lock)


def _take(lock: int, how: int) -> bool:
    """Takes a lock, if nobody holds it in a way that forbids that."""
    try:
        fcntl.flock(lock, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


_tries, _pause = 200, 0.01  # two seconds
