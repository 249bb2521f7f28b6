"""The tool's way to the service: submit, result, options, uploads and downloads (picsart.md sections 2 and 4).

It speaks to this machine only. It stands in for a program that spends money, and with somebody's real token in the
environment it must never reach the real service.
"""

from __future__ import annotations

import http.client
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from kling_pipe.providers.picsart.fake_executable_stops import Exit, Stop

_local = ("localhost", "127.0.0.1", "::1")
_patience = 60.0  # seconds for one answer
_first_pause, _longest_pause = 0.05, 3.0  # the tool asks every 3 s; at the beginning the stand-in is less patient
_ended_well, _ended_badly = ("COMPLETED", "SUCCESS"), ("FAILED", "ERROR")
_cancelled = ("CANCELED", "CANCELLED")


@dataclass(frozen=True, slots=True)
class Ending:
    """How a task ended: addresses of what was made, or an error; `timeout` when it was only waited for too long."""

    urls: tuple[str, ...] = ()
    error: str = ""
    task_id: str = ""
    timeout: bool = False


class Client:
    """One run's calls. Addresses and credentials stand in the environment."""

    def __init__(self, environment: Mapping[str, str], log: Callable[[str], str]) -> None:
        """`log` writes a line of the debug log and returns its path."""
        self._environment = environment
        self._log = log

    def check_credentials(self) -> None:
        """Raises Stop where there are none."""
        for name in ("PICSART_ACCESS_TOKEN", "PICSART_USER_ID"):
            if not self._environment.get(name):
                raise Stop(Exit.AUTH, f"Not authenticated: {name} is not set", "Run `gen-ai login`")

    def price(self, workflow: str, payload: Mapping[str, Any]) -> float:
        """The credits that a payload costs."""
        status, data = self._call("POST", f"/workflows/{workflow}/options", {"params": payload})
        if status != 200:
            raise _refusal("Pricing failed", status, data)
        found = _inner(data).get("credits")
        if not isinstance(found, int | float):
            raise Stop(Exit.GENERAL, "Pricing failed: no credits in the answer")
        return found

    def submit(self, workflow: str, payload: Mapping[str, Any]) -> str:
        """Makes a task; its id. Whoever gets a Stop with `NETWORK` does not know whether there is one."""
        status, data = self._call("POST", f"/workflows/{workflow}/submit", {"params": payload})
        if status != 200:
            raise _refusal("Submit failed", status, data)
        found = _inner(data).get("id")
        if not isinstance(found, str) or not found:
            raise Stop(Exit.GENERAL, "Submit failed: no task id in the answer")
        return found

    def wait(self, workflow: str, task: str, seconds: float) -> Ending:
        """Asks until the task has ended; raises Stop when nobody answers any more."""
        ends, pause, misses = time.monotonic() + seconds, _first_pause, 0
        while True:
            try:
                status, data = self._call("GET", f"/workflows/{workflow}/{task}/result")
                misses = 0
            except Stop as stop:
                misses += 1
                if misses > 3 or stop.code is not Exit.NETWORK:
                    raise
                status, data = 0, {}
            if 400 <= status < 500 and status not in (408, 429):
                raise _refusal("Polling failed", status, data)
            ending = _ending(task, data) if status == 200 else None
            if ending:
                return ending
            if time.monotonic() >= ends:
                return Ending(error=f"Timed out after {seconds:g}s", task_id=task, timeout=True)
            time.sleep(min(pause, max(0.0, ends - time.monotonic())))
            pause = min(_longest_pause, pause * 1.5)

    def upload(self, path: str) -> str:
        """Puts a local file into the service's storage; its temporary address."""
        with open(path, "rb") as file:
            content = file.read()
        mark = "----gen-ai-stand-in"
        name = os.path.basename(path).replace('"', "")
        head = (
            f'--{mark}\r\nContent-Disposition: form-data; name="type"\r\n\r\nediting-temp\r\n'
            f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        body = head.encode() + content + f"\r\n--{mark}--\r\n".encode()
        address = self._address("GEN_AI_UPLOAD_URL")
        status, data = self._sent("POST", f"{address}/v2/files", body, f"multipart/form-data; boundary={mark}")
        if status != 200:
            raise Stop(Exit.AUTH if status == 401 else Exit.API, f"Upload failed ({status}): {_text(data)}")
        found = _inner(data).get("url")
        if not isinstance(found, str):
            raise Stop(Exit.API, "Upload failed: no url in the answer")
        return found

    def download(self, url: str, path: str) -> None:
        """Fetches a result; raises OSError."""
        status, content = self.exchange("GET", url, None, {})
        if status != 200:
            raise OSError(f"Download failed ({status})")
        with open(path, "wb") as file:
            file.write(content)

    def exchange(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Status and content of one answer; raises OSError."""
        parts = urlsplit(url)
        if parts.hostname not in _local:
            raise OSError("the stand-in speaks to a simulator on this machine only")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.netloc, timeout=_patience)
        try:
            connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), body, dict(headers))
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (http.client.HTTPException, ValueError) as error:
            raise OSError(str(error)) from error
        finally:
            connection.close()

    def _call(self, method: str, path: str, body: object = None) -> tuple[int, dict[str, Any]]:
        data = None if body is None else json.dumps(body).encode()
        return self._sent(method, self._address("GEN_AI_API_URL") + path, data, "application/json")

    def _sent(self, method: str, url: str, body: bytes | None, kind: str) -> tuple[int, dict[str, Any]]:
        headers = {
            "Authorization": f"Bearer {self._environment['PICSART_ACCESS_TOKEN']}",
            "user-id": self._environment["PICSART_USER_ID"],
            "country-code": "US",
            "platform": "web",
            "touchpoint": "editor",
            "x-pa-platform": "web",
            "x-pa-touchpoint": "ai-studio",
            "X-Platform": "web",
            "X-Touchpoint": "ai-sdk.cli",
        }
        headers |= {"Content-Type": kind} if body is not None else {}
        try:
            status, content = self.exchange(method, url, body, headers)
        except OSError as error:
            log = self._log(f"{method} {urlsplit(url).path}: {type(error).__name__}")
            raise Stop(
                Exit.NETWORK, f"Network error: {type(error).__name__}", "Check the connection", log=log
            ) from None
        try:
            data = json.loads(content)
        except (ValueError, RecursionError):
            data = {}
        return status, data if isinstance(data, dict) else {}

    def _address(self, variable: str) -> str:
        address = self._environment.get(variable, "").rstrip("/")
        try:
            parts = urlsplit(address)
            host = parts.hostname
        except ValueError:
            host = None
        if not host or parts.scheme not in ("http", "https") or (parts.scheme == "http" and host not in _local):
            raise Stop(
                Exit.USAGE,
                f"{variable} must be https, or http on localhost, 127.0.0.1 or ::1",
                "this stand-in for gen-ai wants the address that `kling-pipe simulator` prints",
            )
        return address


def _ending(task: str, data: Mapping[str, Any]) -> Ending | None:
    inner = _inner(data)
    word = inner.get("status")
    if word in _ended_badly:
        return Ending(error=_text(data) or "Generation failed", task_id=task)
    if word in _cancelled:
        return Ending(error=f"Job ended without a terminal status: {word}", task_id=task)
    if word not in _ended_well:
        return None
    urls = tuple(_urls(inner.get("result")))
    return Ending(urls, "" if urls else "No output URL in the result", task)


def _inner(data: Mapping[str, Any]) -> Mapping[str, Any]:
    inner = data.get("response")
    return inner if isinstance(inner, dict) else data


def _text(data: Mapping[str, Any]) -> str:
    places = (_inner(data).get("error"), data.get("error"), data.get("message"), data.get("reason"))
    return next((text for text in places if isinstance(text, str) and text), "")


def _refusal(act: str, status: int, data: Mapping[str, Any]) -> Stop:
    text = _text(data)
    if status == 402 or "insufficient" in text.lower():
        return Stop(Exit.CREDITS, f"Not enough credits: {text}")
    return Stop(Exit.AUTH if status == 401 else Exit.GENERAL, f"{act} ({status}): {text}")


def _urls(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            if name == "url" and isinstance(item, str):
                yield item
            else:
                yield from _urls(item)
    elif isinstance(value, list):
        for item in value:
            yield from _urls(item)
