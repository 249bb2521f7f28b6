"""`prices` of a project file or of a profile → OwnPrices: of models by step kind, and of the units of a pack."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from kling_pipe.errors import Problem
from kling_pipe.story.nodes import Map, Seq
from kling_pipe.story.places import Aspect, Path, Places
from kling_pipe.values.prices import OwnAmount, OwnPrice, OwnPrices, OwnRate, no_own_prices

Tell = Callable[[Problem], None]
Lines = list[tuple[Path, object, Map]]  # the place of an amount or of a mapping of amounts, it, and its `when`

own_keys = frozenset({"units_usd", "as_of"})  # everything else under `prices` is the name of a model
_hint = "write `0.5 units a second`, `6 units a take` or `0.08 USD a second`"


def read_prices(node: object, places: Places, tell: Tell, owner: Path = ()) -> OwnPrices:
    """Reads what the schema let through; what is no amount is told. `owner` is the path of what the prices are of."""
    if not isinstance(node, Map):
        return no_own_prices
    units = node.get("units_usd")
    reader = _Reader(places, tell, (*owner, "prices"))
    return OwnPrices(
        as_of=reader.day(node),
        models=tuple(price for model in node if model not in own_keys for price in reader.model(model, node[model])),
        units_at={pack: places.at((*owner, "prices", "units_usd", pack), Aspect.VALUE) for pack in units}
        if isinstance(units, Map)
        else {},
    )


def units_in(node: object) -> dict[str, str]:
    """What a unit of each pack costs, as it is written."""
    units = node.get("units_usd") if isinstance(node, Map) else None
    return {pack: str(value) for pack, value in units.items()} if isinstance(units, Map) else {}


class _Reader:
    def __init__(self, places: Places, tell: Tell, path: Path) -> None:
        self._places = places
        self._tell = tell
        self._path = path

    def day(self, node: Map) -> str:
        written = node.get("as_of", "")
        try:
            return date.fromisoformat(str(written)).isoformat() if written else ""
        except ValueError:
            hint = "write the day of your contract or price list"
            place = self._places.at((*self._path, "as_of"), Aspect.VALUE)
            self._tell(Problem("bad-date", f"a day such as `2026-11-01` was expected: {written}", place, hint))
            return ""

    def model(self, model: str, value: object) -> Iterator[OwnPrice]:
        path: Path = (*self._path, model)
        if isinstance(value, Map):
            for kind in value:
                yield self._price(model, kind, value[kind], (*path, kind))
        else:
            yield self._price(model, "", value, path)

    def _price(self, model: str, kind: str, value: object, path: Path) -> OwnPrice:
        rates = tuple(rate for at, amounts, when in _lines(value, path) if (rate := self._rate(at, amounts, when)))
        return OwnPrice(model, kind, rates, self._places.at(path, Aspect.KEY))

    def _rate(self, path: Path, value: object, when: Map) -> OwnRate | None:
        amounts: dict[str, OwnAmount] = {}
        named = [(name, value[name]) for name in value if name != "when"] if isinstance(value, Map) else [("", value)]
        for name, written in named:
            at = (*path, name) if name else path
            try:
                amounts["" if name == "price" else name] = OwnAmount.parse(str(written))
            except ValueError as error:
                self._tell(Problem("bad-price", str(error), self._places.at(at, Aspect.VALUE), _hint))
        return OwnRate(dict(when), amounts, self._places.at(path, Aspect.VALUE)) if amounts else None


def _lines(value: object, path: Path) -> Lines:
    """An amount, amounts by the values of a parameter, or a list of such mappings with conditions."""
    if not isinstance(value, Seq):
        return [(path, value, Map())]
    found: Lines = []
    for place, line in enumerate(value):
        if isinstance(line, Map):
            when = line.get("when")
            found.append(((*path, place), line, when if isinstance(when, Map) else Map()))
    return found
