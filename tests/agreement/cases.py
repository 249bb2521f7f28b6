"""One case: a draft is shown to kling-pipe and to the simulated service, and what the two say is compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial

from kling_pipe.errors import Problem
from kling_pipe.plan.catalogue_data import sequence
from kling_pipe.values.job import Job
from kling_pipe.values.media import MediaFacts
from kling_pipe.values.money import Cost
from kling_pipe.values.transfer import Handed, NotUploaded
from tests.agreement.drafts import Draft, step_of
from tests.agreement.house import House, Opinion
from tests.agreement.outcome import difference
from tests.agreement.props import handed_over
from tests.agreement.reasons import no_road, not_sent, too_late, too_strict
from tests.agreement.service import Service, Verdict, shown


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
    quoted: bool = False  # whose price the service itself had told before
    priced: bool = False  # and whose price was said to be exact


class Court:
    """Both sides, ready to be asked."""

    def __init__(self, house: House, service: Service) -> None:
        self.house = house
        self.service = service

    async def finding(self, draft: Draft) -> Finding:
        """What comes of a draft. Whatever breaks on either side is a disagreement too."""
        self.service.uploads.clear()
        try:
            opinion = self.house.opinion(draft)
            if opinion.job is not None:
                return await self._passed(draft, opinion)
        except Exception as error:  # noqa: BLE001  # a crash is what is looked for
            return Finding(Outcome.APART, about=f"crash: {type(error).__name__}", detail=repr(error))
        return await self._refused(draft, opinion)

    async def _passed(self, draft: Draft, opinion: Opinion) -> Finding:
        assert opinion.job is not None
        verdict = await self._asked(draft, opinion.job)
        if not verdict.accepted:
            reason = too_late(draft, verdict, self.house)
            if reason:
                return Finding(Outcome.LATER, (reason,))
            return Finding(Outcome.APART, about=f"the service refuses: {verdict.code}", detail=verdict.text)
        for said in (opinion.estimate, verdict.quoted):
            if said is not None and not self._covers(said, verdict):
                detail = f"{said} was said, {verdict.units} {verdict.currency or 'units'} are billed"
                return Finding(Outcome.APART, about="price", detail=detail)
        if opinion.expects is not None and (wrong := await self._unlike(opinion.job, opinion.expects, verdict)):
            return Finding(Outcome.APART, about=f"what comes out: {wrong[0]}", detail="; ".join(wrong))
        if unsent := self._unsent(draft, opinion):
            return Finding(Outcome.APART, about=f"not sent: {unsent[0]}", detail=", ".join(unsent))
        priced, quoted = opinion.estimate is not None, verdict.quoted is not None
        return Finding(Outcome.ACCEPTED, model=opinion.job.model, priced=priced, quoted=quoted)

    def _unsent(self, draft: Draft, opinion: Opinion) -> list[str]:
        """Keys that the request does not tell of, although they mean something and nobody was warned: it stays the same
        without them, and with every other word that is offered for them."""
        draft = replace(draft, values={key: _switch(value) for key, value in draft.values.items()})
        whole = self.house.around(draft)
        asked = opinion.job
        if whole is None or asked is None or not self.house.road.looks_at_results:
            return []
        written, found = self._written(whole), list[str]()
        if written != self._written(asked):
            return []  # the reader saw other words than were drawn, such as `inf`
        meant = {*asked.parameters, *(one.field.partition("[")[0] for one in asked.materials)}
        for key in [key for key in draft.values if key in meant]:
            others = [job for one in self._otherwise(draft, key) if (job := self.house.around(one)) is not None]
            differ = [job for job in others if _means(job) != _means(whole)]
            warned = any(f"`{key}`" in message for message in opinion.warned)
            if differ and not warned and all(self._written(job) == written for job in differ):
                found.append(key)
        return found

    def _otherwise(self, draft: Draft, key: str) -> Iterator[Draft]:
        yield draft.without(key)
        settled = self.house.catalogue.settle(step_of(draft))
        limit = settled.shape.offer.fields.get(key, {}) if settled else {}
        words = sequence(limit, "values") or ((True, False) if limit.get("type") == "switch" else ())
        others = (draft.put(key, word) for word in words)
        yield from (other for other in others if not self.house.objections(other))

    def _written(self, job: Job) -> str:
        """The request of a job, whose files go by the names of their fields."""
        media = {one.field: Handed(url=f"https://media.example.org/{one.field}") for one in job.materials}
        return shown(self.house.provider.submit(job, media))

    def _covers(self, said: Cost, verdict: Verdict) -> bool:
        """Whether a bill is what was said. The executable tells but a span where it is asked for less than decides."""
        figure = said.usd if verdict.currency == "USD" else said.total_units
        return figure >= verdict.units if self.house.road.transport else figure == verdict.units

    async def _asked(self, draft: Draft, job: Job) -> Verdict:
        """What the service says of a job, or of a file that it is to be given first."""
        try:
            media = await handed_over(self.service, self.house, draft, job)
        except NotUploaded as error:
            return Verdict(False, error.refusal.code, error.refusal.message)
        return await self.service.verdict(job, media)

    async def _unlike(self, job: Job, expects: MediaFacts, verdict: Verdict) -> list[str]:
        """How what comes out differs from what was expected; nothing is waited for that has no file."""
        assert verdict.state is not None
        if not self.house.road.looks_at_results:
            return []
        state = await self.service.ended(job, verdict.state)
        if len(state.outputs) != len(job.takes):
            return [f"number: {len(state.outputs)} and not {len(job.takes)}"]
        found = [await self.service.facts_of(output.url) for output in state.outputs]
        return list(dict.fromkeys(line for facts in found for line in difference(expects, facts)))

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
            return job and await self._asked(draft, job)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, AssertionError):
            return None

    async def _sent_part(self, draft: Draft, verdict: Verdict) -> Draft:
        """The draft without whatever makes no difference to what is sent, and with offered words in place of those for
        which the request has no other."""
        settled = self.house.catalogue.settle(step_of(draft))
        fields = settled.shape.offer.fields if settled else {}
        words = [(key, value) for key in draft.values for value in sequence(fields.get(key, {}), "values")]
        said = [partial(_with, key=key, value=value) for key, value in words if isinstance(value, str)]
        for less in (*(partial(_without, key=key) for key in draft.values), partial(replace, model=""), *said):
            again = await self._around(less(draft))
            if again is not None and again.sent == verdict.sent:
                draft = less(draft)
        return draft


def _switch(value: object) -> object:
    return {"on": True, "off": False}.get(value, value) if isinstance(value, str) else value


def _means(job: Job) -> tuple[object, ...]:
    """A job as far as its words go; a switch that is off is as good as one that is not there."""
    said = {key: value for key, value in job.parameters.items() if value not in (None, False, "off")}
    return job.model, said, [one.field for one in job.materials]


def _without(draft: Draft, key: str) -> Draft:
    return draft.without(key)


def _with(draft: Draft, key: str, value: object) -> Draft:
    return draft.put(key, value) if key in draft.values else draft


def _told(problems: tuple[Problem, ...]) -> str:
    return "; ".join(f"{problem.code}: {problem.message}" for problem in problems)
