"""The wall every provider stands behind: values in, values out; no loop, no sleep, no client, no address.

Each folder in `providers/` holds an `adapter.py` with one class of this protocol, a `models.yaml` (what it offers, with
limits and prices as data) and a `fake.py` (the service as the simulator plays it). `table.py` is the one list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from kling_pipe.values.answer import Refusal
from kling_pipe.values.credential import Credential as Credential
from kling_pipe.values.credential import CredentialKind as CredentialKind
from kling_pipe.values.job import Job, Material, Route, TaskRef, TaskState
from kling_pipe.values.transfer import Form as Form
from kling_pipe.values.transfer import Handed as Handed
from kling_pipe.values.wire import Request, Response


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


class Provider(Protocol):
    """A service's language. Every method is a pure function of its arguments."""

    @property
    def type(self) -> str:
        """The provider type, part of every key: `kling`."""

    @property
    def has_external_ids(self) -> bool:
        """Whether a create carries our own id and a repeat of it is refused, so that a lost answer can be recovered."""

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

    def submit(self, job: Job, media: Mapping[str, Handed]) -> Request:
        """The create request; `media` maps each material's field path to how it travels."""

    def read_submit(self, response: Response) -> TaskState | Refusal:
        """The answer to a create. An unreadable or 5xx answer is a TRANSIENT refusal: the task may exist."""

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

    def probe(self, now: float) -> Request:
        """One free authenticated query, for `doctor`."""

    def output_lifetime(self) -> float:
        """Seconds that output URLs are said to live."""

    def describe_material(self, material: Material) -> str:
        """The field as the service names it, for messages."""
