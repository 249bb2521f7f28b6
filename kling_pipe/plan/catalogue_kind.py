"""One step kind as a provider serves it: its offers by name, compiled when the kind is first asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kling_pipe.plan.catalogue_data import Data, mapping, mappings, number, text, texts
from kling_pipe.plan.catalogue_offer import Naming, Offer, read_offer
from kling_pipe.plan.catalogue_own import with_own
from kling_pipe.plan.catalogue_parts import Parts
from kling_pipe.plan.catalogue_rules import Condition, View, compile_conditions, compile_rule
from kling_pipe.values.prices import OwnPrices, no_own_prices


@dataclass(frozen=True, slots=True)
class KindOffers:
    """The offers of one kind, current ones first, and what steps of one shape may differ in."""

    kind: str
    about: Data
    offers: tuple[Offer, ...]
    names: Mapping[str, Offer]
    defaults: tuple[tuple[Condition, str], ...]
    shared_texts: Mapping[
        str, tuple[int, int]
    ]  # free texts, and the lengths between which all are alike to every check
    ids: frozenset[str]  # parameters that hold ids

    @staticmethod
    def read(
        parts: Parts, kind: str, namings: Mapping[tuple[str, str], Naming], prices: OwnPrices = no_own_prices
    ) -> KindOffers:
        """Compiles the offers of one kind."""
        about, data = parts.kinds[kind], parts.of_kind(kind)
        lists = _Named(parts, data)
        lines = [line for line in mappings(data, "rules") if not texts(line, "kinds") or kind in texts(line, "kinds")]
        places = {id(line): place for place, line in enumerate(mappings(data, "rules"))}
        rules = [compile_rule(line, rule_origin(about, places[id(line)], line), lists) for line in lines]
        product = text(about, "product")
        offers = tuple(
            with_own(
                read_offer(data, _naming(namings, model, product), kind, about, mapping(rows, model), rules, lists),
                prices,
                mapping(parts.head, "units_usd"),
            )
            for rows in (mapping(mapping(data, "offers"), kind),)
            for model in rows
        )
        return KindOffers(
            kind=kind,
            about=about,
            offers=offers,
            names=_names(kind, offers),
            defaults=tuple(
                (compile_conditions(mapping(line, "when"), lists), text(line, "model"))
                for line in mappings(about, "default_model")
            ),
            shared_texts=_shared_texts(offers, lines),
            ids=frozenset(
                key for offer in offers for key, limit in offer.fields.items() if limit.get("type") in ("ids", "id")
            ),
        )

    def default(self, view: View) -> str:
        """The model taken when a step names none."""
        return next((model for holds, model in self.defaults if holds(view)), "")

    @property
    def current(self) -> list[str]:
        """The models that are not retired."""
        return [offer.model for offer in self.offers if not offer.retired]


def rule_origin(about: Data, place: int, line: Data) -> str:
    """A name for one rule of a part: its place and code."""
    return f"{text(about, 'in') or 'rules'}[{place}] {text(line, 'code')}"


class _Named(dict[str, frozenset[str]]):
    """The catalogue's named lists, each read when a rule or parameter names it."""

    def __init__(self, parts: Parts, data: Data) -> None:
        super().__init__()
        self._parts, self._data = parts, data

    def __missing__(self, name: str) -> frozenset[str]:
        self[name] = found = self._parts.values(self._data, name)
        return found


def _naming(namings: Mapping[tuple[str, str], Naming], model: str, product: str) -> Naming:
    if (model, product) not in namings:
        raise ValueError(f"`models` has no `{model}` of `{product}`")
    return namings[model, product]


def _names(kind: str, offers: Sequence[Offer]) -> Mapping[str, Offer]:
    """Canonical names first, so that no alias hides one."""
    names = {offer.model: offer for offer in offers}
    for offer in offers:
        for name in offer.naming.spellings:
            if names.setdefault(name, offer) is not offer:
                raise ValueError(f"`{name}` names two models of `{kind}`")
    return names


def _shared_texts(offers: Sequence[Offer], rules: Sequence[Data]) -> Mapping[str, tuple[int, int]]:
    """By text: from the first of these lengths to the second nothing can tell two of them apart. A text whose words a
    rule reads is left out."""
    keys = dict.fromkeys(key for offer in offers for key in offer.texts)
    shared = {}
    media = [limits for offer in offers for limits in offer.media.values()]
    narrowed = [line for limits in media for line in mappings(limits.data, "narrowed")]
    for key in keys:
        fields = [offer.fields[key] for offer in offers if key in offer.texts]
        limits = [int(number(field, "max") or 0) for field in fields]
        least = max(int(number(field, "min") or 0) for field in fields)
        conditions = [mapping(rule, form).get(key) for rule in (*rules, *narrowed) for form in _readers]
        if not any(_reads(wanted) for wanted in conditions):
            bounds = [bound for wanted in conditions for bound in _length_bounds(wanted)]
            shared[key] = (least, max(0, min([*limits, *bounds])))
    return shared


_readers = ("when", "when_any", "require", "require_any")  # parts of a rule that hold conditions


def _reads(wanted: object) -> bool:
    if not isinstance(wanted, Mapping):
        return wanted is not None and wanted not in ("present", "absent", "list")
    return "contains" in wanted or "in" in wanted or ("not" in wanted and _reads(wanted["not"]))


def _length_bounds(wanted: object) -> Iterable[int]:
    if not isinstance(wanted, Mapping):
        return
    if "not" in wanted:
        yield from _length_bounds(wanted["not"])
    bounds = mapping(wanted, "length") if "length" in wanted else {}
    least, most = number(bounds, "min"), number(bounds, "max")
    if least is not None:
        yield int(least) - 1
    if most is not None:
        yield int(most)
