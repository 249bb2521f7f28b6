"""Files that a command is asked to write: where they may lie, and written whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable

from kling_pipe.edge.aside import beside, open_aside
from kling_pipe.errors import UsageFailure


def refuse_no_file(path: str) -> None:
    """Raises UsageFailure where no file can have this name, before the work for it is done."""
    folder = os.path.dirname(os.path.abspath(path))
    if os.path.isdir(path) or not os.path.isdir(folder):
        message = f"`{path}` is a folder" if os.path.isdir(path) else f"there is no folder for `{path}`"
        raise UsageFailure("not-a-file", message, hint="name a file in a folder that is there")


def write_whole(path: str, pieces: Iterable[bytes]) -> int:
    """Writes a file piece by piece, in place at once or not at all; how many bytes it has."""
    aside = beside(path)
    try:
        with open_aside(aside) as file:
            for piece in pieces:
                file.write(piece)
        os.replace(aside, path)
    except OSError as error:
        error.filename = path  # what was asked for, not what stands beside it for a moment
        raise
    finally:
        with contextlib.suppress(OSError):
            os.unlink(aside)
    return os.path.getsize(path)
