"""What a run needs of the world: small protocols, and the values that cross them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from kling_pipe.events import Event
from kling_pipe.values.claim import Claim
from kling_pipe.values.job import Job, Output
from kling_pipe.values.media import MediaFacts
from kling_pipe.values.money import Caps
from kling_pipe.values.transfer import Fetched, Handed, Origin
from kling_pipe.values.wire import Request, Response


class Clock(Protocol):
    """Time."""

    def now(self) -> float:
        """Unix seconds."""


class Book(Protocol):
    """The ledger, off the event loop."""

    async def claim(self, job: Job, *, intend: bool, caps: Caps, explanation: str) -> Claim: ...

    async def record(self, events: Sequence[Event]) -> None: ...


class Wire(Protocol):
    """The way to one profile's API. Answers that never came are Refusals in the adapter's words, so `send` raises
    `AnswerMissing` with the reason."""

    async def send(self, request: Request) -> Response: ...


class Keeper(Protocol):
    """Keeps what was begun under a name, and its answer, also when nobody waits for it."""

    async def expect(self, name: str) -> None:
        """Makes room for what is to be intended under a name: where that is gone, nobody can say it was never begun."""

    async def recall(self, name: str) -> Response:
        """The answer, waited for while it is not there; raises AnswerMissing, not `sent` where nothing was begun."""

    async def forget(self, name: str) -> None:
        """Nothing was made: the next of this name is begun anew."""


class Files(Protocol):
    """Media on their way in and out."""

    async def hand_over(
        self, job: Job, origins: Sequence[Origin], now: float, *, own_bytes: bool = False
    ) -> dict[str, Handed]:
        """How each material travels; `own_bytes` avoids what may be dead. Raises StepFailure when one cannot, and
        NotUploaded when the service did not take it into its storage."""

    def puts(self, job: Job, origins: Sequence[Origin], now: float) -> bool:
        """Whether handing over puts files somewhere, which takes its time."""

    async def doubt(self, job: Job, origins: Sequence[Origin]) -> None:
        """A task failed that was handed what an earlier run had put into the service's storage."""

    async def keep(self, output: Output) -> Output:
        """Stores a file that came within an answer, durably; raises StateFailure when the disk refuses."""

    async def fetch(self, output: Output, expects: MediaFacts | None) -> Fetched:
        """Downloads one file into the store; raises FetchTrouble, or StateFailure when the disk refuses."""
