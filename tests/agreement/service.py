"""The simulated service on paper, in process: it takes a job's errands and its create, and says what it thinks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from kling_pipe.providers.kling.fake import KlingFake
from kling_pipe.providers.provider import ErrandNotes
from kling_pipe.simulator.clock import ManualClock
from kling_pipe.simulator.server import application
from kling_pipe.simulator.settings import Settings
from kling_pipe.simulator.world import World
from kling_pipe.values.credential import Credential, CredentialKind
from kling_pipe.values.job import Job, TaskState
from kling_pipe.values.secret import Secret
from kling_pipe.values.transfer import Handed
from kling_pipe.values.wire import Request, Response
from tests.agreement.house import provider
from tests.paper_studio import PaperStudio

key = Credential(CredentialKind.API_KEY, Secret("simulated-key"))
host, account = "kling.test", "simulated"
_products = ("audio", "image", "video")
_settings = (
    ("retired", "allowed"),
    *(("pool", f"{product}=1000000") for product in _products),
    *(("units", f"{product}=1000000") for product in _products),
)
_of_the_day = ("external_task_id", "session_id", "audio_id")  # differ from one sending to the next


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the service says. `by_us`: the adapter itself stopped after an errand. `units` is what the create cost, its
    errands aside, and `state` its task; `sent` is all that was asked."""

    accepted: bool
    code: str = ""
    text: str = ""
    by_us: bool = False
    units: Decimal = Decimal(0)
    state: TaskState | None = None
    sent: tuple[str, ...] = ()


class Service:
    """One world and its application."""

    def __init__(self, folder: str) -> None:
        self.clock = ManualClock()
        self.world = World(Settings.parse(_settings), self.clock, PaperStudio(), folder)
        self._app = application(self.world, [KlingFake()])
        self._verdicts = 0

    def close(self) -> None:
        self.world.close()

    def place(self, name: str, data: bytes) -> str:
        """Puts a file where the world serves it, and returns its address."""
        path = Path(self.world.uploads, name)
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
        return f"http://{host}/uploads/{name}"

    async def verdict(self, job: Job, media: Mapping[str, Handed]) -> Verdict:
        """Sends all that the job sends, up to the first refusal."""
        self._verdicts += 1
        job = replace(job, recipe=f"{self._verdicts}")  # so that no create repeats another's id
        told: list[Mapping[str, object]] = []
        sent: list[str] = []
        while (errand := provider.errand(job, media, told)) is not None:
            sent.append(_shown(errand.request))
            response = await self.send(errand.request)
            notes = provider.read_errand(job, errand, response)
            if not isinstance(notes, ErrandNotes):
                return Verdict(False, notes.code, notes.message, by_us=_is_good(response), sent=tuple(sent))
            told.append(notes.told)
        request = provider.submit(job, media, told)
        sent.append(_shown(request))
        state = provider.read_submit(await self.send(request), job.route)
        if not isinstance(state, TaskState):
            return Verdict(False, state.code, state.message, sent=tuple(sent))
        task = self.world.task(account, state.task_id) or self.world.tasks(account)[-1]  # one call names no task
        return Verdict(True, units=task.order.units, state=state, sent=tuple(sent))

    async def send(self, request: Request) -> Response:
        """One request through the application, without a socket and without a client."""
        signed = provider.sign(request, key, self.clock.stamp(self.clock.now()))
        body = b"" if signed.body is None else json.dumps(signed.body).encode()
        headers = [(name.lower().encode(), value.encode()) for name, value in signed.headers]
        query = "&".join(f"{name}={value}" for name, value in signed.query).encode()
        scope = {
            "type": "http", "method": signed.method, "path": signed.path, "raw_path": signed.path.encode(),
            "query_string": query, "headers": [*headers, (b"host", host.encode())], "scheme": "http",
            "server": (host, 80), "client": ("test", 1), "root_path": "", "http_version": "1.1",
        }  # fmt: skip
        status, pieces = 0, []

        async def receive() -> Mapping[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Mapping[str, Any]) -> None:
            nonlocal status
            status = message.get("status", status)
            pieces.append(message.get("body", b""))

        await self._app(scope, receive, send)  # type: ignore[arg-type]  # its messages are mutable mappings
        return Response(status, {}, b"".join(pieces))


def _is_good(response: Response) -> bool:
    return (response.json() or {}).get("code") == 0


def _shown(request: Request) -> str:
    return f"{request.path} {json.dumps(_lasting(request.body), sort_keys=True)}"


def _lasting(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _lasting(item) for name, item in value.items() if name not in _of_the_day}
    return [_lasting(item) for item in value] if isinstance(value, list) else value
