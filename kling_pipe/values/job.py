"""What an adapter must make, and how the provider's side of it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from kling_pipe.values.digest import digest_of
from kling_pipe.values.media import MediaFacts, MediaType
from kling_pipe.values.money import Cost
from kling_pipe.values.secret import unsigned


class Realm(StrEnum):
    """Two worlds whose artifacts never satisfy each other's steps."""

    REAL = "real"
    SIMULATED = "simulated"


@dataclass(frozen=True, slots=True)
class Material:
    """One wired input of a job, known by its content.

    `field` is the parameter's path (`image`, `references[0]`, `dynamic_masks[1].mask`); `digest` the sha256 of
    the source bytes; `select` is empty, or `first_frame`/`last_frame` for a picture cut out of a clip here.
    """

    field: str
    digest: str
    facts: MediaFacts
    select: str = ""

    def to_recipe(self) -> dict[str, str]:
        return {"sha256": self.digest, "select": self.select} if self.select else {"sha256": self.digest}


@dataclass(frozen=True, slots=True)
class Route:
    """How one job travels: the provider's standard and endpoint; visible in `plan`, never part of a key."""

    standard: str  # native: `body-model` or `path-model`
    endpoint: str  # the create path, such as `/v1/videos/image2video` or `/text-to-video/kling-3.0`
    reason: str = ""
    has_external_id: bool = True  # a create carries our id and a repeat is refused, so a lost answer can be recovered
    has_urls: bool = True  # what is made has an address that other services can fetch it from
    remark: str = ""  # what is to be said of it before anything is bought

    def __str__(self) -> str:
        return f"{self.standard} {self.endpoint}"


@dataclass(frozen=True, slots=True)
class Job:
    """One recipe and one or more of its takes, to be made by one task at a provider."""

    member: str  # address of the member that asked for it
    storyboard: str
    kind: str
    model: str  # canonical model name
    realm: Realm
    provider: str  # provider type
    profile: str
    product: str  # pool and pack: `image`, `video`, `audio`
    makes: MediaType
    parameters: Mapping[str, object]  # canonical parameters without model and without wired fields
    materials: tuple[Material, ...]
    extra: Mapping[str, object]
    recipe: str  # digest without take
    takes: tuple[int, ...]
    keys: tuple[str, ...]  # one per take
    estimate: Cost
    expected_seconds: float
    route: Route
    attempt: int = 1
    timeout: float = 0.0  # seconds; 0 means none
    elsewhere: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # recipes on other roads, with their keys

    @property
    def external_id(self) -> str:
        """Derived, not random: from the recipe, the takes and the attempt, so any machine derives the same."""
        return _external_id(self.recipe, self.takes, self.attempt)

    @property
    def slots(self) -> int:
        """How many places of its pool the job takes: one a picture, one a clip."""
        return len(self.takes) if self.product == "image" else 1


@lru_cache(maxsize=1 << 14)  # a job in flight is looked up by it again and again
def _external_id(recipe: str, takes: tuple[int, ...], attempt: int) -> str:
    return "kp-" + digest_of("kling-pipe.external-id", [recipe, list(takes), attempt])[:40]


class Phase(StrEnum):
    """How a task stands at the provider, whatever words the provider uses."""

    QUEUED = "queued"  # accepted, not begun
    RUNNING = "running"  # being made
    SUCCEEDED = "succeeded"  # outputs are there, for as long as their URLs live
    FAILED = "failed"  # ended without outputs, for good


stored = "store:"


@dataclass(frozen=True, slots=True)
class Output:
    """One file of a finished task. `index` counts from 0 in the provider's order; `seconds` as the provider says.

    An element or a voice is no file: it has no `url`, and its `id` and `name` are what was made. A file that came
    within the answer has a `data:` URL until it is stored, then `store:` and its digest. One that the service itself
    hands out has the path to ask for it by, which begins with `/`.
    """

    url: str
    type: MediaType
    index: int = 0
    id: str = ""
    seconds: float = 0.0
    name: str = ""

    @property
    def is_inline(self) -> bool:
        return self.url.startswith("data:")

    @property
    def digest(self) -> str:
        """Of a file that came within the answer and is in the store."""
        return self.url.removeprefix(stored) if self.url.startswith(stored) else ""

    @property
    def is_own(self) -> bool:
        """Whether only the credential's owner gets it of the service."""
        return self.url.startswith("/")

    @property
    def address(self) -> str:
        """Where anybody can fetch it; empty where nobody can."""
        return "" if self.is_inline or self.digest or self.is_own else self.url

    def to_json(self) -> dict[str, object]:
        return {
            "url": self.url, "type": str(self.type), "index": self.index, "id": self.id, "seconds": self.seconds,
            "name": self.name,
        }  # fmt: skip

    @staticmethod
    def from_json(data: Mapping[str, object]) -> Output:
        seconds, index = data.get("seconds", 0.0), data.get("index", 0)
        return Output(
            url=str(data.get("url", "")),
            type=MediaType(str(data["type"])),
            index=index if isinstance(index, int) else 0,
            id=str(data.get("id", "")),
            seconds=float(seconds) if isinstance(seconds, int | float) else 0.0,
            name=str(data.get("name", "")),
        )


@dataclass(frozen=True, slots=True)
class TaskRef:
    """Enough to ask a provider about a task. `results` is how many files it makes at the least, 0 unknown: some
    services tell of the first ones before the others."""

    external_id: str
    task_id: str  # empty while only the external id is known
    route: Route
    results: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class TaskState:
    """What a provider says of one task. `cost` is its own figure once it has one; times in Unix seconds, 0 unknown."""

    task_id: str
    external_id: str
    phase: Phase
    message: str = ""
    failure: str = ""  # for FAILED: an `Answer` class name such as `moderated`, or empty
    outputs: tuple[Output, ...] = ()
    cost: Cost | None = None
    created: float = 0.0
    updated: float = 0.0
    status: str = ""  # the provider's own word

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", unsigned(self.message))


@dataclass(frozen=True, slots=True)
class Artifact:
    """A made file: its key, its bytes' digest, and what a probe found. `others` are further files of the same take, in
    the provider's order; `output_id` is the provider's own name for this one, which lives as long as the URL."""

    key: str
    digest: str
    facts: MediaFacts
    take: int = 1
    index: int = 0
    external_id: str = ""
    task_id: str = ""
    created: float = 0.0
    url: str = field(default="", compare=False)  # the provider's own, while it lives
    url_expires: float = field(default=0.0, compare=False)
    output_id: str = field(default="", compare=False)
    others: tuple[Artifact, ...] = ()

    @property
    def files(self) -> tuple[Artifact, ...]:
        """Every file of the take, this one first."""
        return (self, *self.others)

    def at(self, image: int) -> Artifact | None:
        """The picture of a place that counts from 1; None where the provider made none for it."""
        return next((file for file in self.files if file.index == image - 1), None)

    def of_type(self, wanted: MediaType) -> Artifact | None:
        """The first file of a type."""
        return next((file for file in self.files if file.facts.type is wanted), None)
