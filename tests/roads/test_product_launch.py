"""`product-launch.yaml` on every road with nothing changed but `--provider`; what a road cannot do is told before."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from kling_pipe.api.options import Options
from kling_pipe.api.planning import plan
from kling_pipe.errors import Problem, Severity, TextFailure
from tests.api.small_world import Studio
from tests.coverage.reading import root
from tests.roads.test_never_twice import every_road

pytestmark = pytest.mark.anyio
text = (root / "pipelines" / "product-launch.yaml").read_text("utf-8")
steps = ("hero", "summit", "reveal", "story", "runner", "warm_up", "runner_warms_up")
delivered = ["hero.png", "reveal.mp4", "runner.mp4", "story.mp4"]


def refusal(studio: Studio, **options: object) -> tuple[Problem, ...]:
    """What is said where the storyboard cannot be planned."""
    with pytest.raises(TextFailure) as raised:
        plan(str(studio.path), Options(simulate=True, **options))  # type: ignore[arg-type]  # they are its own fields
    return tuple(raised.value.problems)


def billed(studio: Studio) -> dict[str, Decimal]:
    """What each service charged, in its own money or units."""
    sums: dict[str, Decimal] = {}
    for bill in studio.simulation.bills():
        name = f"{bill['service']} {bill['currency']}"
        sums[name] = sums.get(name, Decimal(0)) + Decimal(str(bill["charged"]))
    return sums


def planned(studio: Studio, roads: str, *only: str) -> dict[str, Decimal]:
    """What the plan reckons each service with: money, or units where the service has any."""
    sums: dict[str, Decimal] = {}
    for member in plan(str(studio.path), Options(simulate=True, provider=roads, only=only)).plan.members.values():
        assert member.price is not None
        cost = member.price.cost
        units = sum(dict(cost.units).values(), Decimal(0))
        name, amount = ("units", units) if units else ("USD", cost.usd)
        sums[f"{member.provider} {name}"] = sums.get(f"{member.provider} {name}", Decimal(0)) + amount
    return sums


@pytest.mark.slow
@pytest.mark.parametrize("roads", ["kling", "runware", "gateway,kling"])
async def test_it_is_made_whole_and_costs_what_was_planned(roads: str, tmp_path: Path) -> None:
    with every_road(tmp_path) as studio:
        studio.write(text)
        reckoned = planned(studio, roads)
        ended = await studio.run(provider=roads)
        assert (ended.exit_code, ended.done) == (0, len(steps))
        assert billed(studio) == reckoned
        assert sorted(path.name for path in (tmp_path / "out" / "product-launch").iterdir()) == delivered
        again = await studio.run(provider=roads)
        assert (again.exit_code, again.done, billed(studio)) == (0, 0, reckoned)


@pytest.mark.slow
async def test_it_is_made_whole_where_a_service_counts_in_credits(tmp_path: Path) -> None:
    """They have no price in money; what the run was reckoned with is what it reports."""
    with every_road(tmp_path) as studio:
        studio.write(text)
        reckoned = planned(studio, "picsart")
        ended = await studio.run(provider="picsart")
        assert (ended.exit_code, ended.done, len(studio.simulation.bills())) == (0, len(steps), len(steps))
        assert {"picsart USD": ended.spent.usd} == reckoned
        assert list(billed(studio)) == ["picsart credits"]
        assert sorted(path.name for path in (tmp_path / "out" / "product-launch").iterdir()) == delivered


async def test_a_gateway_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    calls: list[str] = []
    with every_road(tmp_path) as studio:
        studio.write(text)
        studio.answer(lambda method, path: calls.append(f"{method} {path}"))
        told = refusal(studio, provider="gateway")
        with pytest.raises(TextFailure):
            await studio.run(provider="gateway")
        assert (calls, studio.bills) == ([], 0)
    errors = [problem for problem in told if problem.severity is Severity.ERROR]
    assert [(problem.code, problem.message.partition("`")[2].partition("`")[0]) for problem in errors] == [
        ("shots-need-picture", "shots"),
        ("kind-not-served", "gateway"),
    ]
    assert [within(problem) for problem in errors] == ["story", "runner_warms_up"]
    assert all("`kling`, `runware` and `picsart` make this step as it is" in problem.hint for problem in errors)
    assert told[-1] == Problem(
        "only-some-steps",
        "`gateway` makes 5 of the 7 steps",
        None,
        "`--only reveal --only runner --only warm_up` makes what goes there,"
        " `--provider gateway,kling` makes everything",
        Severity.NOTE,
    )


@pytest.mark.slow
async def test_what_goes_on_a_gateway_goes_with_only(tmp_path: Path) -> None:
    """The others are told of, and hinder nobody."""
    only = ("reveal", "runner", "warm_up")
    with every_road(tmp_path) as studio:
        studio.write(text)
        reckoned = planned(studio, "gateway", *only)
        ended = await studio.run(provider="gateway", only=only)
        assert (ended.exit_code, ended.done, billed(studio)) == (0, 5, reckoned)
        # The rest by the list that the refusal named: what is made stays where it was made.
        ended = await studio.run(provider="gateway,kling")
        assert (ended.exit_code, ended.done, sorted(billed(studio))) == (0, 2, ["gateway USD", "kling units"])


async def test_what_is_needed_must_go_too(tmp_path: Path) -> None:
    with every_road(tmp_path) as studio:
        studio.write(text)
        told = refusal(studio, provider="gateway", only=("runner_warms_up", "hero"))
    assert [problem.code for problem in told if problem.severity is Severity.ERROR] == ["kind-not-served"]
    assert told[-1].hint == (
        "`--only hero --only runner --only warm_up` makes what goes there, `--provider gateway,kling` makes everything"
    )


def within(problem: Problem) -> str:
    """The step in whose lines a problem stands."""
    assert problem.span is not None
    lines = text.splitlines()[: problem.span.line]
    return next(line.strip(" :") for line in reversed(lines) if line.strip(" :") in steps)
