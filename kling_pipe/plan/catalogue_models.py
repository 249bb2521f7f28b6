"""Which model a step means: canonical names, aliases, defaults; and what is said of retired and unknown ones."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from kling_pipe.errors import Severity
from kling_pipe.plan.catalogue_data import mapping, mappings, text
from kling_pipe.plan.catalogue_findings import listing
from kling_pipe.plan.catalogue_kind import KindOffers
from kling_pipe.plan.catalogue_offer import Naming, Offer, Timing
from kling_pipe.plan.catalogue_outcome import Frame
from kling_pipe.plan.catalogue_parts import Parts
from kling_pipe.plan.catalogue_rules import Finding, View, shown
from kling_pipe.plan.catalogue_tariff import Tariff
from kling_pipe.values.media import MediaType
from kling_pipe.values.prices import OwnPrices, no_own_prices


@dataclass(frozen=True, slots=True)
class Named:
    """The offer a step means, what its name means besides (`mode`, `sound`), and notes about the name."""

    offer: Offer
    means: Mapping[str, object]
    notes: tuple[Finding, ...]


class Models:
    """The offers of one provider by kind and name; those of a kind are compiled when it is first asked for."""

    def __init__(self, provider: str, parts: Parts, prices: OwnPrices = no_own_prices) -> None:
        self.provider = provider
        self._prices = prices
        self.parts = parts
        self.kinds = tuple(parts.kinds)
        namings = [Naming.of(row) for row in mappings(parts.head, "models")]
        self.namings = {(naming.model, naming.product): naming for naming in namings}
        self.served: dict[str, KindOffers] = {}  # those that were asked for

    def of_kind(self, kind: str) -> KindOffers | None:
        """One kind's offers; None when it is not served."""
        if kind not in self.served and kind in self.kinds:
            self.served[kind] = KindOffers.read(self.parts, kind, self.namings, self._prices)
        return self.served.get(kind)

    @property
    def offers(self) -> tuple[Offer, ...]:
        """All of them, kind by kind."""
        return tuple(offer for kind in self.kinds if (found := self.of_kind(kind)) for offer in found.offers)

    def named(self, kind: str, name: str, view: View, *, allow_unknown: bool) -> Named | None:
        """The offer a step means; None when there is none."""
        served = self.of_kind(kind)
        if served is None:
            return None
        if not name:
            name = served.default(view)
        offer = served.names.get(name)
        if offer is not None:
            means = {key: value for key, value in offer.naming.tiers.get(name, {}).items() if key in offer.fields}
            return Named(offer, means, _notes(offer, name, means))
        if allow_unknown and not self._elsewhere(name):
            return Named(_open(served, name), {}, (self._unknown(served, name, Severity.WARNING),))
        return None

    def stranger(self, kind: str, name: str) -> Finding:
        """Why no offer can be named."""
        served = self.of_kind(kind)
        if served is None:
            message = f"`{self.provider}` has no models for `{kind}`"
            return Finding("kind-not-served", message, "kind", f"it serves {listing(self.kinds)}")
        if elsewhere := self._elsewhere(name):
            serves = listing(dict.fromkeys(offer.kind for offer in elsewhere))
            hint = f"it serves {serves}; for `{kind}` there is {listing(served.current)}"
            return Finding("model-kind", f"`{name}` does not serve `{kind}` on `{self.provider}`", "model", hint)
        return self._unknown(served, name, Severity.ERROR)

    def instead(self, offer: Offer, key: str) -> str:
        """A hint for a key that an offer does not take: the models of the kind that do, or what decides it here."""
        served = self.of_kind(offer.kind)
        return self.who_takes(offer, key) or (text(mapping(served.about, "instead"), key) if served else "")

    def who_takes(self, offer: Offer, key: str, view: View | None = None) -> str:
        """A hint naming up to three other models of the kind that take a key, or with a view its very value."""
        served = self.of_kind(offer.kind)
        peers = [peer for peer in served.offers if peer is not offer and key in peer.limits] if served else []
        peers = [peer for peer in peers if view is None or not peer.limits[key](peer.model, view)]
        current = [peer.model for peer in peers if not peer.retired][:3]
        if current:
            return f"{listing(current)} {'takes' if len(current) == 1 else 'take'} it"
        return "only retired models take it" if peers else ""

    def dearest(self, kind: str) -> Tariff | None:
        """The tariff with the highest rate of a kind."""
        served = self.of_kind(kind)
        tariffs = [offer.tariff for offer in served.offers if offer.tariff] if served else []
        return max(tariffs, key=lambda tariff: tariff.dearest, default=None)

    def nearest(self, name: str) -> tuple[str, ...]:
        """The models of any kind whose names come nearest."""
        spelt = {known: naming.model for naming in self.namings.values() for known in naming.spellings}
        return tuple(_nearest(name, spelt))

    def serving(self, name: str) -> tuple[Offer, ...]:
        """All offers of the model that goes by a name."""
        known = any(name in naming.spellings for naming in self.namings.values())
        return tuple(offer for offer in self.offers if name in offer.naming.spellings) if known else ()

    def _unknown(self, served: KindOffers, name: str, level: Severity) -> Finding:
        meant = _nearest(name, {known: offer.model for known, offer in served.names.items()})
        hint = f"did you mean {_either(meant)}?" if meant else f"there is {listing(served.current)}"
        return Finding("unknown-model", f"`{name}` is not a known model of `{self.provider}`", "model", hint, level)

    def _elsewhere(self, name: str) -> list[Offer]:
        found = [self.of_kind(kind) for kind in self.kinds]
        return [served.names[name] for served in found if served and name in served.names]


def _open(served: KindOffers, name: str) -> Offer:
    """What a model that nobody here knows is taken for: it may do all its kind can."""
    peer, product, makes = served.offers[0], text(served.about, "product"), MediaType(text(served.about, "makes"))
    return Offer(
        naming=Naming(name, product), kind=served.kind, makes=makes, takes_at_once=peer.takes_at_once, fields={},
        origins={}, texts=frozenset(served.shared_texts), limits={}, media=peer.media, defaults={}, conditional=(),
        implied={}, rules=(), frame=Frame(makes, peer.frame.sizes, peer.frame.resolution), outcomes=peer.outcomes,
        tariff=None, timing=Timing(), closed=False,
    )  # fmt: skip


def _notes(offer: Offer, name: str, means: Mapping[str, object]) -> tuple[Finding, ...]:
    notes = []
    if name != offer.model:
        besides = [f"`{key}: {shown(value)}`" for key, value in means.items()]
        message = f"`{name}` is `{offer.model}`{f' with {_all_of(besides)}' if besides else ''} here"
        hint = f"write {_all_of([f'`model: {offer.model}`', *besides])}"
        notes.append(Finding("model-alias", message, "model", hint, Severity.NOTE))
    if offer.retired:
        message = f"`{offer.model}` was retired on {offer.naming.retired_on}, the service may refuse it"
        hint = f"use its successor `{offer.naming.successor}`"
        notes.append(Finding("model-retired", message, "model", hint, Severity.WARNING))
    return tuple(notes)


def _nearest(name: str, models: Mapping[str, str]) -> list[str]:
    """Up to three models that go by names like this one."""
    names = list(models)
    near = difflib.get_close_matches(name, names, 8, 0.85) or difflib.get_close_matches(name, names, 1)
    return list(dict.fromkeys(models[one] for one in near))[:3]


def _all_of(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]


def _either(names: list[str]) -> str:
    return " or ".join(f"`{name}`" for name in names)
