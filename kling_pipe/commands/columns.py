"""How many columns a text may take."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

_usual = 100


def columns(environment: Mapping[str, str], usual: int = _usual) -> int:
    """`COLUMNS` where it is set, else the terminal's own; a file or pipe takes `usual`, as many as are easy to read."""
    asked = environment.get("COLUMNS", "")
    if asked.isdecimal() and int(asked) > 0:
        return int(asked)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or usual
    except (OSError, ValueError, AttributeError):  # no terminal, or no stdout at all
        return usual
