"""A provider, a wire, a book and files of paper: the driver's world, answered by a function."""

from __future__ import annotations

import inspect
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from kling_pipe.events import Event
from kling_pipe.providers.plain import PlainProvider
from kling_pipe.providers.provider import (
    AccountPart,
    Credential,
    CredentialKind,
    Errand,
    ErrandNotes,
    Form,
    Handed,
    Listed,
    Listing,
    Query,
    Shelf,
    Told,
)
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.claim import Claim, ClaimAnswer, JobRow, JobState
from kling_pipe.values.job import Job, Output, Phase, Route, TaskRef, TaskState
from kling_pipe.values.media import MediaFacts, MediaType
from kling_pipe.values.money import Caps
from kling_pipe.values.secret import Secret
from kling_pipe.values.transfer import Fetched, FetchTrouble, NotUploaded, Origin
from kling_pipe.values.wire import Request, Response
from tests.run.paper_plan import clip

Answer = Response | Awaitable[Response]


def answer(status: int = 200, /, date: str = "", **body: object) -> Response:
    """`answer(id="T1", phase="running")`; `refusal` names an answer class."""
    return Response(status, {"date": date} if date else {}, json.dumps(body).encode())


class PaperProvider(PlainProvider):
    """Speaks JSON of its own: `id`, `external`, `phase`, `refusal`."""

    type = "paper"

    def __init__(self) -> None:
        self.forgotten = 0
        self.errands: tuple[str, ...] = ()
        self.is_errand_for = ""  # a kind of step; all of them else

    def route(
        self, kind: str, model: str, parameters: Mapping[str, object], local: Sequence[str],
        credential: CredentialKind | None, wired: Sequence[str] = (),
    ) -> Route | Refusal:  # fmt: skip
        return Route("paper", "/create")

    def forms(self, kind: str, field: str, route: Route) -> Form:
        return Form.URL | Form.BASE64

    def errand(self, job: Job, media: Mapping[str, Handed], told: Sequence[Mapping[str, object]]) -> Errand | None:
        """As many as `errands` names."""
        if len(told) == len(self.errands) or self.is_errand_for not in ("", job.kind):
            return None
        name = self.errands[len(told)]
        texts: dict[str, object] = {field: handed.text for field, handed in media.items()}
        return Errand(name, Request("POST", f"/{name}", body={"told": len(told), **texts}, creates=True))

    def read_errand(self, job: Job, errand: Errand, response: Response) -> ErrandNotes | Refusal:
        if judgement := (response.json() or {}).get("judgement"):
            return Refusal(AnswerClass.INVALID, "judged", judgement, is_judgement=True)
        return self.read_refusal(response) or ErrandNotes({errand.name: (response.json() or {}).get("told")})

    def submit(
        self, job: Job, media: Mapping[str, Handed], told: Sequence[Mapping[str, object]] = (), callback_url: str = ""
    ) -> Request:
        texts: dict[str, object] = {field: handed.text for field, handed in media.items()}
        if told:
            texts["told"] = [dict(notes) for notes in told]
        if callback_url:
            texts["callback"] = callback_url
        return Request("POST", "/create", body={"external": job.external_id, **texts}, creates=True)

    def read_submit(self, response: Response, route: Route) -> TaskState | Refusal:
        return self.read_refusal(response) or _state(response)

    def find(self, external_ids: Sequence[str], route: Route, credential: CredentialKind) -> tuple[Request, ...]:
        return tuple(Request("GET", f"/find/{external_id}") for external_id in external_ids)

    def read_find(self, request: Request, response: Response) -> Told:
        return self._told(response)

    def queries(self, tasks: Sequence[TaskRef], credential: CredentialKind) -> tuple[Query, ...]:
        return tuple(self.single(task, credential) for task in tasks)

    def single(self, task: TaskRef, credential: CredentialKind) -> Query:
        return Query(Request("GET", f"/tasks/{task.task_id}"), (task,))

    def read_query(self, query: Query, response: Response) -> Told:
        return self._told(response)

    def _told(self, response: Response) -> Told:
        refusal = self.read_refusal(response)
        return Told(refusal=refusal) if refusal else Told((_state(response),))

    def read_refusal(self, response: Response) -> Refusal | None:
        word = (response.json() or {}).get("refusal")
        return Refusal(AnswerClass(word), "1000", "said no") if word else None

    def sign(self, request: Request, credential: Credential, now: float) -> Request:
        return request.with_header("authorization", f"{credential.primary.reveal()} at {now:.0f}")

    def forget_tokens(self) -> None:
        self.forgotten += 1

    def listings(self, since: float, until: float, credential: CredentialKind) -> tuple[Request, ...]:
        return (Request("GET", "/list"),)

    def read_listing(self, request: Request, response: Response) -> Listing | Refusal:
        return self.read_refusal(response) or Listing((Listed(_state(response)),))

    def account(self, now: float) -> tuple[Request, ...]:
        return (Request("GET", "/account"),)

    def read_account(self, request: Request, response: Response) -> AccountPart | Refusal:
        return self.read_refusal(response) or AccountPart()

    def library(self) -> tuple[Request, ...]:
        return (Request("GET", "/library"),)

    def read_library(self, request: Request, response: Response) -> Shelf | Refusal:
        return self.read_refusal(response) or Shelf(())

    def read_callback(self, body: bytes) -> TaskState | None:
        return _state(Response(200, {}, body)) if body.startswith(b"{") else None

    def is_signed(self, headers: Mapping[str, str], body: bytes, secret: Secret, now: float) -> bool:
        return headers.get("signature") == secret.reveal()

    def probe(self, now: float) -> Request:
        return Request("GET", "/probe")

    def output_lifetime(self) -> float:
        return 3600.0


