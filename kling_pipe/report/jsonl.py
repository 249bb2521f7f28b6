"""A run as JSON lines in `runs/`, one event a line, flushed as it happens."""

from __future__ import annotations

import json
import os
import re
from typing import IO

from kling_pipe.events import Event, RunEnded, RunStarted

_unsafe = re.compile(r"[^A-Za-z0-9._-]+")


class JsonLines:
    """A listener that writes `FOLDER/RUN.jsonl`. The ledger decides; this file is for people and their tools."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._file: IO[str] | None = None
        self.path = ""

    def __call__(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self._open(event.run)
        if self._file is None:
            return
        self._file.write(json.dumps(event.to_json(), ensure_ascii=False, separators=(",", ":")) + "\n")
        self._file.flush()
        if isinstance(event, RunEnded):
            self.close()

    def close(self) -> None:
        """Closes the file; a run that ends without its last event is closed by its command."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self, run: str) -> None:
        self.close()
        os.makedirs(self._folder, exist_ok=True)
        name = _unsafe.sub("-", run).strip(".-") or "run"
        self.path = os.path.join(self._folder, f"{name}.jsonl")
        self._file = open(self.path, "a", encoding="utf-8")  # noqa: SIM115  # closed when the run ends
