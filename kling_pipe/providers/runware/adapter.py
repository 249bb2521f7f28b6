"""Runware's service as a `Provider`: tasks are written and answers are read; no IO."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kling_pipe.providers.plain import PlainProvider
from kling_pipe.providers.provider import AdapterSettings, Query, Told
from kling_pipe.providers.runware import bundles, questions, uploads
from kling_pipe.providers.runware.airs import air_of, kinds
from kling_pipe.providers.runware.bodies import task_of
from kling_pipe.providers.runware.brief import Brief
from kling_pipe.providers.runware.envelopes import Envelope, text_in, uuid_in
from kling_pipe.providers.runware.refusals import first_of, for_create, refusal_of, unreadable
from kling_pipe.providers.runware.tasks import made_by
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.credential import Credential, CredentialKind
from kling_pipe.values.job import Job, Phase, Route, TaskRef, TaskState
from kling_pipe.values.media import MediaType
from kling_pipe.values.transfer import Form, Handed, Uploaded
from kling_pipe.values.wire import Request, Response

# Section 6: how long results live is not said. So they are fetched at once and never handed on by their addresses.
_output_lifetime = 3600.0


class RunwareProvider(PlainProvider):
    """The adapter. It bills in money, so prices of units mean nothing to it."""

    def __init__(self, settings: AdapterSettings | None = None) -> None:
        self._models = settings.models if settings else {}

    @property
    def type(self) -> str:
        return "runware"

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
        """A type of task and an AIR: there is but one path, and everything can be put into the service's storage."""
        if kind not in kinds:
            return Refusal(AnswerClass.INVALID, "kind-not-served", f"Runware has no task for `{kind}`")
        return Route(kinds[kind], air_of(kind, model, parameters, self._models))

    def service_model(self, kind: str, model: str, parameters: Mapping[str, object], wired: Sequence[str] = ()) -> str:
        return air_of(kind, model, parameters, self._models)

    def forms(self, kind: str, field: str, route: Route) -> Form:
        return Form.URL | Form.UPLOAD

    def output_lifetime(self) -> float:
        return _output_lifetime

    # creating

    def submit(
        self,
        job: Job,
        media: Mapping[str, Handed],
        told: Sequence[Mapping[str, object]] = (),
        callback_url: str = "",
    ) -> Request:
        """One task for all takes of the job."""
        if not job.takes:
            raise ValueError("a task makes at least one take")
        return Request("POST", questions.path, body=[task_of(Brief(job, media), callback_url)], creates=True)

    def read_submit(self, response: Response, route: Route) -> TaskState | Refusal:
        """That the task was taken. What it made is asked for, so that it is known when all of it is there."""
        envelope = Envelope.of(response)
        item = next((item for item in envelope.items if uuid_in(item)), None) if envelope else None
        if item is not None:
            return TaskState(uuid_in(item), "", Phase.QUEUED, status="accepted")
        if envelope is not None and envelope.errors:
            product = "image" if made_by(route.standard) is MediaType.IMAGE else "video"
            return for_create(first_of(envelope.errors, response), product)
        return refusal_of(response) or unreadable(response, "task")

    # asking

    def find(self, external_ids: Sequence[str], route: Route, credential: CredentialKind) -> tuple[Request, ...]:
        return questions.find(external_ids, route)

    def read_find(self, request: Request, response: Response) -> Told:
        return questions.read_find(request, response)

    def queries(self, tasks: Sequence[TaskRef], credential: CredentialKind) -> tuple[Query, ...]:
        return questions.queries(tasks)

    def single(self, task: TaskRef, credential: CredentialKind) -> Query:
        return questions.single(task)

    def read_query(self, query: Query, response: Response) -> Told:
        return questions.read_query(query, response)

    def read_refusal(self, response: Response) -> Refusal | None:
        return refusal_of(response)

    @property
    def status_requests_a_task(self) -> float:
        """One request asks about all that is under way."""
        return 0.4

    # together

    @property
    def most_bundled(self) -> int:
        return bundles.most_bundled

    def bundle(self, requests: Sequence[Request]) -> Request | None:
        return bundles.bundle(requests)

    def unbundle(self, requests: Sequence[Request], response: Response) -> tuple[Response, ...]:
        return bundles.unbundle(requests, response)

    # handing over

    @property
    def uploads(self) -> bool:
        return True

    def upload(self, name: str, mime: str, data: bytes) -> Request:
        return uploads.upload(mime, data)

    def read_upload(self, response: Response) -> Uploaded | Refusal:
        return uploads.read_upload(response)

    # signing

    def sign(self, request: Request, credential: Credential, now: float) -> Request:
        return request.with_header("Authorization", f"Bearer {credential.primary.reveal()}")

    def probe(self, now: float) -> Request:
        """A ping: it answers whoever has a good key, and costs nothing."""
        return Request("POST", questions.path, body=[{"taskType": "ping", "ping": True}])

    # what the service tells by itself

    def read_callback(self, body: bytes) -> TaskState | None:
        """A result as it is, without a list around it. Nobody signs it, and of several results each comes alone: so it
        says no more than that there is something to ask about."""
        item = Response(200, {}, body).json()
        uuid = uuid_in(item) if item else ""
        if item is None or not uuid:
            return None
        failed = text_in(item.get("status")).lower() in ("error", "failed") or "code" in item
        return TaskState(uuid, "", Phase.FAILED if failed else Phase.SUCCEEDED, status="called-back")
