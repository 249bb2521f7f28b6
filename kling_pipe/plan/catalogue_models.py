"""Which model a step means: canonical names, aliases, defaults; and what is said of retired and unknown ones."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from kling_pipe.errors import Severity
from kling_pipe.plan.catalogue_data import Data, mapping, mappings, media_type, text
from kling_pipe.plan.catalogue_limits import listing
from kling_pipe.plan.catalogue_offer import Offer, Tariff, Timing
from kling_pipe.plan.catalogue_rules import Condition, Finding, View, compile_conditions

Named = tuple[Offer, tuple[Finding, ...]]


class Models:
    """The offers of one provider by kind and name."""

    def __init__(self, provider: str, data: Data, offers: Sequence[Offer]) -> None:
        self.provider = provider
        self.offers = tuple(offers)
        self.kinds: Mapping[str, Data] = {
            kind: mapping(mapping(data, "kinds"), kind) for kind in mapping(data, "kinds")
        }
        self._defaults = {kind: _default_models(lines) for kind, lines in self.kinds.items()}
        self._names = _names(self.offers)

    def named(self, kind: str, name: str, view: View, *, allow_unknown: bool) -> Named | None:
        """The offer a step means, with notes about its name; None when there is none."""
        if not name:
            name = self.default(kind, view)
        offer = self._names.get((kind, name))
        if offer is not None:
            return offer, _notes(offer, name)
        if allow_unknown and kind in self.kinds and not self._elsewhere(name):
            return self._open(kind, name), (self._unknown(kind, name, Severity.WARNING),)
        return None

    def default(self, kind: str, view: View) -> str:
        """The model taken when a step names none."""
        return next((model for holds, model in self._defaults.get(kind, ()) if holds(view)), "")

    def stranger(self, kind: str, name: str) -> Finding:
        """Why no offer can be named."""
        if kind not in self.kinds:
            message = f"`{self.provider}` has no models for `{kind}`"
            return Finding("kind-not-served", message, "kind", f"it serves {listing(self.kinds)}")
        if elsewhere := self._elsewhere(name):
            serves = listing(dict.fromkeys(offer.kind for offer in elsewhere))
            hint = f"it serves {serves}; for `{kind}` there is {listing(self.current(kind))}"
            return Finding("model-kind", f"`{name}` does not serve `{kind}`", "model", hint)
        return self._unknown(kind, name, Severity.ERROR)

    def current(self, kind: str) -> list[str]:
        """The models of a kind that are not retired."""
        return [offer.model for offer in self.offers if offer.kind == kind and not offer.retired]

    def who_takes(self, offer: Offer, key: str, view: View | None = None) -> str:
        """A hint naming up to three other models of the kind that take a key, or with a view its very value."""
        peers = [peer for peer in self.offers if peer.kind == offer.kind and peer is not offer and key in peer.limits]
        peers = [peer for peer in peers if view is None or not peer.limits[key](peer.model, view)]
        current = [peer.model for peer in peers if not peer.retired][:3]
        if current:
            return f"{listing(current)} {'takes' if len(current) == 1 else 'take'} it"
        return "only retired models take it" if peers else ""

    def dearest(self, kind: str) -> Tariff | None:
        """The tariff with the highest rate of a kind."""
        tariffs = [offer.tariff for offer in self.offers if offer.kind == kind and offer.tariff]
        return max(tariffs, key=lambda tariff: tariff.dearest, default=None)

    def _unknown(self, kind: str, name: str, level: Severity) -> Finding:
        near = difflib.get_close_matches(name, [known for served, known in self._names if served == kind], 1)
        meant = self._names[kind, near[0]].model if near else ""
        hint = f"did you mean `{meant}`?" if meant else f"there is {listing(self.current(kind))}"
        return Finding("unknown-model", f"`{name}` is not a known model of `{self.provider}`", "model", hint, level)

    def _elsewhere(self, name: str) -> list[Offer]:
        return [offer for (_, known), offer in self._names.items() if known == name]

    def _open(self, kind: str, name: str) -> Offer:
        lines = self.kinds[kind]
        peer = next(offer for offer in self.offers if offer.kind == kind)
        return Offer(
            model=name, kind=kind, product=text(lines, "product"), makes=media_type(lines, "makes"), state="unknown",
            retired_on="", successor="", native=(), aliases=(), takes_at_once=peer.takes_at_once, source="", grade="",
            fields={}, texts=peer.texts, limits={}, media=peer.media, defaults={}, implied={}, rules=(),
            resolution=peer.resolution, sizes=peer.sizes, tariff=None, timing=Timing(), closed=False,
        )  # fmt: skip


def _default_models(lines: Data) -> tuple[tuple[Condition, str], ...]:
    return tuple(
        (compile_conditions(mapping(line, "when")), text(line, "model")) for line in mappings(lines, "default_model")
    )


def _names(offers: Sequence[Offer]) -> Mapping[tuple[str, str], Offer]:
    """Canonical names first, so that no alias hides one."""
    names = {(offer.kind, offer.model): offer for offer in offers}
    for offer in offers:
        for name in (*offer.native, *offer.aliases):
            if names.setdefault((offer.kind, name), offer) is not offer:
                raise ValueError(f"`{name}` names two models of `{offer.kind}`")
    return names


def _notes(offer: Offer, name: str) -> tuple[Finding, ...]:
    notes = []
    if name != offer.model:
        message = f"`{name}` is `{offer.model}` here"
        notes.append(Finding("model-alias", message, "model", f"write `model: {offer.model}`", Severity.NOTE))
    if offer.retired:
        message = f"`{offer.model}` was retired on {offer.retired_on}, the service may refuse it"
        hint = f"use its successor `{offer.successor}`"
        notes.append(Finding("model-retired", message, "model", hint, Severity.WARNING))
    return tuple(notes)
