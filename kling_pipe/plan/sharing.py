"""Members of one recipe are made once: which of them is charged for a take, and which ones share it.

A member whose key is not known yet has a *shadow*: its recipe with what is above it named by shadow in place of bytes.
Equal shadows become equal recipes, so the plan's total is exact also below what is not made yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from kling_pipe.plan.plan import Planned, Source, bought_standings
from kling_pipe.values.digest import digest_of
from kling_pipe.values.money import Cost


def shared(members: Mapping[str, Planned]) -> dict[str, Planned]:
    """The members, in the same order, each charged only for takes that none before it is charged for."""
    shadows: dict[str, str] = {}
    makers: dict[tuple[str, int], str] = {}
    found: dict[str, Planned] = {}
    for address, member in members.items():
        shadow = shadows[address] = member.recipe or _shadow(member, shadows)
        found[address] = _charged(member, shadow, makers) if member.standing in bought_standings else member
    return found


class Shares:
    """What some members of a plan cost when they alone are made."""

    def __init__(self, members: Mapping[str, Planned]) -> None:
        """`members` in the plan's order."""
        self._members = members
        self._shadows: dict[str, str] = {}
        for address, member in members.items():
            self._shadows[address] = member.recipe or _shadow(member, self._shadows)

    def shadow(self, address: str) -> str:
        """What is equal for two members exactly when their recipes are, or will be."""
        return self._shadows[address]

    def from_scratch(self) -> dict[str, Cost]:
        """What each member costs where nothing is made yet; a take that several share is charged to the first."""
        taken: set[tuple[str, int]] = set()
        found: dict[str, Cost] = {}
        for address, member in self._members.items():
            takes = {(self._shadows[address], take) for take in range(1, member.step.takes + 1)}
            found[address] = member.take_cost * len(takes - taken)
            taken |= takes
        return found

    def costs(self, addresses: Iterable[str]) -> dict[str, Cost]:
        """By address, in this order: a take that several share is charged to the first. Without what is not bought."""
        return {
            address: self._members[address].take_cost * len(takes) for address, takes in self.takes(addresses).items()
        }

    def takes(self, addresses: Iterable[str]) -> dict[str, tuple[int, ...]]:
        """The takes that each is charged for, by the same rule."""
        taken: set[tuple[str, int]] = set()
        found: dict[str, tuple[int, ...]] = {}
        for address in addresses:
            member = self._members[address]
            if member.standing in bought_standings:
                shadow = self._shadows[address]
                found[address] = tuple(take for take in member.bought_takes if (shadow, take) not in taken)
                taken |= {(shadow, take) for take in found[address]}
        return found


def _shadow(member: Planned, shadows: Mapping[str, str]) -> str:
    return digest_of(
        "kling-pipe.shadow",
        {
            "kind": member.kind,
            "realm": str(member.realm),
            "provider": member.provider,
            "model": member.model,
            "parameters": member.parameters,
            "extra": member.step.extra,
            "inputs": {source.wire.field: _named(source, shadows) for source in member.sources},
        },
    )


def _named(source: Source, shadows: Mapping[str, str]) -> list[object]:
    if source.digest or not source.member:
        return [source.digest, source.select]
    return [shadows[source.member], source.take, source.image, source.select, source.part]


def _charged(member: Planned, shadow: str, makers: dict[tuple[str, int], str]) -> Planned:
    takes = member.bought_takes
    others = {makers[shadow, take] for take in takes if (shadow, take) in makers}
    own = [take for take in takes if (shadow, take) not in makers]
    makers.update({(shadow, take): member.address for take in own})
    if not others or member.price is None:
        return member
    price = replace(member.price, cost=member.take_cost * len(own))
    return replace(member, price=price, reason=_reason(others))


def _reason(others: Iterable[str]) -> str:
    return f"shares the takes of {', '.join(f'`{other}`' for other in sorted(others))}, which are paid for once"
