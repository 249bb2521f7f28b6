"""What the machine asks of the driver, and what the driver tells it afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kling_pipe.events import Event
from kling_pipe.providers.provider import ErrandNotes
from kling_pipe.values.answer import Refusal
from kling_pipe.values.claim import Claim
from kling_pipe.values.job import Job, Output, Route, TaskRef, TaskState
from kling_pipe.values.media import MediaFacts, MediaType
from kling_pipe.values.money import Caps
from kling_pipe.values.transfer import Fetched, Origin


@dataclass(frozen=True, slots=True)
class ClaimJob:
    """Ask the ledger for the job; with `intend`, write the intention if nobody makes it."""

    flight: int
    job: Job
    intend: bool
    caps: Caps
    explanation: str


@dataclass(frozen=True, slots=True)
class Send:
    """Send the create request, or the errand it needs first if its name is in `errand`. The intention is on disk;
    `told` are the notes of the errands that were answered. `handed`: its media were put where the service finds
    them."""

    flight: int
    job: Job
    origins: tuple[Origin, ...]
    told: tuple[Mapping[str, object], ...] = ()
    errand: str = ""
    handed: bool = False


@dataclass(frozen=True, slots=True)
class HandOver:
    """Put the media of a job where the service finds them, and send nothing else."""

    flight: int
    job: Job
    origins: tuple[Origin, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """Look a job up by its external id."""

    flight: int
    profile: str
    external_id: str
    route: Route


@dataclass(frozen=True, slots=True)
class Look:
    """Ask how these tasks stand, in as few requests as possible."""

    profile: str
    tasks: tuple[TaskRef, ...]


@dataclass(frozen=True, slots=True)
class LookOne:
    """Ask for one task on its own path; also renews its output URLs."""

    flight: int
    profile: str
    task: TaskRef


@dataclass(frozen=True, slots=True)
class Fetch:
    """Download the outputs of a finished task."""

    flight: int
    profile: str
    outputs: tuple[Output, ...]
    makes: MediaType
    expects: MediaFacts | None


Command = ClaimJob | Send | HandOver | Ask | Look | LookOne | Fetch


@dataclass(frozen=True, slots=True)
class Claimed:
    flight: int
    claim: Claim


@dataclass(frozen=True, slots=True)
class HandOverDue:
    """Media are to be put somewhere first, which takes its time; nothing was sent, and no query could tell that."""

    flight: int


@dataclass(frozen=True, slots=True)
class HandedOver:
    flight: int


@dataclass(frozen=True, slots=True)
class ErrandDue:
    """The create needs this errand first; nothing was sent."""

    flight: int
    errand: str


@dataclass(frozen=True, slots=True)
class ErrandAnswered:
    """An errand was answered."""

    flight: int
    errand: str
    notes: ErrandNotes


@dataclass(frozen=True, slots=True)
class Sent:
    """The answer to a create, or to the errand named; a lost answer is a Refusal of class TRANSIENT."""

    flight: int
    answer: TaskState | Refusal
    errand: str = ""


@dataclass(frozen=True, slots=True)
class NotHanded:
    """Nothing was sent, because a material could not be handed over."""

    flight: int
    code: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Asked:
    """None: the provider surely knows no such task."""

    flight: int
    answer: TaskState | Refusal | None


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look told; `unmentioned` are external ids of tasks that no answer spoke of; `requests` is what it took."""

    profile: str
    states: tuple[TaskState, ...]
    unmentioned: tuple[str, ...] = ()
    refusal: Refusal | None = None
    requests: int = 0


@dataclass(frozen=True, slots=True)
class CalledBack:
    """The provider told of a task by itself. `trusted` says that it was signed; else it is a hint to look."""

    profile: str
    state: TaskState
    trusted: bool


@dataclass(frozen=True, slots=True)
class LookedOne:
    flight: int
    state: TaskState | None
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class FetchedAll:
    """All files of a task are in the store, in the provider's order; URLs live `url_lifetime` seconds from the end."""

    flight: int
    files: tuple[Fetched, ...]
    url_lifetime: float


@dataclass(frozen=True, slots=True)
class FetchTroubled:
    """A file of a task could not be brought; `files` are those that were."""

    flight: int
    message: str
    gone: bool = False
    damaged: bool = False
    files: tuple[Fetched, ...] = ()
    url_lifetime: float = 0.0


Result = (
    Claimed
    | HandOverDue
    | HandedOver
    | ErrandDue
    | ErrandAnswered
    | CalledBack
    | Sent
    | NotHanded
    | Asked
    | Looked
    | LookedOne
    | FetchedAll
    | FetchTroubled
)


@dataclass(frozen=True, slots=True)
class Turn:
    """What one step of the machine brings: events first, recorded before any of the commands is performed."""

    events: tuple[Event, ...]
    commands: tuple[Command, ...]
