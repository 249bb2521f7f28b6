"""What a service itself says that a step costs: free questions of a quote, to services that answer such.

Nothing of a storyboard's files is handed over: a question names placeholders where files would stand. Texts are in it,
as a request cannot be written without them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from kling_pipe.api.lines import Way
from kling_pipe.api.options import Options
from kling_pipe.api.quoting import QuoteResult, candidates_of, result_of
from kling_pipe.api.worlds import World
from kling_pipe.edge.clock import RealClock
from kling_pipe.errors import CredentialFailure, UsageFailure
from kling_pipe.plan.catalogue import Settled
from kling_pipe.plan.knowledge import Seat
from kling_pipe.plan.plan import Price
from kling_pipe.plan.roads import Road
from kling_pipe.providers.provider import Provider
from kling_pipe.run.exchange import ask
from kling_pipe.story.storyboard import Step
from kling_pipe.values.answer import Refusal
from kling_pipe.values.digest import digest_of
from kling_pipe.values.job import Job, Material, Realm, Route
from kling_pipe.values.media import MediaFacts, named_by_id
from kling_pipe.values.money import Cost
from kling_pipe.values.profile import Profile
from kling_pipe.values.transfer import Handed

placeholder = "https://example.com/placeholder"  # in the place of a file that nobody hands over


async def quoted_by_services(path: str, options: Options, world: World | None = None, *, every: bool) -> QuoteResult:
    """A quote with the prices that services themselves tell, where they answer such a question for nothing."""
    loaded, adapters, candidates = candidates_of(path, options, every=every)
    project, asked = loaded.workspace.project, []
    for one in candidates:
        profile = project.profile(one.road.profile)
        assert profile is not None
        asked.append(Asking(one.road, one.seat, profile, adapters.made[profile.name]))
    candidates = [replace(one, price=asking.price) for one, asking in zip(candidates, asked, strict=True)]
    result_of(loaded, candidates)  # notes what there is to ask
    for asking in asked:
        await asking.ask_all(Way(loaded.workspace.environment, project.root, world))
    return result_of(loaded, candidates)


@dataclass(slots=True)
class Asking:
    """The prices of one road: the catalogue's at first, and the service's own once `ask_all` has asked for them. Steps
    that differ in their texts alone are one question."""

    road: Road
    seat: Seat
    profile: Profile
    adapter: Provider
    questions: dict[str, tuple[Job, Mapping[str, Handed]]] = field(default_factory=dict)
    answers: dict[str, Cost | Refusal] = field(default_factory=dict)

    def price(self, step: Step, settled: Settled, materials: Mapping[str, MediaFacts]) -> Price:
        """What a take costs, as far as anybody knows by now."""
        found = self.road.catalogue.price(settled, materials)
        key = _key(step, settled, materials)
        answer = self.answers.get(key)
        if answer is None:
            self._note(key, step, settled, materials, found)
            return found
        if isinstance(answer, Refusal):
            words = f"the service told no price: {answer}"
            return replace(found, reason=f"{found.reason}; {words}" if found.reason else words)
        today = datetime.now(UTC).date().isoformat()
        if answer.usd or not answer:
            return Price(answer, today, "the service's own answer")
        # It reckons in units that nobody here has a price for: the money stays that of the list.
        return replace(found, cost=Cost(found.cost.usd, answer.units), as_of=today)

    def _note(self, key: str, step: Step, settled: Settled, materials: Mapping[str, MediaFacts], price: Price) -> None:
        wired = tuple(wire.field for wire in step.wires)
        route = self.seat.route(settled.kind, settled.model, settled.parameters, (), wired)
        if key in self.questions or not isinstance(route, Route):
            return
        job = Job(
            member=step.address, storyboard="", kind=settled.kind, model=settled.model, realm=Realm.REAL,
            provider=self.road.provider, profile=self.road.profile, product=settled.product, makes=settled.makes,
            parameters=settled.parameters,
            materials=tuple(Material(name, "", facts) for name, facts in materials.items()),
            extra=step.extra, recipe="", takes=(1,), keys=("",), estimate=price.cost, expected_seconds=0.0, route=route,
        )  # fmt: skip
        media = {
            wire.field: Handed(id="0") if wire.takes in named_by_id else Handed(url=placeholder) for wire in step.wires
        }
        self.questions[key] = (job, media)

    async def ask_all(self, way: Way) -> None:
        """Asks what was noted; a road without credentials or address is not asked."""
        requests = {
            key: request
            for key, (job, media) in self.questions.items()
            if (request := self.adapter.price_query(job, media)) is not None
        }
        if not requests:
            return
        try:
            async with way.line(self.profile, self.adapter) as line:
                for key, request in requests.items():
                    self.answers[key] = await ask(line, request, self.adapter.read_price, RealClock(), way.pause)
        except (CredentialFailure, UsageFailure):
            return  # the quote tells what the road lacks


def _key(step: Step, settled: Settled, materials: Mapping[str, MediaFacts]) -> str:
    parameters = {name: value for name, value in settled.parameters.items() if name not in settled.shape.texts}
    seconds = {name: str(facts.seconds) for name, facts in materials.items()}
    fields = [wire.field for wire in step.wires]
    return digest_of("kling-pipe.price", [settled.kind, settled.model, parameters, step.extra, fields, seconds])
