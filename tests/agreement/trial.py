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
from tests.agreement.house import House, catalogue
from tests.agreement.props import with_props
from tests.agreement.service import Service
from tests.agreement.shrinking import shrunk
from tests.agreement.violations import violated

good = "good"  # what is done to a draft that is not changed
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
    disagreements: list[Disagreement] = field(default_factory=list)

    def count(self, finding: Finding, draft: Draft, what: str) -> None:
        self.outcomes[draft.kind, good if what == good else "changed", finding.outcome] += 1
        self.reasons.update(finding.reasons)
        self.taken.update([(draft.kind, finding.model)] if finding.model else [])
        self.priced += finding.priced

    @property
    def untaken(self) -> list[str]:
        """Models of kinds of which no step was taken."""
        offers = [(offer.kind, offer.model) for offer in catalogue.offers()]
        return [f"{model} of {kind}" for kind, model in offers if not self.taken[kind, model]]


_weights = {offer.kind: len(offer.fields) for offer in sorted(catalogue.offers(), key=lambda one: len(one.fields))}


def drawn(random: Random, house: House) -> tuple[str, Draft]:
    """A draft and what was done to it; a kind has its turn the more often the more can be said in it."""
    kind = random.choices(list(_weights), list(_weights.values()))[0]
    offer = random.choice([one for one in catalogue.offers() if one.kind == kind])
    draft = grown(random, house, offer)
    return (good, draft) if random.randrange(_one_in) == 0 else violated(random, house, offer, draft)


async def tried(seed: int, numbers: Iterable[int], tell: Callable[[int], None] = lambda done: None) -> Tally:
    """Draws and judges these cases."""
    tally, waiting = Tally(), list(numbers)
    for start in range(0, len(waiting), _world):
        async with sitting() as court:
            for number in waiting[start : start + _world]:
                what, draft = drawn(Random(f"{seed}/{number}"), court.house)
                finding = await court.finding(draft)
                tally.count(finding, draft, what)
                if finding.outcome is Outcome.APART:
                    tally.disagreements.append(Disagreement(number, what, *await shrunk(court, draft, finding)))
        tell(min(start + _world, len(waiting)))
    return tally


@asynccontextmanager
async def sitting() -> AsyncIterator[Court]:
    """Both sides, in a world of their own."""
    # The world may still be at work on its last files when it is closed.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        service = Service(folder)
        try:
            yield Court(await with_props(service), service)
        finally:
            service.close()
