"""What is known of the world when a plan is made: roads and their adapters, inputs, store, ledger and lock."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from kling_pipe.plan.catalogue import Catalogue, Settled
from kling_pipe.plan.plan import Former
from kling_pipe.plan.roads import Choices, is_named, no_choices
from kling_pipe.story.storyboard import Reference, Step
from kling_pipe.values.answer import Refusal
from kling_pipe.values.claim import JobRow, JobState
from kling_pipe.values.job import Artifact, Realm, Route
from kling_pipe.values.media import MediaFacts
from kling_pipe.values.transfer import Form


@dataclass(frozen=True, slots=True)
class KnownInput:
    """An input that was hashed and probed; `path` is a local file with its bytes, `url` its own address, if any."""

    digest: str
    facts: MediaFacts
    path: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a step is made: the profile, its provider type and catalogue, and how its requests may travel.

    `route` gets kind, model, parameters, the fields that can only go as Base64 and all wired fields; `uploads` says
    whether files can be given a URL.
    """

    profile: str
    provider: str
    catalogue: Catalogue
    route: Callable[[str, str, Mapping[str, object], Sequence[str], Sequence[str]], Route | Refusal]
    forms: Callable[[str, str, Route], Form]
    uploads: bool = False
    places: Mapping[str, int] | None = None
    allow_unknown: bool = False
    own_models: Collection[str] = ()

    def settle(self, step: Step) -> Settled | None:
        """The step as its model is asked here."""
        return self.catalogue.settle(step, allow_unknown=self.allow_unknown or is_named(step, self.own_models))


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known of the world when a plan is made. `artifacts` tells only of files that are whole in the store;
    `lost` of those whose files were made once and are gone; `roads_of` of the seats of a step that has several, in
    order of preference, of which `seat_of` is the one that was examined."""

    realm: Realm
    seat_of: Callable[[Step], Seat]
    inputs: Mapping[Reference, KnownInput]
    artifacts: Callable[[Sequence[str]], Mapping[str, Artifact]]
    lost: Callable[[Sequence[str]], Mapping[str, Artifact]]
    jobs: Callable[[Sequence[str]], Mapping[str, Sequence[JobRow]]]
    typical: Mapping[tuple[str, str, str], float]  # seconds by provider, kind and model, from the ledger's own history
    now: float = 0.0
    pace: float = 1.0  # catalogue seconds times this
    explanations: Mapping[str, str] = field(default_factory=dict)  # of the recipe a member was made by last
    former: Callable[[Step], Former | None] = lambda _step: None  # what a member was made as last, if the store has it
    accepted: frozenset[str] = frozenset()  # members of which somebody said that they stay as they were made
    roads_of: Callable[[Step], Sequence[Seat]] = lambda _step: ()
    others_for: Callable[[Step, Sequence[str]], Sequence[str]] = lambda _step, _local: ()  # providers that are able
    made_on: Callable[[Step], str] = lambda _step: ""  # the type of the provider that made a member last
    locked: frozenset[str] = (
        frozenset()
    )  # keys of all that the lock knows to be made, whether its files are here or not
    begun: Mapping[str, Sequence[tuple[str, JobState]]] = field(default_factory=dict)  # open jobs, by member
    choices: Choices = no_choices
