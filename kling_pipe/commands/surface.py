"""What a command knows of the terminal and the process it runs in."""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from kling_pipe.commands.verbs import Verbs


@dataclass(frozen=True, slots=True)
class Surface:
    """`live` says that lines on stderr may be redrawn, `interactive` that somebody can answer a question,
    `painted` that stdout shows colours."""

    environment: Mapping[str, str]
    verbs: Verbs
    json: bool = False
    live: bool = False
    interactive: bool = False
    colour: bool = False
    painted: bool = False

    @staticmethod
    def of(words: Sequence[str], environment: Mapping[str, str], verbs: Verbs | None) -> Surface:
        """Reads terminal, `CI`, `NO_COLOR` and `TERM`, and whether `--json` was asked for."""
        json = "--json" in words[: words.index("--") if "--" in words else None]
        quiet = json or bool(environment.get("CI")) or environment.get("TERM") == "dumb"
        live = _is_terminal(sys.stderr) and not quiet
        return Surface(
            environment=environment,
            verbs=verbs or Verbs(),
            json=json,
            live=live,
            interactive=live and _is_terminal(sys.stdin),
            colour=live and not environment.get("NO_COLOR"),
            painted=_is_terminal(sys.stdout) and not quiet and not environment.get("NO_COLOR"),
        )

    def say(self, text: str) -> None:
        """Talk, to stderr; nobody listening is no failure."""
        if text:
            with contextlib.suppress(BrokenPipeError):
                sys.stderr.write(text if text.endswith("\n") else text + "\n")
                sys.stderr.flush()


def shown_path(path: str) -> str:
    """A path as the user would write it: relative when that is shorter and stays below the folder."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive
        return path
    return path if relative.startswith("..") else relative


def typed_path(path: str) -> str:
    """The same as it has to be typed in a shell."""
    return shlex.quote(shown_path(path))


def _is_terminal(stream: IO[str] | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False
