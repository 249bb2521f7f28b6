"""A headless Chromium that is told what to do by a pipe, and what a page did in it."""

from __future__ import annotations

import base64
import json
import os
import selectors
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

names = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_flags = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-default-apps", "--mute-audio",
    "--hide-scrollbars", "--autoplay-policy=no-user-gesture-required", "--remote-debugging-pipe",
)  # fmt: skip
_patience = 60.0  # seconds for an answer, on a machine that is busy with other things


class NoBrowser(Exception):
    """There is no Chromium on this machine."""


@dataclass
class Visit:
    """What a page said and asked for while it was open."""

    said: list[str] = field(default_factory=list)  # warnings and errors of the console, and what scripts threw
    asked: list[str] = field(default_factory=list)  # addresses other than the page itself and what it holds


class Chromium:
    """One browser with one page."""

    def __init__(self, given: int, told: int) -> None:
        self._given = given
        self._told = told
        self._rest = b""
        self._number = 0
        self._session = ""
        self.visit = Visit()
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for room in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{room}.enable")

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command and its answer; what happens meanwhile is remembered."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        os.write(
            self._given, json.dumps(message | ({"sessionId": self._session} if self._session else {})).encode() + b"\0"
        )
        while True:
            heard = self._hear()
            if heard.get("id") == self._number:
                assert "error" not in heard, heard
                result: dict[str, Any] = heard["result"]
                return result

    def open(self, address: str) -> Visit:
        """Goes to a page and waits until it is loaded."""
        self.visit = Visit()
        self.ask("Page.navigate", url=address)
        while self._hear().get("method") != "Page.loadEventFired":
            pass
        return self.visit

    def work_out(self, script: str) -> Any:
        """The value of an expression in the page, awaited."""
        found = self.ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def look(self, *, width: int, dark: bool) -> None:
        """Sets the window's width and the scheme of colours."""
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme])

    def picture(self, path: Path) -> None:
        """Writes the whole page as PNG."""
        shot = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def _hear(self) -> dict[str, Any]:
        """The next message; told to the visit where it is about the page."""
        until = time.monotonic() + _patience
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._told, selectors.EVENT_READ)
            while b"\0" not in self._rest:
                assert waiting.select(until - time.monotonic()), f"Chromium said nothing for {_patience:.0f} s"
                data = os.read(self._told, 1 << 20)
                assert data, "Chromium ended"
                self._rest += data
        text, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        self._remember(message.get("method", ""), message.get("params", {}))
        return message

    def _remember(self, method: str, told: dict[str, Any]) -> None:
        match method:
            case "Log.entryAdded":
                self.visit.said.append(f"{told['entry']['level']}: {told['entry']['text']}")
            case "Runtime.consoleAPICalled":
                words = [str(one.get("value", one.get("description", ""))) for one in told["args"]]
                self.visit.said.append(f"{told['type']}: {' '.join(words)}")
            case "Runtime.exceptionThrown":
                self.visit.said.append(f"thrown: {told['exceptionDetails']['text']}")
            case "Network.requestWillBeSent":
                address = told["request"]["url"]
                if not address.startswith("data:") and told.get("type") != "Document":
                    self.visit.asked.append(address)


@contextmanager
def chromium() -> Iterator[Chromium]:
    """A browser as long as the block lasts; raises NoBrowser where there is none."""
    program = next((found for name in names if (found := shutil.which(name))), None)
    if program is None:
        raise NoBrowser(f"none of {', '.join(names)} is on this machine")
    from_us, given = os.pipe()
    told, to_us = os.pipe()
    # A pipe's ends may lie on 3 and 4 themselves, so they are moved out of the way first.
    high = [os.dup(end) for end in (from_us, to_us)]

    def place() -> None:
        kept = [os.dup2(end, 20 + place) for place, end in enumerate(high)]
        os.dup2(kept[0], 3)
        os.dup2(kept[1], 4)

    with tempfile.TemporaryDirectory(prefix="kling-pipe-browser-", ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [program, *_flags, f"--user-data-dir={profile}", "about:blank"],
            preexec_fn=place,  # noqa: PLW1509  # nothing runs beside it
            pass_fds=(3, 4),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for end in (from_us, to_us, *high):
            os.close(end)
        try:
            yield Chromium(given, told)
        finally:
            os.close(given)
            os.close(told)
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
