"""From a planned member to what a provider is asked for: its recipe, and the job of some of its takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kling_pipe.plan.plan import Planned
from kling_pipe.plan.recipe import Recipe, key_of
from kling_pipe.values.job import Job, Material


def recipe_of(member: Planned, materials: Sequence[Material]) -> Recipe:
    """The member's recipe with these bytes in its wired fields."""
    return Recipe.of(
        member.kind, member.realm, member.provider, member.model, member.parameters, materials, member.step.extra
    )


def materials_of(member: Planned) -> tuple[Material, ...]:
    """What fills the wired fields of a member whose sources are all known."""
    materials = []
    for source in member.sources:
        assert source.facts is not None
        materials.append(Material(source.wire.field, source.digest, source.facts, source.select))
    return tuple(materials)


def job_of(
    member: Planned, storyboard: str, recipe: str, materials: tuple[Material, ...], takes: tuple[int, ...]
) -> Job:
    """The job that one task of these takes is, at its first attempt."""
    return Job(
        member=member.address, storyboard=storyboard, kind=member.kind, model=member.model, realm=member.realm,
        provider=member.provider, profile=member.profile, product=member.product, makes=member.makes,
        parameters=member.parameters, materials=materials, extra=member.step.extra, recipe=recipe, takes=takes,
        keys=tuple(key_of(recipe, take) for take in takes), estimate=member.take_cost * len(takes),
        expected_seconds=member.expected_seconds, route=member.route, timeout=member.step.timeout,
    )  # fmt: skip


def flown_together(takes: Sequence[int], at_once: int) -> Iterator[tuple[int, ...]]:
    """Takes that one task can make together fly together."""
    at_once = max(1, at_once)
    for begin in range(0, len(takes), at_once):
        yield tuple(takes[begin : begin + at_once])
