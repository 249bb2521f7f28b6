"""Kling's native API as a `Provider`: requests of both standards are built and answers of both are read; no IO."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from kling_pipe.providers.kling import account, callbacks, errands, listings, queries, shelves
from kling_pipe.providers.kling.bodies import body_of
from kling_pipe.providers.kling.brief import Brief
from kling_pipe.providers.kling.contents import contents_of
from kling_pipe.providers.kling.endpoints import all_endpoints, endpoint_of, pack_of, path_model
from kling_pipe.providers.kling.refusals import for_create, for_query, refusal_of, unreadable
from kling_pipe.providers.kling.routes import choose_route, forms_of
from kling_pipe.providers.kling.tasks import read_made, read_task
from kling_pipe.providers.kling.tokens import Tokens
from kling_pipe.providers.plain import PlainProvider
from kling_pipe.providers.provider import (
    AccountPart,
    AdapterSettings,
    Errand,
    ErrandNotes,
    Listing,
    Query,
    Shelf,
    Told,
)
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.credential import Credential, CredentialKind
from kling_pipe.values.job import Job, Phase, Route, TaskRef, TaskState
from kling_pipe.values.secret import Secret
from kling_pipe.values.transfer import Form, Handed
from kling_pipe.values.wire import Request, Response

# Section 7: list price of one unit in USD; for the audio pack none is published, so the dearer one stands in.
# models.yaml says the same, and a test holds the two together.
list_prices: Mapping[str, Decimal] = {
    "video": Decimal("0.14"),
    "image": Decimal("0.0035"),
    "audio": Decimal("0.14"),
}
_month = 30 * 86400  # section 5: files and ids are cleared 30 days after generation


class KlingProvider(PlainProvider):
    """The adapter."""

    def __init__(self, settings: AdapterSettings | None = None) -> None:
        self._prices = {**list_prices, **(settings.units_usd if settings else {})}
        self._tokens = Tokens()

    @property
    def type(self) -> str:
        return "kling"

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
        """`wired` are all wired fields; what is in `local` is known to be among them."""
        return choose_route(kind, model, parameters, {*wired, *local}, local, credential)

    def service_model(self, kind: str, model: str, parameters: Mapping[str, object], wired: Sequence[str] = ()) -> str:
        """The last part of the path where that names the model."""
        route = choose_route(kind, model, parameters, set(wired), (), None)
        by_path = isinstance(route, Route) and route.standard == path_model
        return route.endpoint.rpartition("/")[2] if isinstance(route, Route) and by_path else model

    def forms(self, kind: str, field: str, route: Route) -> Form:
        return forms_of(field, route)

    def output_lifetime(self) -> float:
        return float(_month)

    # creating

    def errand(self, job: Job, media: Mapping[str, Handed], told: Sequence[Mapping[str, object]]) -> Errand | None:
        return errands.next_errand(Brief(job, media, told))

    def read_errand(self, job: Job, errand: Errand, response: Response) -> ErrandNotes | Refusal:
        return errands.read_errand(job, errand, response, self._prices)

    def submit(
        self,
        job: Job,
        media: Mapping[str, Handed],
        told: Sequence[Mapping[str, object]] = (),
        callback_url: str = "",
    ) -> Request:
        """One create for all takes of the job; only some endpoints make several at once."""
        brief, path = Brief(job, media, told), job.route.endpoint
        endpoint = None if job.route.standard == path_model else all_endpoints[path]
        most = 1 if endpoint is None or job.kind == "image-series" else endpoint.most
        if not 1 <= len(job.takes) <= most:
            raise ValueError(f"one create makes 1 to {most} takes, not {len(job.takes)}")
        body = contents_of(brief, callback_url) if endpoint is None else body_of(endpoint, brief, callback_url)
        return Request("POST", path, body=body, creates=True)

    def read_submit(self, response: Response, route: Route) -> TaskState | Refusal:
        refusal, pack = refusal_of(response), pack_of(route.endpoint)
        if refusal is not None:
            return for_create(refusal, pack)
        endpoint = endpoint_of(route.endpoint)
        at_once = endpoint is not None and endpoint.at_once
        data = (response.json() or {}).get("data")
        state = read_made(response, pack, self._prices) if at_once else read_task(data, pack, self._prices)
        if state is None:
            return unreadable(response, "task")
        # The short answer of a create names no files, so a task that has ended already is asked for once more.
        ended = (Phase.SUCCEEDED,) if at_once else (Phase.SUCCEEDED, Phase.FAILED)
        return replace(state, phase=Phase.RUNNING) if state.phase in ended and not state.outputs else state

    # asking

    def find(self, external_ids: Sequence[str], route: Route, credential: CredentialKind) -> tuple[Request, ...]:
        return queries.find(external_ids, route, credential)

    def read_find(self, request: Request, response: Response) -> Told:
        refusal = refusal_of(response)
        if refusal is not None:
            refusal = for_query(refusal)
            return Told() if refusal.answer is AnswerClass.NOT_FOUND else Told(refusal=refusal)
        wanted = queries.wanted_of(request)
        states = self._states(response, pack_of(request.path))
        if states is None:
            return Told(refusal=unreadable(response, "tasks"))
        if len(wanted) == len(states) == 1 and not isinstance(request, queries.Lookup):
            states = [replace(state, external_id=state.external_id or wanted[0]) for state in states]
        return Told(tuple(state for state in states if state.external_id in wanted))

    def queries(self, tasks: Sequence[TaskRef], credential: CredentialKind) -> tuple[Query, ...]:
        return queries.queries(tasks, credential)

    def single(self, task: TaskRef, credential: CredentialKind) -> Query:
        return queries.single(task)

    def read_query(self, query: Query, response: Response) -> Told:
        refusal = refusal_of(response)
        if refusal is not None:
            return Told(refusal=for_query(refusal))
        pack = pack_of(query.tasks[0].route.endpoint if query.tasks else query.request.path)
        states = self._states(response, pack)
        if states is None:
            return Told(refusal=unreadable(response, "tasks"))
        by_task = {task.task_id: task for task in query.tasks if task.task_id}
        by_external = {task.external_id: task for task in query.tasks}
        told: dict[str, TaskState] = {}  # by external id: a list page may name a task twice (D26)
        for state in states:
            task = by_task.get(state.task_id) or by_external.get(state.external_id)
            if task is not None:
                told.setdefault(task.external_id, replace(state, external_id=task.external_id))
        return Told(tuple(told.values()))

    def read_refusal(self, response: Response) -> Refusal | None:
        return account.refusal_within(response)

    # signing

    def sign(self, request: Request, credential: Credential, now: float) -> Request:
        if credential.kind is CredentialKind.KEY_PAIR:
            if credential.secondary is None:
                raise ValueError("a key pair needs its secret key")
            token = self._tokens.token(credential.primary, credential.secondary, now)
        else:
            token = credential.primary.reveal()
        return request.with_header("Authorization", f"Bearer {token}")

    def forget_tokens(self) -> None:
        self._tokens.forget()

    # the account as a whole

    def listings(self, since: float, until: float, credential: CredentialKind) -> tuple[Request, ...]:
        return listings.first_pages(since, until, credential)

    def read_listing(self, request: Request, response: Response) -> Listing | Refusal:
        return listings.read_page(request, response, self._prices)

    def account(self, now: float) -> tuple[Request, ...]:
        return account.account_queries(now)

    def read_account(self, request: Request, response: Response) -> AccountPart | Refusal:
        return account.read_account(request, response, self._prices)

    def library(self) -> tuple[Request, ...]:
        return shelves.first_pages()

    def read_library(self, request: Request, response: Response) -> Shelf | Refusal:
        return shelves.read_page(request, response)

    def probe(self, now: float) -> Request:
        """The packs of the last 30 days."""
        return account.packs_query(now, _month)

    # what the service tells by itself

    def read_callback(self, body: bytes) -> TaskState | None:
        return callbacks.read_callback(body, self._prices)

    def is_signed(self, headers: Mapping[str, str], body: bytes, secret: Secret, now: float) -> bool:
        return callbacks.is_signed(headers, body, secret, now)

    def _states(self, response: Response, pack: str) -> list[TaskState] | None:
        """All readable tasks of an answer: one task, a list, or a cursor page; None when it is none of these."""
        data = (response.json() or {}).get("data")
        if isinstance(data, dict) and isinstance(data.get("result"), list):
            data = data["result"]
        if isinstance(data, list):
            return [state for item in data if (state := read_task(item, pack, self._prices))]
        state = read_task(data, pack, self._prices)
        return [state] if state else None
