"""What a member was made as before, by another recipe: stale but usable, and current where somebody accepted it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from kling_pipe.plan.plan import Former, Planned, Standing, bought_standings


def is_accepted(member: Planned, former: Former) -> bool:
    """Whether somebody said that the old takes stand in for this very recipe, and the picked one is there."""
    return bool(member.recipe) and former.stands_for == member.recipe and is_usable(member, former)


def is_usable(member: Planned, former: Former) -> bool:
    """Whether the picked take is there, and is of the type that the step makes."""
    picked = former.artifacts.get(member.step.pick)
    return picked is not None and picked.of_type(member.makes) is not None


def kept(member: Planned, former: Former) -> Planned:
    """The member as it was made before."""
    return replace(
        member,
        standing=Standing.CURRENT,
        reason=f"kept as it was made before, accepted on {former.accepted}",
        artifacts=former.artifacts,
        accepted=former.accepted,
        former=former,
        coming=(),
        meant=(),
        remains={},
    )


def with_former(member: Planned, former: Former | None, parts: Sequence[str]) -> Planned:
    """The member with what it was made as before, and with the parts of its recipe that changed since."""
    fresh = member.standing is Standing.MISSING and not member.artifacts and not member.meant
    change = f"{', '.join(_changed(member, part) for part in parts)} changed" if parts else ""
    if former is None or _is_same_recipe(member, former) or member.standing not in bought_standings:
        return replace(member, reason=f"{change} since it was made") if change and fresh else member
    member = replace(member, former=former)
    if not is_usable(member, former):
        return replace(member, reason=f"{change} since it was made") if change and fresh else member
    since = f"since it was made on {former.date}" if former.date else "since it was made"
    if fresh:
        return replace(member, standing=Standing.STALE, reason=f"{change or 'its recipe changed'} {since}")
    return member


def _changed(member: Planned, part: str) -> str:
    """A part that changed; of the provider, from which to which, as everything is bought again on another."""
    return f"`provider: {member.made_on} → {member.provider}`" if part == "provider" and member.made_on else f"`{part}`"


def whole_reason(member: Planned) -> str:
    """The member's reason, and of one that waits whether it was made before."""
    if member.standing is Standing.PENDING and member.former is not None:
        road = f" on `{member.made_on}`" if member.made_on else ""
        return f"{member.reason}; it was made before{road}{f', on {member.former.date}' if member.former.date else ''}"
    return member.reason


def _is_same_recipe(member: Planned, former: Former) -> bool:
    return any(artifact.key in member.keys for artifact in former.artifacts.values())


def stale_words(members: Iterable[Planned], most: int = 10) -> tuple[str, ...]:
    """A sentence for each stale member that a run makes anew; of many the first ones, and how many more."""
    stale = [member for member in members if member.standing is Standing.STALE]
    words = [
        f"`{member.address}` is stale: {member.reason}; it is made anew for {_price(member)}, unless"
        " `kling-pipe accept` keeps it as it is"
        for member in stale[:most]
    ]
    more = [f"and {len(stale) - most} more are stale"] if len(stale) > most else []
    return (*words, *more)


def begun_words(members: Iterable[Planned]) -> tuple[str, ...]:
    """A sentence for each provider that has tasks, or may, for members that a run buys on another."""
    several: dict[tuple[str, bool], list[str]] = {}
    for member in members:
        if member.begun_on:
            several.setdefault((member.begun_on, member.in_doubt), []).append(member.address)
    return tuple(
        f"{', '.join(f'`{name}`' for name in names)}: {'in doubt' if in_doubt else 'under way'} on `{provider}`, and"
        f" bought on another road all the same; `--provider` with the one before"
        f" {'and `kling-pipe settle` end the doubt' if in_doubt else 'goes on with it'}"
        for (provider, in_doubt), names in several.items()
    )


def _price(member: Planned) -> str:
    if member.price is None:
        return "a price nobody knows"
    return f"{'' if member.price.exact else 'about '}{member.price.cost}"
