"""`why`: how members stand, what of their recipes changed since they were made, and what making them again costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from kling_pipe.api.options import Options
from kling_pipe.api.planning import opened, prepare
from kling_pipe.errors import Problem
from kling_pipe.plan.plan import Plan, Standing, bought_standings
from kling_pipe.plan.why import Explainer, History, Why, inputs_before
from kling_pipe.story.addresses import members_named
from kling_pipe.values.job import Realm
from kling_pipe.values.lock import Lock
from kling_pipe.values.money import Cost


@dataclass(frozen=True, slots=True)
class WhyReport:
    """The members that were asked for, and by address what making them and all they need costs."""

    plan: Plan
    whys: tuple[Why, ...]
    costs: Mapping[str, Cost]
    problems: tuple[Problem, ...]
    texts: Mapping[str, str]

    @property
    def is_uncertain(self) -> bool:
        return any(why.member.standing is Standing.UNCERTAIN for why in self.whys)

    @property
    def is_stale(self) -> bool:
        return any(why.member.standing is Standing.STALE for why in self.whys)

    @property
    def is_running(self) -> bool:
        return any(why.member.standing is Standing.RUNNING for why in self.whys)

    @property
    def is_bought(self) -> bool:
        """Whether a run would pay for any of them."""
        return any(why.member.standing in bought_standings for why in self.whys)


def why(path: str, address: str, options: Options) -> WhyReport:
    """Explains every member an address names; raises UsageFailure when it names none."""
    with opened(path, options, only_reads=True) as (loaded, ledger, store):
        assert loaded.storyboard is not None
        addresses = members_named(loaded.storyboard, (address,))
        prepared = prepare(loaded, replace(options, only_fetches=True), ledger, store)
        plan = prepared.plan
        makings = ledger.makings(Realm.SIMULATED if options.simulate else Realm.REAL)
        known = History(plan.storyboard.name, plan.members, makings, _pinned(prepared.loaded.lock))
        digests = {one for name in addresses for one in inputs_before(known.making_of(plan.members[name]))}
        explainer = Explainer(plan, known.with_givers(ledger.givers(sorted(digests))))
        whys = tuple(explainer.explain(one) for one in addresses)
        return WhyReport(plan, whys, explainer.together(addresses), prepared.problems, loaded.workspace.texts)


def _pinned(lock: Lock) -> dict[str, str]:
    """The task of each member's last take on record, by its external id."""
    made = {address: list(member.artifacts.values()) for address, member in lock.members.items()}
    return {address: takes[-1].external_id for address, takes in made.items() if takes}
