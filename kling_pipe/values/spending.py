"""What jobs cost, added up: by storyboard, step, member, model, day, kind or profile; nothing is rounded on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum

from kling_pipe.values.claim import JobRow, JobState
from kling_pipe.values.money import Cost


class By(StrEnum):
    """What jobs are put together by."""

    STORYBOARD = "storyboard"
    STEP = "step"
    MEMBER = "member"
    MODEL = "model"
    DAY = "day"
    KIND = "kind"
    PROFILE = "profile"


@dataclass(frozen=True, slots=True)
class Tally:
    """Some jobs together. `spent` is what the ledger has on record; `under_way` the estimates of jobs that have no
    figure yet and may cost that much."""

    jobs: int = 0
    failed: int = 0
    uncertain: int = 0
    spent: Cost = Cost()
    exact: bool = True  # every figure in `spent` is the provider's own
    under_way: Cost = Cost()

    @staticmethod
    def of(rows: Iterable[JobRow]) -> Tally:
        rows = tuple(rows)
        paid = [row for row in rows if row.on_record or row.may_have_cost_more]
        return Tally(
            jobs=len(rows),
            failed=sum(row.state is JobState.FAILED for row in rows),
            uncertain=sum(row.state is JobState.UNCERTAIN for row in rows),
            spent=Cost.total(row.on_record for row in rows if row.on_record is not None),
            exact=all(row.is_exact for row in paid),
            under_way=Cost.total(row.estimate for row in rows if is_under_way(row)),
        )


@dataclass(frozen=True, slots=True)
class Group:
    """The jobs that share a name: a step and a member stand behind their storyboard, all else has one word."""

    words: tuple[str, ...]
    tally: Tally


def grouped(rows: Iterable[JobRow], by: By, zone: tzinfo | None = None) -> tuple[Group, ...]:
    """The rows by what they have in common: days in order, all else the dearest first. `zone` is where a day begins;
    None means this machine's own."""
    parts: dict[tuple[str, ...], list[JobRow]] = {}
    for row in rows:
        words = (day_of(row, zone),) if by is By.DAY else _words[by](row)
        parts.setdefault(words, []).append(row)
    groups = [Group(words, Tally.of(part)) for words, part in parts.items()]
    if by is By.DAY:
        return tuple(sorted(groups, key=lambda group: group.words))
    return tuple(sorted(groups, key=lambda group: (-group.tally.spent.usd, group.words)))


def moment_of(row: JobRow) -> float:
    """When a job was handed to the provider, or was about to be."""
    return row.submitted or row.intended


def day_of(row: JobRow, zone: tzinfo | None = None) -> str:
    """The day of that, as `2026-09-30`."""
    return datetime.fromtimestamp(moment_of(row), zone).date().isoformat()


def is_under_way(row: JobRow) -> bool:
    """Whether a job may still cost something that is not on record."""
    return row.cost is None and row.state not in (JobState.DONE, JobState.FAILED, JobState.DROPPED)


_words: Mapping[By, Callable[[JobRow], tuple[str, ...]]] = {
    By.STORYBOARD: lambda row: (row.storyboard,),
    By.STEP: lambda row: (row.storyboard, row.member.partition("[")[0]),
    By.MEMBER: lambda row: (row.storyboard, row.member),
    By.MODEL: lambda row: (row.model,),
    By.KIND: lambda row: (row.kind,),
    By.PROFILE: lambda row: (row.profile,),
}
