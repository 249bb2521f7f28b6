"""A gateway of the OpenAI form as a `Provider`: clips by jobs that are asked about, pictures in one call; no IO.

It knows no idempotency key and no id of ours (gateway.md section 7): a repeated create makes and charges a second job,
so whatever leaves doubt is left to a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote

from kling_pipe.providers.gateway import clips, pictures
from kling_pipe.providers.gateway.names import clip_id, picture_id
from kling_pipe.providers.gateway.refusals import for_create, for_query, refusal_of, unreadable
from kling_pipe.providers.gateway.routes import choose_route, form_of, makes
from kling_pipe.providers.gateway.routes import pictures as pictures_path
from kling_pipe.providers.gateway.tasks import read_task
from kling_pipe.providers.plain import PlainProvider
from kling_pipe.providers.provider import AdapterSettings, Query, Told
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.credential import Credential, CredentialKind
from kling_pipe.values.job import Job, Phase, Route, TaskRef, TaskState
from kling_pipe.values.transfer import Form, Handed
from kling_pipe.values.wire import Request, Response

_month = 30 * 86400  # section 7: result addresses are the upstream's; nothing shorter is stated


class GatewayProvider(PlainProvider):
    """The adapter. Of the settings only the profile's own ids of models count: a gateway has no units."""

    def __init__(self, settings: AdapterSettings | None = None) -> None:
        self._own = settings.models if settings else {}

    @property
    def type(self) -> str:
        return "gateway"

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
        return choose_route(kind, model, parameters, local, wired, self._own)

    def service_model(self, kind: str, model: str, parameters: Mapping[str, object], wired: Sequence[str] = ()) -> str:
        if kind.endswith("-video"):
            return clip_id(kind, model, parameters, self._own)
        return picture_id(kind, model, self._own)

    def forms(self, kind: str, field: str, route: Route) -> Form:
        return form_of(field)

    def output_lifetime(self) -> float:
        return float(_month)

    # creating

    def submit(
        self,
        job: Job,
        media: Mapping[str, Handed],
        told: Sequence[Mapping[str, object]] = (),
        callback_url: str = "",
    ) -> Request:
        """One create for one clip, or for several pictures. There are no callbacks."""
        is_picture = job.route.endpoint == pictures_path
        most = pictures.most_at_once if is_picture else 1
        if not 1 <= len(job.takes) <= most:
            raise ValueError(f"one create makes 1 to {most} takes, not {len(job.takes)}")
        body = (pictures if is_picture else clips).body_of(job, media, self._own)
        patience = pictures.patience if is_picture else 0.0
        return Request("POST", job.route.endpoint, body=body, creates=True, patience=patience)

    def read_submit(self, response: Response, route: Route) -> TaskState | Refusal:
        """A gateway may also make its pictures by jobs (section 9), which are told apart by what the answer holds."""
        made = makes(route)
        if (refusal := for_create(response, str(made))) is not None:
            return refusal
        if route.endpoint == pictures_path and (state := pictures.read_made(response)) is not None:
            return state
        task = read_task(response.json(), made)
        if task is None or (route.endpoint == pictures_path and not task.status):
            return unreadable(response, "job" if route.endpoint != pictures_path else "picture")
        # What has ended already is asked for once more, so that one reader tells how it ended.
        return replace(task, phase=Phase.RUNNING, outputs=()) if task.phase in _ended else task

    # asking

    def queries(self, tasks: Sequence[TaskRef], credential: CredentialKind) -> tuple[Query, ...]:
        """One request a job: no list is known to tell of several (section 7)."""
        return tuple(self.single(task, credential) for task in tasks)

    def single(self, task: TaskRef, credential: CredentialKind) -> Query:
        return Query(Request("GET", f"/v1/videos/{quote(task.task_id, safe='')}"), (task,))

    def read_query(self, query: Query, response: Response) -> Told:
        (task,) = query.tasks
        refusal = refusal_of(response)
        if refusal is not None:
            return Told(refusal=_of_picture(refusal) if task.route.endpoint == pictures_path else for_query(refusal))
        state = read_task(response.json(), makes(task.route), task.task_id)
        if state is None:
            return Told(refusal=unreadable(response, "job"))
        return Told((replace(state, task_id=task.task_id, external_id=task.external_id),))

    def read_refusal(self, response: Response) -> Refusal | None:
        return refusal_of(response)

    # signing

    def sign(self, request: Request, credential: Credential, now: float) -> Request:
        return request.with_header("Authorization", f"Bearer {credential.primary.reveal()}")

    def probe(self, now: float) -> Request:
        """The list of models (section 2, likely)."""
        return Request("GET", "/v1/models")


_ended = (Phase.SUCCEEDED, Phase.FAILED)


def _of_picture(refusal: Refusal) -> Refusal:
    """A picture that was made in one call is no job to the gateway, so it says that there is none."""
    is_unknown = refusal.answer in (AnswerClass.FORBIDDEN, AnswerClass.INVALID) or refusal.code == "http-404"
    return replace(refusal, answer=AnswerClass.NOT_FOUND) if is_unknown else for_query(refusal)
