"""What the tool keeps in `~/.gen-ai` between runs: a history without task ids, a debug log (picsart.md section 4)."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


class State:
    """The folder of one home. Nothing in it is needed: what cannot be written is not written."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        home = environment.get("HOME") or os.path.expanduser("~")
        self._folder = os.path.join(home, ".gen-ai")

    def log(self, line: str) -> str:
        """Writes a line of the debug log; its path."""
        path = os.path.join(self._folder, "debug.log")
        self._append(path, f"{_now()} {line}\n")
        return path

    def remember(self, model: str, params: Mapping[str, Any], status: str, url: str) -> None:
        """Adds a generation to the history."""
        entry = {"createdAt": _now(), "model": model, "params": dict(params), "status": status, "url": url or None}
        self._append(self._history, json.dumps(entry) + "\n")

    def history(self) -> list[dict[str, Any]]:
        """Every generation, newest first."""
        try:
            with open(self._history, encoding="utf-8") as file:
                return [json.loads(line) for line in file if line.endswith("\n")][::-1]
        except (OSError, ValueError):
            return []

    @property
    def _history(self) -> str:
        return os.path.join(self._folder, "history.json")

    def _append(self, path: str, text: str) -> None:
        try:
            os.makedirs(self._folder, exist_ok=True)
            with open(path, "a", encoding="utf-8") as file:  # one write a line: several processes share it
                file.write(text)
        except OSError:
            return


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
