"""How the tool ends otherwise than well: its exit codes and what it prints for each (picsart.md section 4)."""

from __future__ import annotations

import json
from enum import IntEnum


class Exit(IntEnum):
    """The exit codes of the page. 9 (cancelled at a prompt) and 10 (render) never come up here."""

    DONE = 0  # finished, and also: failed on the server, cancelled there, or not waited for any longer
    GENERAL = 1  # every submit that was refused but for 401 and 402, and a missing prompt
    USAGE = 2
    AUTH = 3
    NETWORK = 4
    API = 5  # uploads
    VALIDATION = 6
    CREDITS = 7  # nothing on stdout
    FILE = 8
    INTERRUPTED = 130


class Stop(Exception):
    """The tool ends with a code; one compact line on stdout says why."""

    def __init__(self, code: Exit, message: str, hint: str = "", *, log: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.log = log

    @property
    def line(self) -> str:
        """The line of `--json`."""
        data: dict[str, object] = {"error": self.message, "code": int(self.code)}
        data |= {"hint": self.hint} if self.hint else {}
        data |= {"debugLog": self.log} if self.log else {}
        return json.dumps(data, separators=(",", ":"), ensure_ascii=False)


class Card(Stop):
    """An unknown flag: a card on stderr and nothing on stdout, even with `--json`."""

    def __init__(self, flag: str, command: str) -> None:
        super().__init__(Exit.USAGE, f"Unknown option {flag}")
        rows = [f" Unknown option: {flag}", f" Run `gen-ai {command} --help` for its options."]
        width = max(map(len, rows)) + 1
        body = "\n".join(f"│{row.ljust(width)}│" for row in rows)
        self.card = f"╭{'─' * width}╮\n{body}\n╰{'─' * width}╯"
