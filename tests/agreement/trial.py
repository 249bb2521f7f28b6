"""Many cases in a row, each drawn from its own number, and what came of them by kind."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random

from tests.agreement.cases import Court, Finding, Outcome
from tests.agreement.drafts import Draft
from tests.agreement.growing import grown
from tests.agreement.house import House
from tests.agreement.props import with_props
from tests.agreement.reach import Point, Reach, points_on
from tests.agreement.road import Road
from tests.agreement.service import Service
from tests.agreement.shrinking import shrunk
from tests.agreement.violations import violated

good = "good"  # what is done to a draft that is not changed
_tries = 20
_shrunk = 5  # disagreements about the same that are made small
_one_in = 3  # so many cases are good ones
_world = 1000  # cases a world sees, so that it does not grow for ever


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A case that the two sides say different things of, as it was drawn and made small."""

    number: int
    what: str
    draft: Draft
    finding: Finding


@dataclass(slots=True)
class Tally:
    """What came of the cases."""

    outcomes: Counter[tuple[str, str, Outcome]] = field(default_factory=Counter)  # kind, good or not, outcome
    reasons: Counter[str] = field(default_factory=Counter)
    taken: Counter[tuple[str, str]] = field(default_factory=Counter)  # kind and model of what both take
    priced: int = 0  # exact prices that were compared
    quoted: int = 0  # and those that the service itself had told
    reach: Reach = field(default_factory=Reach)
    disagreements: list[Disagreement] = field(default_factory=list)

    def count(self, finding: Finding, draft: Draft, what: str) -> None:
        self.outcomes[draft.kind, good if what == good else "changed", finding.outcome] += 1
        self.reasons.update(finding.reasons)
        if finding.model:
            self.taken.update([(draft.kind, finding.model)])
            self.reach.count(draft, finding.model)
        self.priced += finding.priced
        self.quoted += finding.quoted


def swept(random: Random, house: House, point: Point) -> Draft:
    """A good draft in which a parameter stands, and that the road has a way for."""
    (offer,) = [one for one in house.catalogue.offers() if (one.kind, one.model) == (point.kind, point.model)]
    drafts = (grown(random, house, offer, point) for _ in range(_tries))
    return next((draft for draft in drafts if house.opinion(draft).job is not None), None) or grown(
        random, house, offer, point
    )


def drawn(random: Random, house: House) -> tuple[str, Draft]:
    """A draft and what was done to it; a kind has its turn the more often the more can be said in it."""
    offers = house.catalogue.offers()
    weights = {offer.kind: len(offer.fields) for offer in sorted(offers, key=lambda one: len(one.fields))}
    kind = random.choices(list(weights), list(weights.values()))[0]
    offer = random.choice([one for one in offers if one.kind == kind])
    draft = grown(random, house, offer)
    return (good, draft) if random.randrange(_one_in) == 0 else violated(random, house, offer, draft)


async def tried(
    road: Road, seed: int, numbers: Iterable[int], tell: Callable[[int], None] = lambda done: None
) -> Tally:
    """Draws and judges these cases. The first are good drafts, one for each thing that the road offers; the others are
    left to chance."""
    tally, waiting, points = Tally(), list(numbers), points_on(road)
    for start in range(0, len(waiting), _world):
        async with sitting(road) as court:
            for number in waiting[start : start + _world]:
                random = Random(f"{seed}/{number}")
                if number < len(points):
                    what, draft = good, swept(random, court.house, points[number])
                else:
                    what, draft = drawn(random, court.house)
                finding = await court.finding(draft)
                tally.count(finding, draft, what)
                if finding.outcome is Outcome.APART:
                    is_known = sum(one.finding.about == finding.about for one in tally.disagreements) >= _shrunk
                    small = (draft, finding) if is_known else await shrunk(court, draft, finding)
                    tally.disagreements.append(Disagreement(number, what, *small))
        tell(min(start + _world, len(waiting)))
    return tally


@asynccontextmanager
async def sitting(road: Road) -> AsyncIterator[Court]:
    """Both sides, in a world of their own."""
    # The world may still be at work on its last files when it is closed.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        service = Service(folder, road)
        try:
            yield Court(await with_props(service), service)
        finally:
            service.close()
