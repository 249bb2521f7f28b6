"""Plan: what will run and why, what it costs, in which order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from kling_pipe.story.storyboard import Delivery, Step, StepOutput, Storyboard, Wire
from kling_pipe.values.job import Artifact, Realm, Route
from kling_pipe.values.media import MediaFacts, MediaType
from kling_pipe.values.money import Cost


class Standing(StrEnum):
    """How a planned member stands before the run."""

    CURRENT = "current"  # every take it needs is in the store
    MISSING = "missing"  # its key is known and some takes are not there: they will be bought
    PENDING = "pending"  # a step above is not made yet, so its key is not known: surely bought if that one is paid
    RUNNING = "running"  # a task for it is at the provider; it will be waited for, not bought again
    STALE = "stale"  # made before by another recipe; the old artifact is usable until the new one is made
    RETRY = "retry"  # its last attempt failed for good; running means a new attempt
    UNCERTAIN = "uncertain"  # payment unknown; `settle` it first


bought_standings = frozenset(
    {Standing.MISSING, Standing.PENDING, Standing.STALE, Standing.RETRY}
)  # a run pays for these


@dataclass(frozen=True, slots=True)
class Price:
    """What something costs, as of a day and by a source; `reason` says why the figure is an estimate, if it is one."""

    cost: Cost
    as_of: str = ""  # ISO date of the price row
    source: str = ""
    reason: str = ""

    @property
    def exact(self) -> bool:
        return not self.reason


@dataclass(frozen=True, slots=True)
class Former:
    """What a member was made as before: its takes, as far as the store holds them. `accepted` is the day somebody said
    that they stay, and `stands_for` the recipe that they stand in for since."""

    artifacts: Mapping[int, Artifact]
    accepted: str = ""
    stands_for: str = ""
    provider: str = ""  # the type of the provider that made it, where that is known

    @property
    def date(self) -> str:
        """The day it was made."""
        latest = max((artifact.created for artifact in self.artifacts.values()), default=0.0)
        return datetime.fromtimestamp(latest, UTC).date().isoformat() if latest else ""


@dataclass(frozen=True, slots=True)
class Source:
    """What fills one wired field: another member's take, or an input already hashed."""

    wire: Wire
    member: str = ""  # address of the member above, or "" for an input
    take: int = 1
    image: int = 0
    select: str = ""  # first_frame, last_frame, audio: cut out of the file here
    part: str = ""  # video: another of the take's files
    digest: str = ""  # of the bytes, when known
    facts: MediaFacts | None = None  # probed, or expected of a pending member
    url: str = ""  # the input's own URL, if it has one
    path: str = ""  # the local file, if it is one
    output_id: str = ""  # the provider's own name for it, while it lives

    def chosen(self, artifact: Artifact) -> Artifact | None:
        """The file meant, of those a take has; None where the provider made no such one."""
        if self.part:
            return artifact.of_type(MediaType(self.part))
        return artifact.at(self.image) if self.image else artifact

    @property
    def wanted(self) -> str:
        """What is meant, in words: `images[3]`, `video`."""
        return f"`{self.part}`" if self.part else f"`images[{self.image}]`"


@dataclass(frozen=True, slots=True)
class Planned:
    """One member of the graph, ready to run. `parameters` are settled: canonical, with the model's defaults."""

    address: str
    step: Step
    kind: str
    model: str
    product: str
    makes: MediaType
    provider: str
    profile: str
    realm: Realm
    parameters: Mapping[str, object]
    sources: tuple[Source, ...]
    route: Route
    standing: Standing
    reason: str
    recipe: str = ""  # digest; "" while pending
    keys: tuple[str, ...] = ()  # one per take, take 1 first
    artifacts: Mapping[int, Artifact] = field(default_factory=dict)  # take -> what the store holds
    coming: tuple[int, ...] = ()  # missing takes that a task makes already, or that are fetched again
    meant: tuple[int, ...] = ()  # missing takes that an earlier run meant to send: bought if they are not there
    remains: Mapping[int, Artifact] = field(default_factory=dict)  # of missing takes: on record, a file of it is gone
    price: Price | None = None  # for all takes that are to be bought
    take_cost: Cost = Cost()  # for one take
    takes_at_once: int = 1  # how many takes one task makes
    expected_seconds: float = 0.0
    expects: MediaFacts | None = None  # what the result should look like
    attempt: int = 1
    pictures: int = 1  # in one take; 0 where the model decides
    above: tuple[str, ...] = ()  # addresses this one waits for, wired or `after`
    former: Former | None = None  # what it was made as before, by another recipe than the one of now
    accepted: str = ""  # since when it is current as it was made before
    made_on: str = ""  # of one that is bought though another provider made it before: that provider's type
    begun_on: str = ""  # of one that is bought though another provider has a task for it, or may: that one's type
    in_doubt: bool = False  # whether nobody knows if that one has
    elsewhere: tuple[Planned, ...] = ()  # the member as it stands on the other roads of its list

    @property
    def missing_takes(self) -> tuple[int, ...]:
        if self.accepted:
            return ()
        return tuple(take for take in range(1, self.step.takes + 1) if take not in self.artifacts)

    @property
    def bought_takes(self) -> tuple[int, ...]:
        """The missing takes that a run has to pay for, when the member's standing says that it buys any."""
        return tuple(take for take in self.missing_takes if take not in self.coming)

    @property
    def is_surely_bought(self) -> bool:
        """Whether a run pays for it unless something above is not made; not where it is asked for first."""
        return self.standing in bought_standings and not set(self.bought_takes) <= set(self.meant)


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole plan; `members` in topological order."""

    storyboard: Storyboard
    realm: Realm
    members: Mapping[str, Planned]
    deliveries: tuple[tuple[Delivery, str], ...]  # with the address of the member delivered ("" for an input)
    critical_path: tuple[str, ...]
    seconds: float  # expected time of the run
    estimate: Cost  # of everything that will be bought
    exact: bool

    def standing(self, standing: Standing) -> tuple[Planned, ...]:
        return tuple(member for member in self.members.values() if member.standing is standing)


def bought_of(plan: Plan) -> tuple[Planned, ...]:
    """The members that a run pays for."""
    return tuple(member for member in plan.members.values() if member.standing in bought_standings)


def selected(reference: StepOutput, artifact: Artifact) -> Artifact | None:
    """The file of a take that a reference selects; None where the provider made no such one."""
    if reference.image:
        return artifact.at(reference.image)
    return artifact.of_type(MediaType.VIDEO) if reference.part == "video" else artifact


def files_of(artifact: Artifact) -> str:
    """What a take has, in words: `images[1]`, `images[3]`."""
    return ", ".join(f"`images[{file.index + 1}]`" for file in artifact.files)


def source_of(delivery: Delivery, member: str) -> str:
    """`hero`, `hero.takes[2]`, `clip.last_frame`, or the input's name."""
    reference = delivery.reference
    if not isinstance(reference, StepOutput):
        return f"the input {reference.name}"
    take = f".takes[{reference.take}]" if reference.take else ""
    take += f".images[{reference.image}]" if reference.image else ""
    return f"{member}{take}{f'.{reference.part}' if reference.part else ''}"
