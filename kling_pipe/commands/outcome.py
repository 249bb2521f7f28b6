"""What a command hands back; `cli.py` decides how it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kling_pipe.errors import ExitCode, Problem


@dataclass(frozen=True, slots=True)
class Outcome:
    """`data` goes into the JSON envelope, `text` to stdout, `talk` and `problems` to stderr; `verbatim` says that
    the text is a script, a drawing or the like, whose lines are not folded on a terminal."""

    data: Mapping[str, object] = field(default_factory=dict)
    text: str = ""
    talk: str = ""
    problems: tuple[Problem, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    exit_code: int = ExitCode.DONE
    verbatim: bool = False
