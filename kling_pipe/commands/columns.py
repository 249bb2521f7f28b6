"""How many columns a text may take."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import IO

_usual = 100


def columns(environment: Mapping[str, str], usual: int = _usual) -> int:
    """`COLUMNS` where it is set, else the terminal's own; a file or pipe takes `usual`, as many as are easy to read."""
    return _columns(environment, sys.stdout, usual)


def columns_to_fold(environment: Mapping[str, str], stream: IO[str] | None) -> int:
    """How wide lines for people may be on a stream: a terminal's columns, and 0 where nothing is folded, as in a file
    or pipe."""
    try:
        return _columns(environment, stream, 0) if stream is not None and stream.isatty() else 0
    except ValueError:  # closed
        return 0


def _columns(environment: Mapping[str, str], stream: IO[str] | None, usual: int) -> int:
    asked = environment.get("COLUMNS", "")
    if asked.isdecimal() and int(asked) > 0:
        return int(asked)
    try:
        return os.get_terminal_size(stream.fileno()).columns or usual if stream is not None else usual
    except (OSError, ValueError, AttributeError):  # no terminal
        return usual
