"""A provider that has none of the optional powers: adapters of services that speak less begin with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kling_pipe.providers.provider import (
    AccountPart,
    Errand,
    ErrandNotes,
    Listing,
    Shelf,
    Told,
    Uploaded,
)
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.credential import CredentialKind
from kling_pipe.values.job import Job, Route, TaskState
from kling_pipe.values.money import Cost
from kling_pipe.values.secret import Secret
from kling_pipe.values.transfer import Handed
from kling_pipe.values.wire import Request, Response


class PlainProvider:
    """No errands, no external ids, no listings, account, library, callbacks, bundles, uploads or questions of price."""

    def errand(self, job: Job, media: Mapping[str, Handed], told: Sequence[Mapping[str, object]]) -> Errand | None:
        return None

    def read_errand(self, job: Job, errand: Errand, response: Response) -> ErrandNotes | Refusal:
        return _not_spoken

    def find(self, external_ids: Sequence[str], route: Route, credential: CredentialKind) -> tuple[Request, ...]:
        return ()

    def read_find(self, request: Request, response: Response) -> Told:
        return Told(refusal=_not_spoken)

    def forget_tokens(self) -> None:
        """There are none."""

    def listings(self, since: float, until: float, credential: CredentialKind) -> tuple[Request, ...]:
        return ()

    def read_listing(self, request: Request, response: Response) -> Listing | Refusal:
        return _not_spoken

    def account(self, now: float) -> tuple[Request, ...]:
        return ()

    def read_account(self, request: Request, response: Response) -> AccountPart | Refusal:
        return _not_spoken

    def library(self) -> tuple[Request, ...]:
        return ()

    def read_library(self, request: Request, response: Response) -> Shelf | Refusal:
        return _not_spoken

    def read_callback(self, body: bytes) -> TaskState | None:
        return None

    def is_signed(self, headers: Mapping[str, str], body: bytes, secret: Secret, now: float) -> bool:
        return False

    def service_model(self, kind: str, model: str, parameters: Mapping[str, object], wired: Sequence[str] = ()) -> str:
        return model

    @property
    def most_bundled(self) -> int:
        return 1

    def bundle(self, requests: Sequence[Request]) -> Request | None:
        return None

    def unbundle(self, requests: Sequence[Request], response: Response) -> tuple[Response, ...]:
        return tuple(response for _ in requests)

    @property
    def status_requests_a_task(self) -> float:
        return 2.4  # docs/performance.md allows 3

    @property
    def uploads(self) -> bool:
        return False

    def upload(self, name: str, mime: str, data: bytes) -> Request:
        raise ValueError("this service takes no uploads")

    def read_upload(self, response: Response) -> Uploaded | Refusal:
        return _not_spoken

    def price_query(self, job: Job, media: Mapping[str, Handed]) -> Request | None:
        return None

    def read_price(self, response: Response) -> Cost | Refusal:
        return _not_spoken


_not_spoken = Refusal(AnswerClass.INVALID, "not-spoken", "the service has no such question")
