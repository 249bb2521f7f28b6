"""The simulated service on paper, in process: it takes a job's errands and its create, and says what it thinks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from kling_pipe.providers.picsart.fake_executable import main
from kling_pipe.providers.picsart.fake_executable_client import Client
from kling_pipe.providers.provider import ErrandNotes
from kling_pipe.simulator.clock import ManualClock
from kling_pipe.simulator.server import application
from kling_pipe.simulator.settings import Settings
from kling_pipe.simulator.world import World
from kling_pipe.values.answer import Refusal
from kling_pipe.values.credential import Credential, CredentialKind
from kling_pipe.values.job import Job, Phase, TaskRef, TaskState
from kling_pipe.values.media import MediaFacts, MediaType
from kling_pipe.values.money import Cost
from kling_pipe.values.secret import Secret
from kling_pipe.values.transfer import Handed
from kling_pipe.values.wire import Request, Response
from tests.agreement.road import Road
from tests.paper_studio import PaperStudio

host = "127.0.0.1"
_long = 12_000.0  # simulated seconds in which everything ends
_of_the_day = ("external_task_id", "session_id", "audio_id", "taskUUID")  # differ from one sending to the next


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the service says. `by_us`: the adapter itself stopped after an errand. `units` is what the create cost in
    `currency`, its errands aside, `quoted` what the service said before that it would, and `state` its task; `sent` is
    all that was asked."""

    accepted: bool
    code: str = ""
    text: str = ""
    by_us: bool = False
    units: Decimal = Decimal(0)
    currency: str = ""
    quoted: Cost | None = None
    state: TaskState | None = None
    sent: tuple[str, ...] = ()


