"""Roads: the profiles by which a step may be made, and what is known of them beyond their catalogues."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kling_pipe.errors import Problem, Severity
from kling_pipe.plan.catalogue import Catalogue, Settled
from kling_pipe.story.storyboard import Step


def _always(_step: Step, _settled: Settled, _local: Sequence[str]) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Road:
    """One profile with its provider type and catalogue. `travels` says whether its adapter has a way for a step of
    which some wired fields hold what is only here; `own_models` are those that the profile names an id for, by `MODEL`
    or `KIND/MODEL`."""

    profile: str
    provider: str
    catalogue: Catalogue
    allow_unknown: bool = False
    travels: Callable[[Step, Settled, Sequence[str]], bool] = _always
    own_models: Collection[str] = ()

    def settle(self, step: Step) -> Settled | None:
        """The step as its model is asked on this road."""
        return self.catalogue.settle(step, allow_unknown=self.allow_unknown or is_named(step, self.own_models))

    def has_way(self, step: Step, local: Sequence[str]) -> bool:
        """Whether it makes a step as it is, its files aside, and has a way for what is only here."""
        settled = self.settle(step)
        wrong = self.catalogue.check(step, settled)
        is_able = not any(problem.severity is Severity.ERROR for problem in wrong)
        return settled is not None and is_able and self.travels(step, settled, local)


def is_named(step: Step, own_models: Collection[str]) -> bool:
    """Whether a profile names an id for a step's model, so that it is taken though the catalogue does not know it."""
    return step.model in own_models or f"{step.kind}/{step.model}" in own_models


@dataclass(frozen=True, slots=True)
class Closed:
    """What a road has refused for good: a product whose pack is used up, everything where no product is named, or where
    `model` is, that model for a step kind."""

    profile: str
    product: str
    kind: str = ""
    model: str = ""

    def holds_for(self, profile: str, settled: Settled) -> bool:
        """Whether a step on a road meets this refusal."""
        if profile != self.profile or self.product not in ("", settled.product):
            return False
        return not self.model or (settled.kind, settled.model) == (self.kind, self.model)


@dataclass(frozen=True, slots=True)
class Choices:
    """What decides beside the order of a list: `held` are members of which something is made or under way on a road,
    `unfit` those whose request cannot travel on one, with the problem, `closed` what a run was refused."""

    held: Mapping[str, str] = field(default_factory=dict)  # profile by address
    unfit: Mapping[str, Mapping[str, Problem]] = field(default_factory=dict)  # by address and profile
    closed: tuple[Closed, ...] = ()

    def is_open(self, address: str, profile: str, settled: Settled) -> bool:
        """Whether a road may still be taken for a step."""
        if profile in self.unfit.get(address, ()):
            return False
        return not any(closed.holds_for(profile, settled) for closed in self.closed)

    def with_more(self, other: Choices) -> Choices:
        """Both together, of which the other knows better."""
        unfit = {address: {**self.unfit.get(address, {}), **found} for address, found in other.unfit.items()}
        return Choices({**self.held, **other.held}, {**self.unfit, **unfit}, (*self.closed, *other.closed))


no_choices = Choices()


@dataclass(frozen=True, slots=True)
class Verdict:
    """A step on a road: how it is asked for there, and what is wrong with that."""

    road: Road
    settled: Settled | None
    problems: tuple[Problem, ...]

    @property
    def is_able(self) -> bool:
        """Whether the road makes the step as it is."""
        return self.settled is not None and not any(one.severity is Severity.ERROR for one in self.problems)


Judge = Callable[[Road], Verdict]


def chosen(step: Step, roads: Sequence[Road], judge: Judge, choices: Choices) -> Verdict:
    """The road that a step of several takes: the one that holds something of it, else the first that is able and open,
    else the first that is able. Where none is, the problems of each are told."""
    held = choices.held.get(step.address)
    for road in roads:
        if road.profile == held and (found := judge(road)).settled is not None:
            return found
    verdicts: list[Verdict] = []
    for road in roads:
        verdict = judge(road)
        if verdict.is_able and verdict.settled and choices.is_open(step.address, road.profile, verdict.settled):
            return verdict
        verdicts.append(verdict)
    able = next((verdict for verdict in verdicts if verdict.is_able), None)
    if able is not None:
        return able
    first = next((verdict for verdict in verdicts if verdict.settled is not None), verdicts[0])
    return replace(first, problems=tuple(told for verdict in verdicts for told in on_road(verdict)))


def on_road(verdict: Verdict) -> tuple[Problem, ...]:
    """The errors of a verdict, each with the road that it is about."""
    name = verdict.road.profile
    return told_on(name, (problem for problem in verdict.problems if problem.severity is Severity.ERROR))


def told_on(profile: str, problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Problems with the road that they are about."""
    return tuple(replace(problem, message=f"on `{profile}`: {problem.message}") for problem in problems)


def with_able(problems: Sequence[Problem], able: Sequence[str]) -> tuple[Problem, ...]:
    """The problems, the first error among them with the roads that make the step as it is."""
    place = next((at for at, problem in enumerate(problems) if problem.severity is Severity.ERROR), None)
    if place is None or not able:
        return tuple(problems)
    problem = problems[place]
    hint = _joined(problem, able_words(able))
    return (*problems[:place], replace(problem, hint=hint), *problems[place + 1 :])


def _joined(problem: Problem, able: str) -> str:
    """The hint with the roads. A guess at what was meant comes last; of a model that others know, not at all."""
    if not problem.hint or problem.code == "unknown-model":
        return able
    return f"{able}; or {problem.hint}" if problem.hint.endswith("?") else f"{problem.hint}; {able}"


def able_words(able: Sequence[str]) -> str:
    """``the provider `NAME` makes this step as it is``."""
    names = [f"`{name}`" for name in able]
    if len(names) == 1:
        return f"the provider {names[0]} makes this step as it is"
    return f"the providers {', '.join(names[:-1])} and {names[-1]} make this step as it is"
