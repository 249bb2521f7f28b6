"""Lantern's language: what is asked and what the answers mean. Nothing is sent from here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from kling_pipe.providers.plain import PlainProvider
from kling_pipe.providers.provider import AdapterSettings, Query, Told
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.credential import Credential, CredentialKind
from kling_pipe.values.job import Job, Output, Phase, Route, TaskRef, TaskState
from kling_pipe.values.media import MediaType
from kling_pipe.values.money import Cost
from kling_pipe.values.transfer import Form, Handed
from kling_pipe.values.wire import Json, Request, Response

phases = {"waiting": Phase.QUEUED, "painting": Phase.RUNNING, "ready": Phase.SUCCEEDED, "failed": Phase.FAILED}
classes = {
    401: AnswerClass.AUTH,
    402: AnswerClass.PRODUCT,
    404: AnswerClass.NOT_FOUND,
    409: AnswerClass.EXISTS,
    422: AnswerClass.INVALID,
    429: AnswerClass.THROTTLED,
    451: AnswerClass.MODERATED,
}


class LanternProvider(PlainProvider):
    """Pictures under a mark of ours: Lantern refuses a second create with the same one, so a lost answer is found."""

    def __init__(self, settings: AdapterSettings | None = None) -> None:
        self.own_ids = settings.models if settings else {}

    @property
    def type(self) -> str:
        return "lantern"

    def route(
        self,
        kind: str,
        model: str,
        parameters: Mapping[str, object],
        local: Sequence[str],
        credential: CredentialKind | None,
        wired: Sequence[str] = (),
    ) -> Route | Refusal:
        return Route("plain", "/pictures")

    def forms(self, kind: str, field: str, route: Route) -> Form:
        return Form.URL | Form.BASE64

    def submit(
        self,
        job: Job,
        media: Mapping[str, Handed],
        told: Sequence[Mapping[str, object]] = (),
        callback_url: str = "",
    ) -> Request:
        body: Json = {
            "mark": job.external_id,
            "model": self.own_ids.get(job.model, job.model),
            "prompt": job.parameters["prompt"],
            "ratio": job.parameters["aspect_ratio"],
            **({"start": media["image"].text} if "image" in media else {}),
            **job.extra,
        }
        return Request("POST", "/pictures", body=body, creates=True)

    def read_submit(self, response: Response, route: Route) -> TaskState | Refusal:
        return self.read_refusal(response) or state_of(response.json()) or unreadable(response)

    def find(self, external_ids: Sequence[str], route: Route, credential: CredentialKind) -> tuple[Request, ...]:
        return tuple(Request("GET", "/pictures", query=(("mark", mark),)) for mark in external_ids)

    def read_find(self, request: Request, response: Response) -> Told:
        return self.told(response)

    def queries(self, tasks: Sequence[TaskRef], credential: CredentialKind) -> tuple[Query, ...]:
        return tuple(self.single(task, credential) for task in tasks)

    def single(self, task: TaskRef, credential: CredentialKind) -> Query:
        return Query(Request("GET", f"/pictures/{task.task_id}"), (task,))

    def read_query(self, query: Query, response: Response) -> Told:
        return self.told(response)

    def told(self, response: Response) -> Told:
        refusal = self.read_refusal(response)
        if refusal is not None:
            return Told() if refusal.answer is AnswerClass.NOT_FOUND else Told(refusal=refusal)
        state = state_of(response.json())
        return Told((state,)) if state else Told(refusal=unreadable(response))

    def read_refusal(self, response: Response) -> Refusal | None:
        if response.status == 200:
            return None
        answer = response.json() or {}
        message = str(answer.get("message") or "no word about why")
        # What is not known to be refused may have been carried out.
        found = classes.get(response.status, AnswerClass.TRANSIENT)
        return Refusal(found, f"http-{response.status}", message, retry_after=response.retry_after)

    def sign(self, request: Request, credential: Credential, now: float) -> Request:
        return request.with_header("Authorization", f"Bearer {credential.primary.reveal()}")

    def probe(self, now: float) -> Request:
        return Request("GET", "/account")

    def output_lifetime(self) -> float:
        return 24 * 3600.0


def state_of(answer: Json | None) -> TaskState | None:
    """A task as Lantern tells it; None for anything else."""
    answer = answer or {}
    task_id, phase = answer.get("id"), phases.get(str(answer.get("state")))
    if not isinstance(task_id, str) or phase is None:
        return None
    urls = answer.get("urls") or []
    return TaskState(
        task_id=task_id,
        external_id=str(answer.get("mark", "")),
        phase=phase,
        message=str(answer.get("message", "")),
        failure="moderated" if answer.get("reason") == "policy" else "",
        outputs=tuple(Output(str(url), MediaType.IMAGE, index) for index, url in enumerate(urls)),
        cost=cost_of(answer),
    )


def cost_of(answer: Json) -> Cost | None:
    try:
        return Cost(Decimal(str(answer["usd"])))
    except (KeyError, InvalidOperation):
        return None


def unreadable(response: Response) -> Refusal:
    return Refusal(AnswerClass.TRANSIENT, "unreadable", f"HTTP {response.status} without a task")
