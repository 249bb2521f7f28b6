"""What can go wrong on the way to a service and inside it: the list of faults, when they strike, and the count of it.

A fault strikes by probability or by schedule. The draw is a hash of seed, fault, scope and the request's number within
its scope, so the same requests meet the same faults, whatever else is switched on.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """The kinds of requests that are counted separately."""

    CREATE = "create"  # may make a task
    QUERY = "query"  # asks about tasks or the account
    DOWNLOAD = "download"  # fetches a result file


class Fault(StrEnum):
    """Each with what the client sees and what is true behind it."""

    LOST_BEFORE = "lost-before"  # the connection drops before the request is read; nothing was made
    LOST_AFTER = "lost-after"  # the request is carried out, the answer never arrives
    ERROR_BEFORE = "error-before"  # a 5xx answer; nothing was made
    ERROR_AFTER = "error-after"  # a 5xx answer, although the task was made
    THROTTLED = "throttled"  # too many requests, with Retry-After
    THROTTLED_BARE = "throttled-bare"  # too many requests, without a word about when to come back
    OVER_QUOTA = "over-quota"  # too many tasks at once; nothing was made
    UNAUTHORIZED_ONCE = "unauthorized-once"  # one good credential is called expired, once in a world
    MODERATED = "moderated"  # the content policy refuses the request at once
    MODERATED_LATE = "moderated-late"  # the content policy refuses the result, after the whole time
    FAILED_LATE = "failed-late"  # the task fails after the whole time
    STUCK = "stuck"  # the task is made and never ends
    SLOW = "slow"  # the answer is delayed
    MALFORMED = "malformed"  # the request is carried out, the answer's JSON is cut short
    TRUNCATED = "truncated"  # a download ends early under the full Content-Length
    EXPIRED = "expired"  # a file's URL is refused before its time; the next query gives a good one


_calls = (Scope.CREATE, Scope.QUERY)
scopes_of: Mapping[Fault, tuple[Scope, ...]] = {
    Fault.LOST_BEFORE: _calls,
    Fault.LOST_AFTER: _calls,
    Fault.ERROR_BEFORE: _calls,
    Fault.ERROR_AFTER: (Scope.CREATE,),
    Fault.THROTTLED: _calls,
    Fault.THROTTLED_BARE: _calls,
    Fault.OVER_QUOTA: (Scope.CREATE,),
    Fault.UNAUTHORIZED_ONCE: _calls,
    Fault.MODERATED: (Scope.CREATE,),
    Fault.MODERATED_LATE: (Scope.CREATE,),
    Fault.FAILED_LATE: (Scope.CREATE,),
    Fault.STUCK: (Scope.CREATE,),
    Fault.SLOW: _calls,
    Fault.MALFORMED: _calls,
    Fault.TRUNCATED: (Scope.DOWNLOAD,),
    Fault.EXPIRED: (Scope.DOWNLOAD,),
}


@dataclass(frozen=True, slots=True)
class FaultRule:
    """One fault, the scopes it strikes in, and either a probability or the numbers of the requests, counted from 1.

    A rule of one service strikes there alone, and counts that service's requests.
    """

    fault: Fault
    scopes: tuple[Scope, ...]
    probability: float = 0.0
    numbers: tuple[int, ...] = ()
    service: str = ""

    @staticmethod
    def parse(text: str) -> FaultRule:
        """Reads `lost-after=0.1`, `malformed=query:0.2`, `stuck=#3` or `slow=create:#1,#4`, each with `SERVICE/` before
        it where it is one service's; raises ValueError."""
        name, equals, when = text.partition("=")
        service, slash, name = name.rpartition("/")
        if name not in Fault.__members__.values():
            raise ValueError(f"`{name}` is not a fault; there are {', '.join(f'`{fault}`' for fault in Fault)}")
        if not equals:
            raise ValueError(f"`{text}` does not say when: write `{name}=0.1` or `{name}=#3`")
        fault = Fault(name)
        if slash and not service:
            raise ValueError(f"`{text}` names no service before the `/`")
        if slash and Scope.DOWNLOAD in scopes_of[fault]:
            raise ValueError(f"`{name}` meets files, whichever service they are of: write `{name}={when}`")
        scope, colon, rest = when.rpartition(":")
        scopes = _scopes(fault, scope) if colon else scopes_of[fault]
        if rest.startswith("#"):
            numbers = tuple(_number(part, text) for part in rest.split(","))
            return FaultRule(fault, scopes, numbers=numbers, service=service)
        return FaultRule(fault, scopes, probability=_probability(rest, text), service=service)

    def __str__(self) -> str:
        scope = f"{self.scopes[0]}:" if self.scopes != scopes_of[self.fault] else ""
        when = ",".join(f"#{number}" for number in self.numbers) if self.numbers else f"{self.probability:g}"
        place = f"{self.service}/" if self.service else ""
        return f"{place}{self.fault}={scope}{when}"

    def strikes(self, seed: int, scope: Scope, number: int) -> bool:
        """Whether this rule meets the request of that number in that scope; its own service's where it has one."""
        if scope not in self.scopes:
            return False
        if self.numbers:
            return number in self.numbers
        return self.probability > 0 and draw(seed, f"{self.fault}/{scope}", number) < self.probability


def draw(seed: int, name: str, number: int) -> float:
    """A number in [0, 1) that depends on nothing but its arguments."""
    digest = hashlib.blake2b(f"{seed}/{name}/{number}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


class FaultBook:
    """Counts requests by scope, says which faults meet each, and remembers what struck."""

    def __init__(self, rules: Iterable[FaultRule], seed: int) -> None:
        self._rules = tuple(rules)
        self._seed = seed
        self._requests: Counter[Scope] = Counter()
        self._of_service: Counter[tuple[str, Scope]] = Counter()
        self._struck: Counter[Fault] = Counter()

    def meet(self, scope: Scope, service: str = "") -> frozenset[Fault]:
        """The faults that meet the next request of a scope; the caller says with `struck` which it acted on."""
        self._requests[scope] += 1
        self._of_service[service, scope] += 1
        numbers = {service: self._of_service[service, scope], "": self._requests[scope]}
        met = {
            rule.fault
            for rule in self._rules
            if rule.service in numbers and rule.strikes(self._seed, scope, numbers[rule.service])
        }
        if self._struck[Fault.UNAUTHORIZED_ONCE]:
            met.discard(Fault.UNAUTHORIZED_ONCE)
        return frozenset(met)

    def struck(self, fault: Fault) -> None:
        """Records that a fault was acted on."""
        self._struck[fault] += 1

    def to_json(self) -> dict[str, object]:
        """`{"struck": {fault: count}, "requests": {scope: count}}`."""
        return {
            "struck": {str(fault): self._struck[fault] for fault in Fault if self._struck[fault]},
            "requests": {str(scope): self._requests[scope] for scope in Scope},
        }


def _scopes(fault: Fault, name: str) -> tuple[Scope, ...]:
    scope = Scope(name) if name in Scope.__members__.values() else None
    if scope not in scopes_of[fault] or scope is None:
        raise ValueError(
            f"`{fault}` cannot strike in `{name}`; it strikes in {', '.join(f'`{s}`' for s in scopes_of[fault])}"
        )
    return (scope,)


def _number(text: str, whole: str) -> int:
    if not text.startswith("#") or not text[1:].isdecimal() or int(text[1:]) < 1:
        raise ValueError(f"`{whole}` names no request: write numbers from 1 as `#3` or `#3,#5`")
    return int(text[1:])


def _probability(text: str, whole: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise ValueError(f"`{whole}` has no probability from 0 to 1")
    return value
