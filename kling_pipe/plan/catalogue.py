"""The catalogue of a provider: which models serve which kinds, what they take, cost and make; all of it data.

`settle` makes a step's model and parameters canonical, `check` says what the model cannot do, `check_material` what
a real file cannot be; nothing here knows a provider's wire. Steps of one shape (same kind, model, parameters and
wired fields, texts aside) share one verdict, so that thousands of steps cost little more than one of each shape.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from kling_pipe.errors import Problem
from kling_pipe.plan import catalogue_outcome, catalogue_prices
from kling_pipe.plan.catalogue_bounds import judge
from kling_pipe.plan.catalogue_data import Data, text
from kling_pipe.plan.catalogue_media import field_name
from kling_pipe.plan.catalogue_models import Models
from kling_pipe.plan.catalogue_offer import Offer
from kling_pipe.plan.catalogue_own import wrong_lines
from kling_pipe.plan.catalogue_pages import Explanation, ModelPage, kind_page
from kling_pipe.plan.catalogue_parts import Parts, Read
from kling_pipe.plan.catalogue_rows import KindRow, ModelRow, kind_row, model_row
from kling_pipe.plan.catalogue_rules import Finding, Rule, View, shown
from kling_pipe.plan.catalogue_shape import Shape, is_empty, shape_of
from kling_pipe.plan.catalogue_sources import reads_sources, with_sources
from kling_pipe.plan.catalogue_units import UnitPrices
from kling_pipe.plan.plan import Price
from kling_pipe.story.storyboard import Step, StepOutput
from kling_pipe.values.media import MediaFacts, MediaType
from kling_pipe.values.prices import OwnPrice, OwnPrices, no_own_prices
from kling_pipe.values.span import Span


@dataclass(frozen=True, slots=True)
class Settled:
    """A step as its model will be asked: canonical model name, parameters with the model's defaults, numbers made one.

    An explicit default and an omitted one settle to the same parameters. `takes_at_once`: the takes of one task.
    """

    kind: str
    model: str
    product: str
    makes: MediaType
    parameters: Mapping[str, object]
    takes_at_once: int
    shape: Shape = field(repr=False, compare=False)

    @property
    def view(self) -> View:
        """Parameters with defaults, and wired fields."""
        return self.shape.view


class Catalogue:
    """One provider type's models; made by `Catalogue.of` or `load_catalogue`."""

    def __init__(
        self, provider: str, parts: Parts, units_usd: Mapping[str, str], prices: OwnPrices = no_own_prices
    ) -> None:
        self.provider = provider
        self.as_of = text(parts.head, "as_of")
        self._units = UnitPrices.of(parts.head, units_usd, prices)
        self._models = Models(provider, parts, prices)
        self._shapes: dict[object, Shape | None] = {}
        self._source_rules: dict[tuple[str, str], tuple[Rule, ...]] = {}

    @staticmethod
    def of(
        provider_type: str,
        data: Data,
        units_usd: Mapping[str, str] | None = None,
        prices: OwnPrices = no_own_prices,
    ) -> Catalogue:
        """A catalogue from parsed data; `units_usd` are the project's own prices of one unit per pack, `prices` those
        of its models."""
        return Catalogue(provider_type, Parts.of(data), units_usd or {}, prices)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The step kinds that are served."""
        return self._models.kinds

    def explain(self, name: str) -> Explanation | None:
        """Everything about the models of a name, canonical or not; None when nobody goes by it."""
        offers = [offer for offer in self._models.offers if name in offer.naming.spellings]
        if not offers:
            return None
        own = [offer for offer in offers if offer.model == name]
        return Explanation(name, () if own else _meanings(offers, name), self._pages(own or offers))

    def nearest_models(self, name: str) -> tuple[str, ...]:
        """The models whose names come nearest to one that nobody goes by."""
        return self._models.nearest(name)

    def offers(self) -> tuple[Offer, ...]:
        """What each model offers for each kind, kind by kind."""
        return self._models.offers

    @property
    def units_usd(self) -> Mapping[str, Decimal]:
        """What one unit of each pack is reckoned with."""
        return self._units.usd

    @property
    def packs(self) -> tuple[str, ...]:
        """The packs of units that the provider sells."""
        return self._units.listed

    def wrong_price(self, price: OwnPrice) -> Mapping[str, tuple[Problem, ...]]:
        """What one of a project's own prices says that means nothing, by each step kind it is about; nothing where the
        model is none of these, or serves none of them."""
        found: dict[str, tuple[Problem, ...]] = {}
        for offer in self._models.serving(price.model):
            if price.kind in ("", offer.kind):
                wrong = (*found.get(offer.kind, ()), *wrong_lines(offer, price, self.packs))
                found[offer.kind] = tuple(dict.fromkeys(wrong))
        return found

    def serves(self, name: str) -> tuple[str, ...]:
        """The step kinds that the model of a name serves; none where nobody goes by it."""
        return tuple(dict.fromkeys(offer.kind for offer in self._models.serving(name)))

    def canonical(self, name: str) -> str:
        """The model that goes by a name, or an empty text."""
        return next((naming.model for naming in self._models.namings.values() if name in naming.spellings), "")

    def is_tier(self, name: str) -> bool:
        """Whether a name says a mode or sound besides the model."""
        return any(name in naming.tiers for naming in self._models.namings.values())

    def rows(self) -> tuple[ModelRow, ...]:
        """Everything about each model, in the data's order: current ones first."""
        groups: dict[tuple[str, str], list[Offer]] = {key: [] for key in self._models.namings}
        for offer in self._models.offers:
            groups[offer.model, offer.product].append(offer)
        return tuple(
            model_row(self.provider, self.as_of, offers, [self._kind_row(offer) for offer in offers])
            for offers in groups.values()
            if offers
        )

    def settle(self, step: Step, *, allow_unknown: bool = False) -> Settled | None:
        """The step in canonical form, or None when no model can be named for it; `check` then says why."""
        shape = self._shape(step, allow_unknown=allow_unknown)
        if shape is None:
            return None
        offer, naming, written = shape.offer, shape.offer.naming, step.parameters
        parameters = {**shape.parameters, **{key: written[key] for key in shape.texts}}
        return Settled(offer.kind, naming.model, naming.product, offer.makes, parameters, offer.takes_at_once, shape)

    def check(self, step: Step, settled: Settled | None) -> tuple[Problem, ...]:
        """What the step asks that its model cannot do, with places and hints; notes and warnings too."""
        findings = settled.shape.findings if settled else (self._models.stranger(step.kind, step.model),)
        return tuple([_problem(step, finding) for finding in findings]) if findings else ()

    def check_material(
        self, step: Step, settled: Settled, wire_field: str, facts: MediaFacts, others: Mapping[str, MediaFacts]
    ) -> tuple[Problem, ...]:
        """What a real or expected file cannot be in a wired field; `others` are the step's other wired fields."""
        limits = settled.shape.offer.media.get(field_name(wire_field))
        if limits is None:
            return ()
        guessed = limits.type is MediaType.AUDIO and any(
            isinstance(wire.reference, StepOutput) for wire in step.wires if wire.field == wire_field
        )
        found = judge(limits, wire_field, facts, settled.shape.view, others, guessed=guessed)
        return tuple(_problem(step, finding) for finding in found)

    def check_sources(self, step: Step, settled: Settled, makers: Mapping[str, Settled]) -> tuple[Problem, ...]:
        """What the step may not be wired to; `makers` are the settled steps in its wired fields."""
        if not makers:
            return ()
        offer = settled.shape.offer
        rules = self._source_rules.get((offer.kind, offer.model))
        if rules is None:
            rules = tuple(rule for rule in offer.rules if reads_sources(rule))
            self._source_rules[offer.kind, offer.model] = rules
        view = with_sources(settled.view, makers) if rules else {}
        return tuple(_problem(step, one) for rule in rules for one in rule.find(view, offer.kind, offer.model))

    def price(self, settled: Settled, materials: Mapping[str, MediaFacts]) -> Price:
        """What one take costs."""
        shape = settled.shape
        tariff = shape.offer.tariff or self._models.dearest(shape.offer.kind)
        files = [materials.get(name) for one in (shape.offer.own, tariff) if one for name in one.files]
        key = tuple([facts.seconds if facts else 0.0 for facts in files])
        found = shape.prices.get(key)
        if found is None:
            found = catalogue_prices.price_of(shape.offer, shape.view, materials, self._units, self.as_of, tariff)
            shape.prices[key] = found
        return found

    def expected_seconds(self, settled: Settled) -> float:
        """How long its task is expected to run."""
        return catalogue_prices.seconds_of(settled.shape.offer, settled.shape.view)

    def expected_facts(self, settled: Settled, materials: Mapping[str, MediaFacts]) -> MediaFacts:
        """What should come out, so that pending members can be checked before anything is bought."""
        shape = settled.shape
        return catalogue_outcome.facts_of(shape.offer.frame, shape.outcome, shape.view, settled.parameters, materials)

    def _shape(self, step: Step, *, allow_unknown: bool) -> Shape | None:
        served = self._models.served.get(step.kind) or self._models.of_kind(step.kind)
        if served is None:
            return None
        written, texts = step.parameters, served.shared_texts
        values = [
            (is_empty(value) if texts[name][0] <= len(value) <= texts[name][1] else (len(value), is_empty(value)))
            if type(value) is str and name in texts
            else value
            for name, value in written.items()
        ]
        wires = tuple([wire.field for wire in step.wires]) if step.wires else ()
        # Types are part of it because 1, 1.0 and true are equal and hash alike.
        key = (step.kind, step.model, allow_unknown, tuple(written), tuple(values), tuple(map(type, values)), wires)
        try:
            return self._shapes[key]
        except KeyError:
            shape = self._shapes[key] = shape_of(self._models, step, served.ids, allow_unknown=allow_unknown)
            return shape
        except TypeError:  # a list or mapping among the values: such a shape is not remembered
            return shape_of(self._models, step, served.ids, allow_unknown=allow_unknown)

    def _pages(self, offers: Sequence[Offer]) -> tuple[ModelPage, ...]:
        rows = {(row.model, row.product): row for row in self.rows()}
        named = dict.fromkeys((offer.model, offer.product) for offer in offers)
        return tuple(
            ModelPage(
                rows[key],
                tuple(
                    kind_page(offer, self._units, default=self._is_default(offer))
                    for offer in offers
                    if (offer.model, offer.product) == key
                ),
            )
            for key in named
        )

    def _is_default(self, offer: Offer) -> bool:
        served = self._models.of_kind(offer.kind)
        return served is not None and served.default({}) == offer.model

    def _kind_row(self, offer: Offer) -> KindRow:
        typical = catalogue_prices.seconds_of(offer, offer.defaults)
        return kind_row(offer, typical, self._units, default=self._is_default(offer))


def load_catalogue(
    provider_type: str, read: Read, units_usd: Mapping[str, str] | None = None, prices: OwnPrices = no_own_prices
) -> Catalogue:
    """The catalogue of a provider's folder; `read` gives the text of a file in it, beginning with `models.yaml`."""
    return Catalogue(provider_type, Parts.load(read), units_usd or {}, prices)


def _meanings(offers: Sequence[Offer], name: str) -> tuple[str, ...]:
    naming = offers[0].naming
    means = naming.tiers.get(name, {})
    return (f"model: {naming.model}", *(f"{key}: {shown(value)}" for key, value in means.items()))


def _problem(step: Step, finding: Finding) -> Problem:
    return Problem(finding.code, finding.message, _place(step, finding.key), finding.hint, finding.severity)


def _place(step: Step, key: str) -> Span:
    """Where a key or wired field was written, else the nearest thing around it."""
    for wire in step.wires:
        if key in (wire.field, wire.name):
            return wire.span
    while key not in step.spans and (cut := max(key.rfind("."), key.rfind("["))) > 0:
        key = key[:cut]
    return step.span_of(key)
