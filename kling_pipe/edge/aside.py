"""Files that are written aside and renamed into place; locked while their writer lives, swept when it died."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import secrets
from typing import BinaryIO

_has_locks = importlib.util.find_spec("fcntl") is not None  # not on Windows: nothing is swept there
if _has_locks:
    import fcntl

_ending = ".kling-pipe-part"


def beside(target: str) -> str:
    """A name for what will become `target`: in its folder, hidden, like no other."""
    folder, name = os.path.split(target)
    return os.path.join(folder, f".{name}.{secrets.token_hex(4)}{_ending}")


def open_aside(path: str) -> BinaryIO:
    """Opens such a file for writing and holds it until it is closed or the process dies."""
    file = open(path, "wb")  # noqa: SIM115  # the caller closes it
    if _has_locks:
        with contextlib.suppress(OSError):
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    return file


def sweep(folder: str) -> None:
    """Deletes what writers that died left in a folder."""
    if not _has_locks:
        return
    try:
        names = os.listdir(folder)
    except OSError:
        return
    for name in names:
        if name.endswith(_ending):
            _delete_if_abandoned(os.path.join(folder, name))


def _delete_if_abandoned(path: str) -> None:
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.unlink(path)
        finally:
            os.close(descriptor)
