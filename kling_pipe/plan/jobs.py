"""From a planned member to what a provider is asked for: its recipe, and the job of some of its takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from kling_pipe.plan.plan import Planned
from kling_pipe.plan.recipe import Recipe, key_of
from kling_pipe.values.job import Job, Material

our_prefix = "kp-"  # what every external id of ours begins with


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
        elsewhere=_elsewhere(member, materials, takes),
    )  # fmt: skip


def _elsewhere(member: Planned, materials: tuple[Material, ...], takes: tuple[int, ...]) -> dict[str, tuple[str, ...]]:
    """What the job would be on other roads, without takes that were known to be made there when this was planned."""
    recipes = {other.provider: (recipe_of(other, materials).digest, other.artifacts) for other in member.elsewhere}
    return {
        recipe: tuple(key_of(recipe, take) for take in takes if take not in artifacts)
        for recipe, artifacts in recipes.values()
    }


def possible_jobs(member: Planned, storyboard: str, attempts: int) -> Iterator[Job]:
    """Every job that runs may have made of a member whose recipe is known: takes in a row, beginning with any, as many
    as one task makes, and those that are missing as a run would put them together; each at every attempt."""
    materials = materials_of(member)
    for takes in _groupings(member):
        job = job_of(member, storyboard, member.recipe, materials, takes)
        for attempt in range(1, attempts + 1):
            yield replace(job, attempt=attempt)


def _groupings(member: Planned) -> Iterator[tuple[int, ...]]:
    """More takes may have been asked for once than are now, so a task's last take may lie behind the last one now."""
    at_once, takes = max(1, member.takes_at_once), member.step.takes
    found = dict.fromkeys(flown_together(member.missing_takes, at_once))
    for first in range(1, takes + 1):
        for last in range(first, min(first + at_once - 1, max(takes, at_once)) + 1):
            found[tuple(range(first, last + 1))] = None
    yield from found


def flown_together(takes: Sequence[int], at_once: int) -> Iterator[tuple[int, ...]]:
    """Takes that one task can make together fly together."""
    at_once = max(1, at_once)
    for begin in range(0, len(takes), at_once):
        yield tuple(takes[begin : begin + at_once])
