"""A member that may be made on several roads: how it stands on each, and on which something of it is already."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from kling_pipe.plan.catalogue import Settled
from kling_pipe.plan.plan import Planned, Standing
from kling_pipe.plan.roads import Choices
from kling_pipe.values.claim import JobRow, open_states
from kling_pipe.values.job import Artifact


@dataclass(frozen=True, slots=True)
class Draft:
    """A member on one road, before anybody looked what there is of it."""

    settled: Settled
    planned: Planned


@dataclass(frozen=True, slots=True)
class Stand:
    """A member on one road as it stands there: its jobs, and what is on record of files that are gone."""

    draft: Draft
    member: Planned
    rows: Sequence[JobRow]
    recorded: Mapping[str, Artifact]

    @property
    def profile(self) -> str:
        return self.member.profile

    @property
    def has_task(self) -> bool:
        """Whether a job of it is not at its end, which may be paid for already."""
        return any(row.state in open_states for row in self.rows)

    @property
    def is_held(self) -> bool:
        """Whether something of it is made, under way or in doubt here, so that it would be paid for twice elsewhere."""
        member = self.member
        if member.standing in (Standing.CURRENT, Standing.RUNNING, Standing.UNCERTAIN) or self.has_task:
            return True
        return bool(member.artifacts or member.coming or member.meant)


def holding(stands: Sequence[Stand]) -> Stand | None:
    """The stand on which nothing is paid for twice: where all is there; else where a task is, on the profile that has
    it; else where a part is. A member whose recipe nobody knows yet stays where it was made last, since its files may
    turn out to be the old ones."""
    return (
        next((one for one in stands if one.member.standing is Standing.CURRENT), None)
        or next((one for one in stands if any(row.state in open_states and row.profile == one.profile
                                              for row in one.rows)), None)
        or next((one for one in stands if one.is_held), None)
        or next((one for one in stands if _was_made_here(one.member)), None)
    )  # fmt: skip


def locked_on(stands: Sequence[Stand], locked: Collection[str], choices: Choices) -> Stand | None:
    """The stand that the lock says was made, though a ledger and a store that were lost know nothing of it: a service
    that goes by our ids shows it again for nothing. None where that road has refused it."""
    for one in stands:
        is_open = choices.is_open(one.member.address, one.profile, one.draft.settled)
        if is_open and any(key in locked for key in one.draft.planned.keys):
            return one
    return None


def _was_made_here(member: Planned) -> bool:
    return not member.recipe and member.former is not None and member.former.provider == member.provider
