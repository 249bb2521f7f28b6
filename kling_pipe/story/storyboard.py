"""What a storyboard says, as checked values; an object that exists is well-formed (names resolve, wiring types fit)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kling_pipe.values.media import MediaType
from kling_pipe.values.money import Cap
from kling_pipe.values.span import Span


@dataclass(frozen=True, slots=True)
class StepOutput:
    """What is taken from a member of a step: `steps.hero`, `steps.hero.takes[2]`, `steps.series.images[3]`,
    `steps.clip.last_frame`, `steps.hero[ratio=9:16]`."""

    member: str  # its address
    take: int = 0  # 0: the picked one
    image: int = 0  # 0: the only one; else counts from 1, and is 1 where one of several is not named
    part: str = ""  # "", first_frame, last_frame, audio, video


@dataclass(frozen=True, slots=True)
class InputFile:
    """A local file. `name` is its key in `inputs`, or the path as written when it is an unnamed input."""

    name: str
    path: str  # absolute


@dataclass(frozen=True, slots=True)
class InputUrl:
    """A file elsewhere, fetched and hashed before anything is made from it."""

    name: str
    url: str


Reference = StepOutput | InputFile | InputUrl


@dataclass(frozen=True, slots=True)
class Wire:
    """One wired field of a step: `field` is `image`, `references[0]`, `dynamic_masks[1].mask`."""

    field: str
    takes: MediaType
    reference: Reference
    span: Span

    @property
    def name(self) -> str:
        """The field without its index: `references`, `dynamic_masks.mask`."""
        head, bracket, rest = self.field.partition("[")
        return head + rest.partition("]")[2] if bracket else head


@dataclass(frozen=True, slots=True)
class Step:
    """One step at fixed axis values, after defaults and expressions. `parameters` hold what is asked of a model,
    without its name and wired fields; `spans` tell where each key (`prompt`, `shots[1].duration`, …) was written."""

    address: str  # of the member: `hero`, or `spot[locale=de,ratio=9:16]`
    kind: str
    model: str  # as written or defaulted; canonical after the catalogue; "" when the kind's default is meant
    span: Span
    parameters: Mapping[str, object] = field(default_factory=dict)
    wires: tuple[Wire, ...] = ()
    provider: tuple[str, ...] = ()  # profiles, in order of preference; empty means the storyboard's
    takes: int = 1
    pick: int = 1
    retries: int = 0
    after: tuple[str, ...] = ()  # addresses
    timeout: float = 0.0
    extra: Mapping[str, object] = field(default_factory=dict)
    description: str = ""
    spans: Mapping[str, Span] = field(default_factory=dict, compare=False)

    @property
    def id(self) -> str:
        """The step's id, which its members share."""
        return self.address.partition("[")[0]

    @property
    def above(self) -> tuple[str, ...]:
        """The members it waits for: those that are wired, then those it comes after."""
        wired = (wire.reference.member for wire in self.wires if isinstance(wire.reference, StepOutput))
        return (*wired, *self.after)

    def span_of(self, key: str) -> Span:
        """Where a key was written; the step's own place when it was not."""
        return self.spans.get(key, self.span)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One deliverable: where to, relative to the storyboard's folder, and from what."""

    path: str
    reference: StepOutput | InputFile | InputUrl
    span: Span


@dataclass(frozen=True, slots=True)
class Budget:
    """Ceilings for a run, a step and a take."""

    run: Cap | None = None
    step: Cap | None = None
    take: Cap | None = None


@dataclass(frozen=True, slots=True)
class NamedInput:
    """An entry of `inputs`."""

    reference: InputFile | InputUrl
    span: Span


@dataclass(frozen=True, slots=True)
class Storyboard:
    """A whole storyboard. `texts` maps every file that was read to the sha256 of its bytes."""

    path: str
    name: str
    provider: tuple[str, ...]  # profiles, in order of preference
    members: Mapping[str, Step]  # by address, in the order of their steps
    deliveries: tuple[Delivery, ...]
    budget: Budget = Budget()
    span: Span | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, NamedInput] = field(default_factory=dict)
    spans: Mapping[str, Span] = field(default_factory=dict, compare=False)  # where its own keys were written
