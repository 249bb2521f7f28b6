"""What a lock file pins of each member: the takes that were made, the pick, the takes asked for, what was accepted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from kling_pipe.values.job import Artifact, Realm
from kling_pipe.values.media import MediaFacts
from kling_pipe.values.money import Cost

lock_format = 1


@dataclass(frozen=True, slots=True)
class LockedTake:
    """A take that was made: its files, who made it by which model, and what it cost, where that is known."""

    artifact: Artifact
    provider: str = ""
    model: str = ""
    cost: Cost | None = None

    @property
    def date(self) -> str:
        """The day it was made, in UTC; empty where nobody knows."""
        created = self.artifact.created
        return datetime.fromtimestamp(created, UTC).date().isoformat() if created else ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The word that a member stays as it was made: when it was given, and the recipe it stands in for."""

    date: str  # ISO
    recipe: str


@dataclass(frozen=True, slots=True)
class LockedMember:
    """What is pinned of one member. `takes` and `pick` are 0 where nobody asked for more than the storyboard says."""

    takes: int = 0
    pick: int = 0
    accepted: Accepted | None = None
    made: Mapping[int, LockedTake] = field(default_factory=dict)  # by take

    @property
    def artifacts(self) -> dict[int, Artifact]:
        """The files of each take."""
        return {take: locked.artifact for take, locked in self.made.items()}


@dataclass(frozen=True, slots=True)
class LockedDelivery:
    """A deliverable as it was written: its bytes' digest, and the digest of the file it is or was made of here."""

    digest: str
    bytes: int
    source: str


@dataclass(frozen=True, slots=True)
class LockedInput:
    """What an input's address held."""

    digest: str
    facts: MediaFacts


@dataclass(frozen=True, slots=True)
class Lock:
    """One lock file; `inputs` by their addresses, `deliverables` by path, `members` by address."""

    realm: Realm
    members: Mapping[str, LockedMember] = field(default_factory=dict)
    deliverables: Mapping[str, LockedDelivery] = field(default_factory=dict)
    inputs: Mapping[str, LockedInput] = field(default_factory=dict)

    def member(self, address: str) -> LockedMember:
        """What is pinned of a member; nothing where it is not in the lock."""
        return self.members.get(address, LockedMember())

    @property
    def by_key(self) -> dict[str, Artifact]:
        """Every take that was made, by its key, whatever its member is called."""
        return {
            locked.artifact.key: locked.artifact for member in self.members.values() for locked in member.made.values()
        }
