"""What a run needs of the world: small protocols, and the values that cross them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from kling_pipe.events import Event
from kling_pipe.providers.provider import Handed
from kling_pipe.values.claim import Claim
from kling_pipe.values.job import Job, Material, Output
from kling_pipe.values.media import MediaFacts
from kling_pipe.values.money import Cap
from kling_pipe.values.wire import Request, Response


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a material's bytes can be had: the store (by digest), a local file, or a URL while it lives."""

    material: Material
    path: str = ""
    url: str = ""
    url_expires: float = 0.0  # Unix seconds; 0: does not expire


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that is in the store and was looked at closely."""

    output: Output
    digest: str
    facts: MediaFacts


class FetchTrouble(Exception):  # noqa: N818  # an answer, not an error
    """A file could not be fetched just now. `gone`: its URL no longer serves it, a fresh query may."""

    def __init__(self, message: str, *, gone: bool = False, damaged: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.gone = gone
        self.damaged = damaged


class Clock(Protocol):
    """Time."""

    def now(self) -> float: ...

    async def sleep(self, seconds: float) -> None: ...


class Book(Protocol):
    """The ledger, off the event loop."""

    async def claim(self, job: Job, *, intend: bool, cap: Cap | None, explanation: str) -> Claim: ...

    async def record(self, events: Sequence[Event]) -> None: ...


class Wire(Protocol):
    """The way to one profile's API. Answers that never came are Refusals in the adapter's words, so `send` raises
    `AnswerMissing` with the reason."""

    async def send(self, request: Request) -> Response: ...


class AnswerMissing(Exception):  # noqa: N818  # an answer, not an error
    """The request left, or may have left, and no usable answer came. `sent` False: it surely did not leave."""

    def __init__(self, code: str, message: str, *, sent: bool = True) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.sent = sent


class Files(Protocol):
    """Media on their way in and out."""

    async def hand_over(self, job: Job, origins: Sequence[Origin], now: float) -> Mapping[str, Handed]:
        """How each material travels; raises StepFailure when one cannot."""

    async def fetch(self, output: Output, expects: MediaFacts | None) -> Fetched:
        """Downloads one file into the store; raises FetchTrouble, or StateFailure when the disk refuses."""
