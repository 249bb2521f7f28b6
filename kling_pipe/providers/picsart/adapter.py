"""Picsart as a `Provider`: its workflows over HTTP, or its executable; one payload and one argument list a job, no IO.

A submit carries no id of ours and nothing finds a task but the service's own id (picsart.md section 2), so an answer
that was lost leaves a job in doubt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from urllib.parse import quote

from kling_pipe.providers.picsart import prices, runs, uploads
from kling_pipe.providers.picsart.arguments import arguments_of, patience, price_arguments
from kling_pipe.providers.picsart.brief import Brief
from kling_pipe.providers.picsart.payloads import payload_of
from kling_pipe.providers.picsart.refusals import (
    credits_short,
    for_create,
    for_query,
    message_in,
    refusal_of,
    unreadable,
)
from kling_pipe.providers.picsart.routes import by_executable, choose_route, forms_of
from kling_pipe.providers.picsart.signing import environment, signed
from kling_pipe.providers.picsart.tasks import submitted, told
from kling_pipe.providers.picsart.workflows import all_workflows, own_id, text_to_audio, workflow_of
from kling_pipe.providers.plain import PlainProvider
from kling_pipe.providers.provider import AdapterSettings, Query, Told, Uploaded
from kling_pipe.values.answer import Refusal
from kling_pipe.values.credential import Credential, CredentialKind
from kling_pipe.values.job import Job, Route, TaskRef, TaskState
from kling_pipe.values.money import Cost
from kling_pipe.values.transfer import Form, Handed
from kling_pipe.values.wire import Request, Response

_no_settings = AdapterSettings()
_lifetime = 6 * 3600.0  # of an output's address: nothing is said, and the steps after it take it within the hour
_uploads_besides = 600.0  # seconds that a run may take beside waiting for its task


class PicsartProvider(PlainProvider):
    """The adapter."""

    def __init__(self, settings: AdapterSettings | None = None) -> None:
        self._settings = settings or _no_settings
        self._usd: Mapping[str, Decimal] = self._settings.units_usd

    @property
    def type(self) -> str:
        return "picsart"

    # before anything is sent

    def route(
        self,
        kind: str,
        model: str,
        parameters: Mapping[str, object],
        local: Sequence[str],
        credential: CredentialKind | None,
        wired: Sequence[str] = (),
    ) -> Route | Refusal:
        return choose_route(kind, model, parameters, {*wired, *local}, self._settings.transport)

    def service_model(self, kind: str, model: str, parameters: Mapping[str, object], wired: Sequence[str] = ()) -> str:
        own = self._settings.models
        return own.get(f"{kind}/{model}") or own.get(model) or own_id(workflow_of(kind, model, wired), model)

    def forms(self, kind: str, field: str, route: Route) -> Form:
        return forms_of(field, route)

    def output_lifetime(self) -> float:
        return _lifetime

    @property
    def uploads(self) -> bool:
        return True

    def upload(self, name: str, mime: str, data: bytes) -> Request:
        return uploads.upload(name, mime, data)

    def read_upload(self, response: Response) -> Uploaded | Refusal:
        return uploads.read_upload(response)

    # creating

    def submit(
        self,
        job: Job,
        media: Mapping[str, Handed],
        told: Sequence[Mapping[str, object]] = (),
        callback_url: str = "",
    ) -> Request:
        """One create for all takes of the job; only pictures can be several."""
        brief, route, workflow = Brief(job, media), job.route, all_workflows[job.route.endpoint]
        if not 1 <= len(job.takes) <= workflow.most:
            raise ValueError(f"one create makes 1 to {workflow.most} takes, not {len(job.takes)}")
        if route.standard != by_executable:
            body = {"params": payload_of(brief, self._own_name(job) or job.model)}
            return Request("POST", f"/workflows/{route.endpoint}/submit", body=body, creates=True)
        return Request(
            "RUN",
            f"/{route.endpoint}",
            headers=environment,
            creates=True,
            patience=60.0 * patience[workflow.makes] + _uploads_besides,
            arguments=arguments_of(brief, self._own_id(job)),
        )

    def read_submit(self, response: Response, route: Route) -> TaskState | Refusal:
        if runs.is_run(response):
            return runs.read_run(response, route.endpoint)
        refusal = refusal_of(response)
        if refusal is not None:
            return for_create(refusal)
        return submitted(response.json() or {}) or _without_task(response)

    # asking

    def queries(self, tasks: Sequence[TaskRef], credential: CredentialKind) -> tuple[Query, ...]:
        """One a task: the service knows no lists."""
        return tuple(self.single(task, credential) for task in tasks)

    def single(self, task: TaskRef, credential: CredentialKind) -> Query:
        """A task is asked for by its workflow and the service's own id, whichever way it was made (section 2)."""
        path = f"/workflows/{task.route.endpoint}/{quote(task.task_id, safe='')}/result"
        return Query(Request("GET", path), (task,))

    def read_query(self, query: Query, response: Response) -> Told:
        refusal = refusal_of(response)
        if refusal is not None:
            return Told(refusal=for_query(refusal))
        envelope = response.json() or {}
        return Told(tuple(told(envelope, task) for task in query.tasks if task.task_id))

    def read_refusal(self, response: Response) -> Refusal | None:
        return runs.refusal_in(response) if runs.is_run(response) else refusal_of(response)

    def probe(self, now: float) -> Request:
        """The price of a sound, which is free to ask and needs the credential."""
        if self._settings.transport:
            arguments = ("pricing", "kling-t2a", "--duration=5", "--json")
            return Request("RUN", f"/{text_to_audio}", headers=environment, arguments=arguments)
        body = {"params": {"prompt": "rain", "duration": 5}}
        return Request("POST", f"/workflows/{text_to_audio}/options", body=body)

    def price_query(self, job: Job, media: Mapping[str, Handed]) -> Request | None:
        brief, endpoint = Brief(job, media), job.route.endpoint
        if job.route.standard == by_executable:
            arguments = price_arguments(brief, self._own_id(job))
            return Request("RUN", f"/{endpoint}", headers=environment, arguments=arguments) if arguments else None
        body = {"params": payload_of(brief, self._own_name(job) or job.model)}
        return Request("POST", f"/workflows/{endpoint}/options", body=body)

    def read_price(self, response: Response) -> Cost | Refusal:
        refusal = self.read_refusal(response)
        if refusal is not None:
            return for_query(refusal)
        found = runs.last_value(response) if runs.is_run(response) else response.json() or {}
        return prices.cost_in(found, self._usd)

    # signing

    def sign(self, request: Request, credential: Credential, now: float) -> Request:
        return signed(request, credential)

    def _own_name(self, job: Job) -> str:
        """The account's own id of a model, where the profile names one."""
        models = self._settings.models
        return models.get(f"{job.kind}/{job.model}") or models.get(job.model, "")

    def _own_id(self, job: Job) -> str:
        return self._own_name(job) or own_id(job.route.endpoint, job.model)


def _without_task(response: Response) -> Refusal:
    """A good answer that names no task. By section 2 its words may say that credits are short; else there is doubt."""
    message = message_in(response.json())
    short = "insufficient" in message.lower()
    return (
        credits_short(f"http-{response.status}", message)
        if short
        else unreadable(message or "the answer names no task")
    )
