"""One case: a draft is shown to kling-pipe and to the simulated service, and what the two say is compared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial

from kling_pipe.errors import Problem
from tests.agreement.drafts import Draft
from tests.agreement.house import House, Opinion
from tests.agreement.props import handed_over
from tests.agreement.reasons import no_road, not_sent, too_late, too_strict
from tests.agreement.service import Service, Verdict


class Outcome(StrEnum):
    """How the two stand to each other."""

    ACCEPTED = "accepted by both"
    REFUSED = "refused by both"
    UNSAYABLE = "refused, and no request can say it"
    STRICTER = "refused here only, for a reason"
    LATER = "refused there only, for a reason"
    APART = "disagreement"


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of a case; `reasons` why one side may be alone, `about` what a disagreement is about."""

    outcome: Outcome
    reasons: tuple[str, ...] = ()
    about: str = ""
    detail: str = ""
    model: str = ""  # of a step that both take
    priced: bool = False  # and whose price was said to be exact


class Court:
    """Both sides, ready to be asked."""

    def __init__(self, house: House, service: Service) -> None:
        self.house = house
        self.service = service

    async def finding(self, draft: Draft) -> Finding:
        """What comes of a draft. Whatever breaks on either side is a disagreement too."""
        try:
            opinion = self.house.opinion(draft)
            if opinion.job is not None:
                return await self._passed(draft, opinion)
        except Exception as error:  # noqa: BLE001  # a crash is what is looked for
            return Finding(Outcome.APART, about=f"crash: {type(error).__name__}", detail=repr(error))
        return await self._refused(draft, opinion)

    async def _passed(self, draft: Draft, opinion: Opinion) -> Finding:
        assert opinion.job is not None
        verdict = await self.service.verdict(opinion.job, handed_over(self.service, self.house, draft, opinion.job))
        if not verdict.accepted:
            reason = too_late(draft, verdict, self.house)
            if reason:
                return Finding(Outcome.LATER, (reason,))
            return Finding(Outcome.APART, about=f"the service refuses: {verdict.code}", detail=verdict.text)
        if opinion.estimate is not None and opinion.estimate.total_units != verdict.units:
            detail = f"{opinion.estimate} was said, {verdict.units} units are billed"
            return Finding(Outcome.APART, about="price", detail=detail)
        return Finding(Outcome.ACCEPTED, model=opinion.job.model, priced=opinion.estimate is not None)

    async def _refused(self, draft: Draft, opinion: Opinion) -> Finding:
        by_plan = (no_road,) if opinion.by_plan else ()
        verdict = await self._around(draft)
        if verdict is None:
            return Finding(Outcome.UNSAYABLE, by_plan)
        if not verdict.accepted:
            return Finding(Outcome.REFUSED, by_plan)
        sent = await self._sent_part(draft, verdict)
        left = self.house.opinion(sent).errors
        reasons = dict.fromkeys([not_sent] if sent != draft else [])
        for problem in left:
            reason = too_strict(sent, problem, self.house)
            if not reason:
                return Finding(Outcome.APART, about=f"only kling-pipe refuses: {problem.code}", detail=_told(left))
            reasons[reason] = None
        if not reasons:
            return Finding(Outcome.APART, about="only kling-pipe refuses", detail=_told(opinion.errors))
        return Finding(Outcome.STRICTER, tuple(reasons))

    async def _around(self, draft: Draft) -> Verdict | None:
        """What the service says when it is asked all the same; None when no request can be written."""
        try:
            job = self.house.around(draft)
            return job and await self.service.verdict(job, handed_over(self.service, self.house, draft, job))
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, AssertionError):
            return None

    async def _sent_part(self, draft: Draft, verdict: Verdict) -> Draft:
        """The draft without whatever makes no difference to what is sent."""
        for less in (*(partial(_without, key=key) for key in draft.values), partial(replace, model="")):
            again = await self._around(less(draft))
            if again is not None and again.sent == verdict.sent:
                draft = less(draft)
        return draft


def _without(draft: Draft, key: str) -> Draft:
    return draft.without(key)


def _told(problems: tuple[Problem, ...]) -> str:
    return "; ".join(f"{problem.code}: {problem.message}" for problem in problems)
