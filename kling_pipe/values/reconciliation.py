"""What came of comparing ledger, store and the provider's own lists of tasks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kling_pipe.values.claim import JobRow
from kling_pipe.values.job import Artifact, Realm
from kling_pipe.values.money import Cost


class Fate(StrEnum):
    """What became of a task that was adopted."""

    FETCHED = "fetched"  # its files are here
    HERE = "its files are here already"  # only its record was missing
    BEING_MADE = "still being made"  # the next run picks it up
    FAILED = "failed there"  # on record as failed
    NOT_FETCHED = "not fetched"  # on record; its files could not be had now
    NOT_WANTED = "on record"  # nothing in these storyboards asks for it as they are now
    TO_ADOPT = "to be adopted"  # nothing was changed, because only a look was asked for


@dataclass(frozen=True, slots=True)
class Adopted:
    """A task that the provider shows and the ledger did not know; `was` is what the ledger said of it before."""

    external_id: str
    task_id: str
    profile: str
    storyboard: str
    member: str
    takes: tuple[int, ...]
    model: str
    cost: Cost | None
    was: str
    fate: Fate
    message: str = ""


@dataclass(frozen=True, slots=True)
class Stranger:
    """A task at the provider that nothing here knows."""

    task_id: str
    external_id: str
    profile: str
    endpoint: str
    model: str
    status: str
    created: float  # Unix seconds, 0 unknown
    cost: Cost | None
    is_as_ours: bool = False  # its external id looks like one of ours


@dataclass(frozen=True, slots=True)
class LostFile:
    """A file on record that is not in the store. `shown`: its task is at the provider, so it can be had again without
    paying; `fetched`: and so it was."""

    artifact: Artifact
    storyboard: str
    member: str
    shown: bool
    fetched: bool = False


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Everything that does not agree, and what was done about it. `unknown` are members whose tasks cannot be told from
    others', because what they are made from is not made yet."""

    realm: Realm
    storyboards: tuple[str, ...]
    profiles: tuple[str, ...]
    since: float
    tasks: int  # that the providers show
    jobs: int  # on record since then
    adopted: tuple[Adopted, ...]
    unasked: tuple[Stranger, ...]  # with an id such as ours
    others: tuple[Stranger, ...]  # made by others
    unshown: tuple[JobRow, ...]  # on record, and the provider no longer shows their tasks
    lost: tuple[LostFile, ...]
    uncertain: tuple[JobRow, ...]
    unknown: tuple[str, ...]
    only_looked: bool = False

    @property
    def agrees(self) -> bool:
        return not (self.adopted or self.unasked or self.unshown or self.lost or self.uncertain)
