"""How a simulated world is set up: one frozen value, read from command line pairs or JSON."""

from __future__ import annotations

import base64
import dataclasses
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from kling_pipe.simulator.faults import FaultRule


class MediaSize(StrEnum):
    """How large the made files are; ratio and length stay as ordered."""

    FULL = "full"  # the sides the service promises, 24 frames a second
    SMALL = "small"  # a quarter of the sides, never under 340 px, 12 frames a second: for tests


class Retired(StrEnum):
    """What becomes of a request for a model the service has retired."""

    REFUSED = "refused"
    ALLOWED = "allowed"  # so that camera control and masks can be tried


class Standing(StrEnum):
    """How the service looks at the account; anything but good stops every call."""

    GOOD = "good"
    ABNORMAL = "abnormal"
    ARREARS = "arrears"
    FORBIDDEN = "forbidden"  # no permission for what is called
    BLOCKED = "blocked"  # the caller's address is not on the account's list


@dataclass(frozen=True, slots=True)
class Settings:
    """All that shapes a world. The default pools are the simulator's own choice; services publish none.

    Pools and packs are each service's own: `video` says how large every service's is, `NAME.video` that of one service.
    A service that bills in money takes from a balance without a bottom, unless `NAME.balance` among the units says one.
    """

    seed: int = 0
    speed: float = 1.0  # simulated seconds a real second
    durations: float = 1.0  # scale of how long tasks take
    pools: tuple[tuple[str, int], ...] = (("audio", 5), ("image", 9), ("video", 5))
    rate: float = 0.0  # requests a simulated second and account; 0 means no limit
    units: tuple[tuple[str, Decimal], ...] = (
        ("audio", Decimal(10_000)),
        ("image", Decimal(100_000)),
        ("video", Decimal(10_000)),
    )
    media: MediaSize = MediaSize.FULL
    retired: Retired = Retired.REFUSED
    account: Standing = Standing.GOOD
    faults: tuple[FaultRule, ...] = ()
    keys: tuple[str, ...] = ("simulated-key",)
    pairs: tuple[tuple[str, str], ...] = (("simulated-access", "simulated-secret"),)
    url_lifetime: float = 30 * 86_400.0  # simulated seconds that a result's URL lives
    delay: float = 20.0  # simulated seconds that a `slow` answer takes
    retry_after: float = 1.0  # real seconds that a throttled answer asks for
    media_base: str = ""  # base URL of files; empty means the address the request came to
    skew: float = 0.0  # seconds by which the service's own clock is ahead of ours
    uploads: str = ""  # folder served under /uploads; empty means one beside the files
    forbidden: tuple[str, ...] = ()  # create paths and models that the account has no permission for
    answers: tuple[
        tuple[str, str], ...
    ] = ()  # by service: which of its forms of answers it takes, where it has several
    webhook_secret: str = ""  # `whsec_…` signs callbacks; empty leaves them unsigned
    callback_losses: float = 0.0  # how many callbacks never arrive, from 0 to 1
    callback_repeats: float = 0.0  # how many arrive twice
    callback_disorder: float = 0.0  # how many arrive after the one that follows them

    @staticmethod
    def parse(pairs: Iterable[tuple[str, str]]) -> Settings:
        """Reads pairs such as `("fault", "lost-after=0.1")` and `("pool", "video=5")`; raises ValueError."""
        settings = Settings()
        for name, text in pairs:
            if name not in _readers:
                raise ValueError(f"`{name}` is not a setting; there are {', '.join(f'`{n}`' for n in _readers)}")
            settings = _readers[name](settings, text)
        return settings

    def to_json(self) -> dict[str, object]:
        """The settings without their secrets."""
        data: dict[str, object] = {item.name: getattr(self, item.name) for item in dataclasses.fields(self)}
        data["pools"] = dict(self.pools)
        data["units"] = {product: str(amount) for product, amount in self.units}
        data["forbidden"] = list(self.forbidden)
        data["answers"] = dict(self.answers)
        data["faults"] = [str(rule) for rule in self.faults]
        data["keys"] = len(self.keys)
        data["pairs"] = [access for access, _ in self.pairs]
        data["webhook_secret"] = bool(self.webhook_secret)
        return data

    def changed(self, data: Mapping[str, object]) -> Settings:
        """These settings with those of a JSON object; lists and objects are read item by item."""
        settings = self
        settings = replace(settings, faults=()) if "faults" in data else settings
        settings = replace(settings, forbidden=()) if "forbidden" in data else settings
        for name, value in data.items():
            single = _plurals.get(name, name)
            if single not in _readers:
                raise ValueError(f"`{name}` is not a setting; there are {', '.join(f'`{n}`' for n in _readers)}")
            for text in _texts(value):
                settings = _readers[single](settings, text)
        return settings


balance = "balance"  # the purse of a service that bills in money, whatever the product

