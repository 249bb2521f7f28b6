"""The wall every provider stands behind: values in, values out; no loop, no sleep, no client, no address.

Each folder in `providers/` holds an `adapter.py` with one class of this protocol, a `models.yaml` (what it offers, with
limits and prices as data) and a `fake.py` (the service as the simulator plays it). `table.py` is the one list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from kling_pipe.values.answer import Refusal
from kling_pipe.values.credential import Credential as Credential
from kling_pipe.values.credential import CredentialKind as CredentialKind
from kling_pipe.values.job import Job, Route, TaskRef, TaskState
from kling_pipe.values.media import MediaType
from kling_pipe.values.money import Cost
from kling_pipe.values.secret import Secret
from kling_pipe.values.transfer import Form as Form
from kling_pipe.values.transfer import Handed as Handed
from kling_pipe.values.transfer import Uploaded as Uploaded
from kling_pipe.values.wire import Request, Response


@dataclass(frozen=True, slots=True)
class AdapterSettings:
    """What a profile and its project say to an adapter: USD of one unit by pack where the project has its own, the
    account's own model ids by `MODEL` or `KIND/MODEL`, and the transport."""

    units_usd: Mapping[str, Decimal] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)
    transport: str = ""  # empty for HTTP, or `executable`


@dataclass(frozen=True, slots=True)
class Query:
    """One status request and the tasks it is expected to tell about."""

    request: Request
    tasks: tuple[TaskRef, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What a status request told. A task of the query that is in neither `states` nor `refusal` was not mentioned."""

    states: tuple[TaskState, ...] = ()
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Errand:
    """A call that has to be answered before a create can be written, such as finding the faces of a clip. It is
    charged for and carries no id of ours, so a lost answer to it is uncertain."""

    name: str
    request: Request


@dataclass(frozen=True, slots=True)
class ErrandNotes:
    """What an errand's answer tells the create, as JSON values, and what it cost."""

    told: Mapping[str, object]
    cost: Cost = Cost()


@dataclass(frozen=True, slots=True)
class Listed:
    """A task of a listing; `product` and `model` as far as the service names them."""

    state: TaskState
    endpoint: str = ""
    product: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of tasks, and the request for the next one."""

    tasks: tuple[Listed, ...]
    more: Request | None = None


@dataclass(frozen=True, slots=True)
class Pack:
    """Units bought ahead; times in Unix seconds, 0 unknown."""

    name: str
    id: str
    product: str
    total: Decimal
    remaining: Decimal
    effective: float
    expires: float
    status: str


@dataclass(frozen=True, slots=True)
class Charge:
    """One line of what was drawn from a pack or a balance."""

    task_id: str
    at: float
    function: str
    model: str
    cost: Cost
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class AccountPart:
    """What one account query told, and the request for its next page."""

    packs: tuple[Pack, ...] = ()
    charges: tuple[Charge, ...] = ()
    more: Request | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An element or voice that steps can name by its id; `is_own` tells the account's own from official ones."""

    type: MediaType
    id: str
    name: str
    is_own: bool
    description: str = ""
    preview: str = ""  # a URL to look at or listen to, while it lives


@dataclass(frozen=True, slots=True)
class Shelf:
    """A page of the library, and the request for the next one."""

    entries: tuple[Entry, ...]
    more: Request | None = None


class Provider(Protocol):
    """A service's language. Every method is a pure function of its arguments.

    `plain.PlainProvider` has an answer for everything optional.
    """

    @property
    def type(self) -> str:
        """The provider type, part of every key."""

    def route(
        self,
        kind: str,
        model: str,
        parameters: Mapping[str, object],
        local: Sequence[str],
        credential: CredentialKind | None,
        wired: Sequence[str] = (),
    ) -> Route | Refusal:
        """Chooses standard and endpoint by what the request needs and the credential allows.

        `local` names the wired fields whose media can only travel as Base64 (no URL of their own and no uploader),
        `wired` all wired fields;
        `credential` None means unknown (plan without credentials): assume an API key. A Refusal (class INVALID)
        says why no route can serve, before anything is sent.
        """

    def forms(self, kind: str, field: str, route: Route) -> Form:
        """The forms in which a wired field may travel on a route."""

    def errand(self, job: Job, media: Mapping[str, Handed], told: Sequence[Mapping[str, object]]) -> Errand | None:
        """The next call that must be answered before the create; `told` are the notes of those answered so far.
        None: the create can go."""

    def read_errand(self, job: Job, errand: Errand, response: Response) -> ErrandNotes | Refusal:
        """The answer to an errand. A Refusal of class INVALID says why the job cannot be made."""

    def submit(
        self,
        job: Job,
        media: Mapping[str, Handed],
        told: Sequence[Mapping[str, object]] = (),
        callback_url: str = "",
    ) -> Request:
        """The create request; `media` maps each material's field path to how it travels, `told` are the notes of the
        job's errands."""

    def read_submit(self, response: Response, route: Route) -> TaskState | Refusal:
        """The answer to a create. An unreadable or 5xx answer is a TRANSIENT refusal: the task may exist. A call that
        is answered with what was made tells a task that has succeeded."""

    def find(self, external_ids: Sequence[str], route: Route, credential: CredentialKind) -> tuple[Request, ...]:
        """Free queries, in the order to try, that find tasks by external id on a route."""

    def read_find(self, request: Request, response: Response) -> Told:
        """The answer to a `find`; no states and no refusal means: the service knows no such task."""

    def queries(self, tasks: Sequence[TaskRef], credential: CredentialKind) -> tuple[Query, ...]:
        """As few status requests as the service allows for these tasks: batch and list first."""

    def single(self, task: TaskRef, credential: CredentialKind) -> Query:
        """One status request for one task on its own path: the fallback, and what renews output URLs."""

    def read_query(self, query: Query, response: Response) -> Told:
        """The answer to a status request."""

    def read_refusal(self, response: Response) -> Refusal | None:
        """How any answer is classed; None when it is good."""

    def sign(self, request: Request, credential: Credential, now: float) -> Request:
        """The request with its authorization; `now` in Unix seconds. Tokens are cached and renewed before expiry."""

    def forget_tokens(self) -> None:
        """Drops cached tokens, after the service called one stale."""

    def listings(self, since: float, until: float, credential: CredentialKind) -> tuple[Request, ...]:
        """First pages of everything that tells which tasks the account made between two Unix times."""

    def read_listing(self, request: Request, response: Response) -> Listing | Refusal:
        """A page of a listing."""

    def account(self, now: float) -> tuple[Request, ...]:
        """Free queries about packs, balances and what was drawn from them."""

    def read_account(self, request: Request, response: Response) -> AccountPart | Refusal:
        """The answer to one of them."""

    def library(self) -> tuple[Request, ...]:
        """First pages of the elements and voices that can be named by id, own and official ones."""

    def read_library(self, request: Request, response: Response) -> Shelf | Refusal:
        """A page of them; what was deleted is left out."""

    def read_callback(self, body: bytes) -> TaskState | None:
        """A task as the service tells of it by itself; None for anything else."""

    def is_signed(self, headers: Mapping[str, str], body: bytes, secret: Secret, now: float) -> bool:
        """Whether a callback bears a good and fresh signature; header names in lower case."""

    def probe(self, now: float) -> Request:
        """One free authenticated query, for `doctor`."""

    def output_lifetime(self) -> float:
        """Seconds that output URLs are said to live."""

    # optional powers

    def service_model(self, kind: str, model: str, parameters: Mapping[str, object], wired: Sequence[str] = ()) -> str:
        """The service's own id of a canonical model, as a request names it; empty where it names none."""

    @property
    def most_bundled(self) -> int:
        """How many requests may wait for each other and go as one; 1 where the service has no such thing."""

    def bundle(self, requests: Sequence[Request]) -> Request | None:
        """Several unsigned requests as one; None where these cannot go together."""

    def unbundle(self, requests: Sequence[Request], response: Response) -> tuple[Response, ...]:
        """What the answer to a bundle says to each of its requests, in their order."""

    @property
    def status_requests_a_task(self) -> float:
        """How many status requests a task may cost."""

    @property
    def uploads(self) -> bool:
        """Whether the service has a storage of its own for what is handed over (`Form.UPLOAD`)."""

    def upload(self, name: str, mime: str, data: bytes) -> Request:
        """Puts a file there; it costs nothing and may be repeated."""

    def read_upload(self, response: Response) -> Uploaded | Refusal:
        """The answer to an upload."""

    def price_query(self, job: Job, media: Mapping[str, Handed]) -> Request | None:
        """A free question what a job would cost; None where the service answers none."""

    def read_price(self, response: Response) -> Cost | Refusal:
        """The answer to it."""
