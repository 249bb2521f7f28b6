"""Whether a run's process is alive: a lock file the kernel lets go of when the process dies, however it dies."""

from __future__ import annotations

import contextlib
import importlib.util
import os

_has_locks = importlib.util.find_spec("fcntl") is not None  # not on Windows: callers fall back to the ledger's lease
if _has_locks:
    import fcntl


class Presence:
    """The lock this process holds for its run while it lives."""

    def __init__(self, folder: str, run: str) -> None:
        os.makedirs(folder, exist_ok=True)
        self._path = os.path.join(folder, f"{run}.alive")
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        if _has_locks:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def leave(self) -> None:
        """Lets go; the file is removed first so that nobody finds it unlocked."""
        with contextlib.suppress(OSError):
            os.unlink(self._path)
        with contextlib.suppress(OSError):
            os.close(self._descriptor)


def is_alive(folder: str, run: str) -> bool | None:
    """True or False as the kernel knows it; None where it cannot tell."""
    if not _has_locks:
        return None
    path = os.path.join(folder, f"{run}.alive")
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return None
    else:
        with contextlib.suppress(OSError):
            os.unlink(path)
        return False
    finally:
        os.close(descriptor)