_plurals = {"faults": "fault", "pools": "pool", "keys": "key", "pairs": "pair", "url_lifetime": "url-lifetime",
            "retry_after": "retry-after", "media_base": "media-base", "webhook_secret": "webhook-secret",
            "callback_losses": "callback-losses", "callback_repeats": "callback-repeats",
            "callback_disorder": "callback-disorder"}  # fmt: skip


def _texts(value: object) -> list[str]:
    if isinstance(value, Mapping):
        return [f"{name}={item}" for name, item in value.items()]
    if isinstance(value, list | tuple):
        return [str(item) for item in value]
    return [str(value)]


def _real(name: str, low: float, high: float = math.inf) -> Callable[[str], float]:
    span = f"a number from {low:g}" + ("" if math.isinf(high) else f" to {high:g}")

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high or math.isinf(value):
            raise ValueError(f"`{name}` takes {span}: {text}")
        return value

    return read


def _whole(name: str) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.removeprefix("-").isdecimal():
            raise ValueError(f"`{name}` takes a whole number: {text}")
        return int(text)

    return read


def _secret(text: str) -> str:
    key = text.removeprefix("whsec_")
    try:
        good = key != text and bool(base64.b64decode(key, validate=True))
    except ValueError:
        good = False
    if not good:
        raise ValueError("`webhook-secret` takes `whsec_` and a key in Base64")
    return text


def _set(field: str, read: Callable[[str], Any]) -> Callable[[Settings, str], Settings]:
    return lambda settings, text: replace(settings, **{field: read(text)})


def _choice(name: str, kind: type[StrEnum]) -> Callable[[str], StrEnum]:
    def read(text: str) -> StrEnum:
        if text not in kind.__members__.values():
            raise ValueError(f"`{name}` takes {' or '.join(f'`{item}`' for item in kind)}: {text}")
        return kind(text)

    return read


def _pair(name: str, text: str, mark: str) -> tuple[str, str]:
    left, found, right = text.partition(mark)
    if not (left and found and right):
        raise ValueError(f"`{name}` takes two parts joined by `{mark}`: {text}")
    return left, right


def _known_product(name: str, product: str) -> None:
    service, dot, product = product.rpartition(".")
    if dot and not service:
        raise ValueError(f"`.{product}` names no service in `{name}`")
    known = [one for one, _ in Settings().pools]
    if dot and name == "units":
        known.append(balance)
    if product not in known:
        listed = ", ".join(f"`{one}`" for one in known)
        raise ValueError(f"`{product}` is not a product in `{name}`; there are {listed}")


def _pool(settings: Settings, text: str) -> Settings:
    product, count = _pair("pool", text, "=")
    _known_product("pool", product)
    limit = _whole("pool")(count)
    if limit < 1:
        raise ValueError(f"a pool holds at least 1 task: {text}")
    return replace(settings, pools=tuple(sorted({**dict(settings.pools), product: limit}.items())))


def _units(settings: Settings, text: str) -> Settings:
    product, amount = _pair("units", text, "=")
    _known_product("units", product)
    try:
        units = Decimal(amount)
    except InvalidOperation:
        units = Decimal("NaN")
    if not units.is_finite() or units < 0:
        raise ValueError(f"`units` takes a number from 0 for each product: {text}")
    return replace(settings, units=tuple(sorted({**dict(settings.units), product: units}.items())))


_readers: dict[str, Callable[[Settings, str], Settings]] = {
    "seed": _set("seed", _whole("seed")),
    "speed": _set("speed", _real("speed", 0.001)),
    "durations": _set("durations", _real("durations", 0.0)),
    "pool": _pool,
    "rate": _set("rate", _real("rate", 0.0)),
    "units": _units,
    "media": _set("media", _choice("media", MediaSize)),
    "retired": _set("retired", _choice("retired", Retired)),
    "account": _set("account", _choice("account", Standing)),
    "fault": lambda settings, text: replace(settings, faults=(*settings.faults, FaultRule.parse(text))),
    "key": lambda settings, text: replace(settings, keys=(*settings.keys, text)),
    "pair": lambda settings, text: replace(settings, pairs=(*settings.pairs, _pair("pair", text, ":"))),
    "url-lifetime": _set("url_lifetime", _real("url-lifetime", 0.0)),
    "delay": _set("delay", _real("delay", 0.0)),
    "retry-after": _set("retry_after", _real("retry-after", 0.0)),
    "media-base": _set("media_base", str),
    "skew": _set("skew", _real("skew", -1e9)),
    "uploads": _set("uploads", str),
    "forbidden": lambda settings, text: replace(settings, forbidden=(*settings.forbidden, text)),
    "answers": lambda settings, text: replace(
        settings, answers=tuple(sorted({**dict(settings.answers), **dict([_pair("answers", text, "=")])}.items()))
    ),
    "webhook-secret": _set("webhook_secret", _secret),
    "callback-losses": _set("callback_losses", _real("callback-losses", 0.0, 1.0)),
    "callback-repeats": _set("callback_repeats", _real("callback-repeats", 0.0, 1.0)),
    "callback-disorder": _set("callback_disorder", _real("callback-disorder", 0.0, 1.0)),
}
