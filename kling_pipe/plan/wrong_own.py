"""What a project says of its own about models, prices and packs that means nothing to any of its providers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from kling_pipe.errors import Problem
from kling_pipe.plan.catalogue import Catalogue
from kling_pipe.plan.catalogue_findings import listing
from kling_pipe.story.spelling import name_hint
from kling_pipe.values.prices import OwnPrice, OwnPrices
from kling_pipe.values.span import Span

Walk = Callable[[], Iterable[Catalogue]]  # from the first catalogue on, each loaded when it is come to


def wrong_prices(catalogues: Walk, prices: OwnPrices) -> Iterator[Problem]:
    """Of the prices and packs, what means nothing. What one provider takes is right: a catalogue is looked into only
    where those before it say no."""
    for price in prices.models:
        yield from _wrong_price(catalogues, price)
    for pack, span in prices.units_at.items():
        known: list[str] = []
        for catalogue in catalogues():
            known += catalogue.packs
            if pack in known:
                break
        else:
            hint = name_hint(pack, dict.fromkeys(known), "" if known else "remove it; prices here are in money")
            yield Problem("unknown-pack", f"`{pack}` is no pack of units", span, hint)


def wrong_models(
    catalogue: Catalogue, models_at: Mapping[str, Span], elsewhere: Callable[[str], bool], *, allow_unknown: bool
) -> Iterator[Problem]:
    """Of the keys of own model ids, `MODEL` or `KIND/MODEL`, those that the catalogue has nothing for. A name that says
    a mode or sound too has an id of its own, and a model that nobody here knows is taken at the profile's word, unless
    it looks like a slip of the pen; `elsewhere` says whether another provider has it."""
    for key, span in models_at.items():
        kind, _, name = key.rpartition("/")
        canonical = catalogue.canonical(name)
        if not canonical:
            if not allow_unknown and catalogue.nearest_models(name) and not elsewhere(name):
                yield _unknown(name, [catalogue], span)
        elif canonical != name and not catalogue.is_tier(name):
            message = f"`{name}` is `{canonical}` here, and own ids go by that name"
            yield Problem("unknown-model", message, span, f"write `{canonical}`")
        elif kind and kind not in catalogue.serves(name):
            yield _not_served(name, kind, catalogue.serves(name), span)


def _wrong_price(catalogues: Walk, price: OwnPrice) -> Iterator[Problem]:
    """By step kind: what every provider that serves it says, or else the first one's word."""
    wrong: dict[str, tuple[Problem, ...]] = {}
    read: list[Catalogue] = []
    for catalogue in catalogues():
        read.append(catalogue)
        for kind, found in catalogue.wrong_price(price).items():
            before = wrong.get(kind, found)
            wrong[kind] = (tuple(one for one in before if one in found) or before) if found else ()
        if wrong and not any(wrong.values()):
            return
    if wrong:
        yield from dict.fromkeys(problem for found in wrong.values() for problem in found)
        return
    serves = dict.fromkeys(kind for catalogue in read for kind in catalogue.serves(price.model))
    yield (
        _not_served(price.model, price.kind, serves, price.span) if serves else _unknown(price.model, read, price.span)
    )


def _not_served(model: str, kind: str, serves: Iterable[str], span: Span) -> Problem:
    return Problem("model-kind", f"`{model}` does not serve `{kind}`", span, f"it serves {listing(serves)}")


def _unknown(model: str, catalogues: Iterable[Catalogue], span: Span) -> Problem:
    near = dict.fromkeys(f"`{found}`" for catalogue in catalogues for found in catalogue.nearest_models(model))
    hint = f"did you mean {' or '.join(near)}?" if near else "`kling-pipe models` lists them"
    return Problem("unknown-model", f"`{model}` is not the name of a model", span, hint)
