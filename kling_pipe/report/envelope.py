"""The one JSON envelope that every command prints with `--json`; `schemas/envelope.schema.json` describes it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from kling_pipe import __version__
from kling_pipe.errors import Problem
from kling_pipe.report.problems import problems_to_json

envelope_format = 1


def envelope(
    command: str, exit_code: int, data: Mapping[str, object], problems: Sequence[Problem] = ()
) -> dict[str, object]:
    """`{"kling_pipe", "format", "command", "ok", "exit_code", "data", "problems"}`."""
    return {
        "kling_pipe": __version__,
        "format": envelope_format,
        "command": command,
        "ok": exit_code == 0,
        "exit_code": int(exit_code),
        "data": dict(data),
        "problems": problems_to_json(tuple(problems)),
    }


def envelope_text(envelope: Mapping[str, object]) -> str:
    """The envelope as it is printed: one JSON object over several lines, in the order above."""
    return json.dumps(envelope, ensure_ascii=False, indent=2) + "\n"