class Service:
    """One world and its application."""

    def __init__(self, folder: str, road: Road) -> None:
        self.road = road
        self.clock = ManualClock()
        self.uploads: dict[bytes, Handed] = {}  # what was put into the service's storage for the draft at hand
        self.world = World(Settings.parse(road.settings), self.clock, PaperStudio(), folder)
        self._app = application(self.world, [road.fake()])
        self._home = folder
        self._key = Credential(CredentialKind.API_KEY, Secret("simulated-key"), _user if road.transport else None)
        self._account = "simulated" if road.name == "kling" else f"simulated.{road.name}"
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
        provider = self.road.provider
        job = replace(job, recipe=f"{self._verdicts}")  # so that no create repeats another's id
        told: list[Mapping[str, object]] = []
        sent: list[str] = []
        while (errand := provider.errand(job, media, told)) is not None:
            sent.append(shown(errand.request))
            response = await self.send(errand.request)
            notes = provider.read_errand(job, errand, response)
            if not isinstance(notes, ErrandNotes):
                return Verdict(False, notes.code, notes.message, by_us=_is_good(response), sent=tuple(sent))
            told.append(notes.told)
        request = provider.submit(job, media, told)
        sent.append(shown(request))
        quoted = await self._quoted(job, media)
        state = provider.read_submit(await self.send(request), job.route)
        if not isinstance(state, TaskState):
            return Verdict(False, state.code, state.message, sent=tuple(sent))
        if state.phase is Phase.FAILED:
            return Verdict(False, "failed", state.message, sent=tuple(sent))
        task = self.world.task(self._account, state.task_id) or self.world.tasks(self._account)[-1]  # or it has no name
        units, currency = task.order.units, task.order.currency
        return Verdict(True, units=units, currency=currency, quoted=quoted, state=state, sent=tuple(sent))

    async def ended(self, job: Job, state: TaskState) -> TaskState:
        """The job when its time is over, with what it made."""
        task, waited = TaskRef(state.external_id or job.external_id, state.task_id, job.route), 0.0
        while state.phase in (Phase.QUEUED, Phase.RUNNING) and waited < _long:
            self.clock.advance(500)
            waited += 500
            (query,) = self.road.provider.queries([task], CredentialKind.API_KEY)
            told = self.road.provider.read_query(query, await self.send(query.request))
            assert told.refusal is None, told
            (state,) = told.states
        return state

    async def facts_of(self, url: str) -> MediaFacts:
        """What stands at an address."""
        file = await self.world.inputs.from_url(url, self.world.hosts)
        assert file.facts.type is not MediaType.ELEMENT
        return file.facts

    async def send(self, request: Request) -> Response:
        """One request through the application, without a socket and without a client; or a run of the executable."""
        signed = self.road.provider.sign(request, self._key, self.clock.stamp(self.clock.now()))
        if signed.method == "RUN":
            return await self._run(signed)
        body = b"" if signed.body is None else json.dumps(signed.body).encode()
        headers = {name.lower(): value for name, value in signed.headers}
        if signed.form:
            parts = [(one.name, (one.filename or None, one.data or one.text, one.mime or None)) for one in signed.form]
            form = httpx.Request("POST", f"http://{host}/", files=parts)
            body, headers = form.read(), {**headers, "content-type": form.headers["content-type"]}
        query = "&".join(f"{name}={value}" for name, value in signed.query)
        path = f"/{signed.host}{signed.path}" if signed.host else signed.path
        return await self._called(signed.method, path, query, headers, body)

    async def _called(self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Response:
        scope = {
            "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": query.encode(),
            "headers": [*((name.lower().encode(), value.encode()) for name, value in headers.items()),
                        (b"host", host.encode())],
            "scheme": "http", "server": (host, 80), "client": ("test", 1), "root_path": "", "http_version": "1.1",
            "asgi": {"spec_version": "2.4"},  # so that nobody waits for a client that leaves
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

    async def _run(self, request: Request) -> Response:
        """The stand-in's own `main`, beside the loop on which the service answers it."""
        loop, out, err = asyncio.get_running_loop(), StringIO(), StringIO()
        environment = {
            **dict(request.headers), "HOME": self._home, "GEN_AI_API_URL": f"http://{host}",
            "GEN_AI_UPLOAD_URL": f"http://{host}/upload",
        }  # fmt: skip

        def called(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Response:
            parts = urlsplit(url)
            if method == "GET" and parts.path.endswith("/result"):
                ends = self.world.tasks(self._account)[-1].ends
                self.clock.advance(max(0.0, ends - self.clock.now()))  # so that it is asked for once
            call = self._called(method, parts.path, parts.query, headers, body)
            return asyncio.run_coroutine_threadsafe(call, loop).result()

        words = [argument.replace("{scratch}", f"{self._home}/scratch") for argument in request.arguments]
        client = _client_of(called)
        code = await asyncio.to_thread(main, words, environment, None, out, err, client)
        return Response(code, {"x-stderr": err.getvalue(), "x-seconds": "60"}, out.getvalue().encode())

    async def _quoted(self, job: Job, media: Mapping[str, Handed]) -> Cost | None:
        """What the service says that the job would cost, where it answers such questions."""
        question = self.road.provider.price_query(job, media)
        if question is None:
            return None
        before = len(self.world.tasks(self._account))
        found = self.road.provider.read_price(await self.send(question))
        assert len(self.world.tasks(self._account)) == before, "a question of price made something"
        return None if isinstance(found, Refusal) else found


_user = Secret("17")
Called = Callable[[str, str, Mapping[str, str], bytes], Response]


def _client_of(called: Called) -> Callable[[Mapping[str, str], Callable[[str], str]], Client]:
    class InProcess(Client):
        def exchange(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[int, bytes]:
            answer = called(method, url, headers, body or b"")
            return answer.status, answer.body

        def download(self, url: str, path: str) -> None:
            """Into a folder that is thrown away: what comes out is looked at where the service has it."""

    return InProcess


def _is_good(response: Response) -> bool:
    return (response.json() or {}).get("code") == 0


def shown(request: Request) -> str:
    """What a request asks for, without what differs from one sending to the next."""
    return f"{request.path} {json.dumps(_lasting(request.body), sort_keys=True)} {' '.join(request.arguments)}"


def _lasting(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _lasting(item) for name, item in value.items() if name not in _of_the_day}
    return [_lasting(item) for item in value] if isinstance(value, list) else value