def _state(response: Response) -> TaskState:
    data = response.json() or {}
    phase = Phase(data.get("phase", "running"))
    urls = data.get("files", [data.get("url", "https://media/1")]) if phase is Phase.SUCCEEDED else []
    assert isinstance(urls, list)
    outputs = tuple(Output(str(url), MediaType.VIDEO, index) for index, url in enumerate(urls))
    return TaskState(str(data.get("id", "")), str(data.get("external", "")), phase, outputs=outputs)


class PaperWire:
    """Answers by a function of the request; keeps what was asked."""

    def __init__(self, answers: Callable[[Request], Answer], log: list[str]) -> None:
        self._answers = answers
        self._log = log
        self.requests: list[Request] = []

    async def send(self, request: Request) -> Response:
        self.requests.append(request)
        self._log.append(f"{request.method} {request.path.partition('kp-')[0]}")
        found = self._answers(request)
        return await found if inspect.isawaitable(found) else found


class PaperBook:
    """Says yes to every claim and keeps events in order."""

    def __init__(self, log: list[str]) -> None:
        self._log = log
        self.fails: Exception | None = None
        self.resumes = False  # whether every job was intended by an earlier run

    async def claim(self, job: Job, *, intend: bool, caps: Caps, explanation: str) -> Claim:
        if self.resumes:
            return Claim(ClaimAnswer.RESUME, row=_intended(job))
        return Claim(ClaimAnswer.INTENDED if intend else ClaimAnswer.FREE)

    async def record(self, events: Sequence[Event]) -> None:
        if self.fails is not None:
            raise self.fails
        self._log.extend(f"{event.member} {event.name}" for event in events)


def _intended(job: Job) -> JobRow:
    return JobRow(
        external_id=job.external_id, recipe=job.recipe, takes=job.takes, attempt=1, state=JobState.INTENDED, task_id="",
        run="earlier", member=job.member, storyboard=job.storyboard, kind=job.kind, model=job.model,
        standard=job.route.standard, endpoint=job.route.endpoint, status="", estimate=job.estimate, cost=None,
        exact=False, intended=0.0, submitted=0.0, ended=0.0, code="", message="", profile="kling",
    )  # fmt: skip


class PaperFiles:
    """Hands over what it is told to, fetches what it is asked for."""

    def __init__(self) -> None:
        self.url = ""
        self.puts_first = False
        self.stored: list[Handed | NotUploaded] = []  # what the service's own storage says, one by one
        self.only_urls = False  # each origin's own, which is all there is
        self.own_bytes: str | Exception = "bytes"
        self.troubles: list[FetchTrouble] = []
        self.breaks: list[str] = []  # addresses whose download breaks off
        self.fetched: list[str] = []
        self.log: list[str] = []
        self.doubted: list[str] = []

    def puts(self, job: Job, origins: Sequence[Origin], now: float) -> bool:
        return self.puts_first

    async def hand_over(
        self, job: Job, origins: Sequence[Origin], now: float, *, own_bytes: bool = False
    ) -> dict[str, Handed]:
        if self.stored and origins:
            found = self.stored.pop(0)
            if isinstance(found, NotUploaded):
                raise found
            return {"image": found}
        if self.only_urls:
            return {origin.material.field: Handed(url=origin.url) for origin in origins}
        if own_bytes or not self.url:
            if isinstance(self.own_bytes, Exception):
                raise self.own_bytes
            return {"image": Handed(base64=self.own_bytes)}
        return {"image": Handed(url=self.url)}

    async def doubt(self, job: Job, origins: Sequence[Origin]) -> None:
        self.doubted += [origin.material.field for origin in origins]

    async def keep(self, output: Output) -> Output:
        self.log.append(f"keep {output.url}")
        return replace(output, url="store:" + output.url.partition(",")[2])

    async def fetch(self, output: Output, expects: MediaFacts | None) -> Fetched:
        self.fetched.append(output.url)
        if output.url in self.breaks:
            raise FetchTrouble("broke off")
        if self.troubles:
            raise self.troubles.pop()
        return Fetched(output, "digest", replace(clip))
