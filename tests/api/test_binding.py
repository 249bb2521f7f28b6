"""A plan on paper is carried out as it stands; what has drifted is named before anything is sent."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from kling_pipe import __version__
from kling_pipe.api.binding import plan_on_paper, read_paper
from kling_pipe.api.choosing import accept, pick
from kling_pipe.api.options import Options
from kling_pipe.api.running import StopSwitch
from kling_pipe.errors import Refused, UsageFailure
from kling_pipe.events import Event, RunEnded
from kling_pipe.plan.bound import PaperPlan, bound_from_json, bound_to_json
from kling_pipe.values.money import Cost
from tests.api.small_world import Studio, studio_in
from tests.edge.plain_picture import png

story = """\
storyboard: 1
name: boats
inputs: {quay: quay.png}
defaults:
  image-to-image: {model: kling-v3}
steps:
  boat: {kind: text-to-image, model: kling-v3, prompt: A small boat on a calm sea, takes: 2}
  night: {kind: image-to-image, image: steps.boat, prompt: The same boat at night}
  shore: {kind: image-to-image, image: inputs.quay, prompt: A quay in the rain}
deliver:
  out/night.png: steps.night
  out/shore.png: steps.shore
"""
simulated = Options(simulate=True)
pytestmark = [pytest.mark.anyio, pytest.mark.slow]


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    with studio_in(tmp_path) as found:
        (tmp_path / "quay.png").write_bytes(png(640, 640, shade=90))
        found.write(story)
        yield found


def paper(studio: Studio) -> PaperPlan:
    path = studio.folder / "plan.json"
    plan_on_paper(str(studio.path), simulated, str(path))
    found = read_paper(str(path))
    assert found is not None
    return found


async def carried_out(studio: Studio, plan: PaperPlan, stop: StopSwitch | None = None) -> RunEnded:
    return await studio.run(paper=plan, stop=stop)


async def refused(studio: Studio, plan: PaperPlan) -> list[str]:
    """What a run of the plan is refused for; nothing is sent and nothing told."""
    bills = studio.bills
    with pytest.raises(Refused) as raised:
        await carried_out(studio, plan)
    assert (raised.value.exit_code, studio.bills, studio.heard) == (3, bills, [])
    again = f"kling-pipe plan {studio.path} --simulate -o {studio.folder / 'plan.json'}"
    assert again in raised.value.problems[-1].hint
    return [problem.message for problem in raised.value.problems]


def test_a_plan_is_the_same_when_it_is_read_again(studio: Studio) -> None:
    written = paper(studio).bound
    assert bound_from_json(json.loads(json.dumps(bound_to_json(written)))) == written
    assert (written.version, written.realm, written.storyboard) == (__version__, "simulated", "story.yaml")
    assert [(job.member, job.takes, len(job.keys), str(job.cost.usd)) for job in written.jobs] == [
        ("boat", (1, 2), 2, "0.056"), ("night", (1,), 0, "0.028"), ("shore", (1,), 1, "0.028"),
    ]  # fmt: skip


async def test_what_is_carried_out_is_what_was_planned_and_again_costs_nothing(studio: Studio) -> None:
    written = paper(studio)
    first = await carried_out(studio, written)
    assert (first.exit_code, studio.bills, first.spent) == (0, len(written.bound.jobs), written.bound.estimate)
    again = await carried_out(studio, written)  # the lock that the first run wrote is no drift
    assert (again.exit_code, studio.bills, again.current) == (0, 3, 3)


async def test_a_run_that_was_stopped_is_gone_on_with_and_never_passes_the_plan(studio: Studio) -> None:
    written, stop = paper(studio), StopSwitch()

    def stop_once(event: Event) -> None:
        if event.name == "submitted":
            stop.stop()

    studio.on_event = stop_once
    assert (await carried_out(studio, written, stop)).exit_code == 130
    studio.on_event = lambda _event: None
    assert studio.bills < 3
    ended = await carried_out(studio, written)
    assert (ended.exit_code, studio.bills) == (0, 3)


listed = "0.028 USD (8 image units) by Kling API reference, likely of 2026-09-20"
dearer = "0.0288 USD (8 image units) by Kling API reference, likely; a unit by kling-pipe.yaml:1 of 2026-09-20"
changes: dict[str, tuple[Callable[[Studio], object], list[str]]] = {
    "a prompt": (
        lambda studio: studio.write(story.replace("calm sea", "rough sea")),
        ["`story.yaml` was changed: sha256 X was planned, it is Y now",
         '`boat: prompt`: "A small boat on a calm sea" was planned, it is "A small boat on a rough sea" now'],
    ),
    "a comment": (
        lambda studio: studio.write(story + "# nothing else\n"),
        ["`story.yaml` was changed: sha256 X was planned, it is Y now"],
    ),
    "a step more": (
        lambda studio: studio.write(story.replace("deliver:", "  dawn: {kind: text-to-image, prompt: x}\ndeliver:")),
        ["`story.yaml` was changed: sha256 X was planned, it is Y now",
         "`dawn` is new since the plan was made",
         "the run would cost 0.14 USD (40 image units) now, and 0.112 USD (32 image units) was planned"],
    ),
    "takes": (
        lambda studio: studio.write(story.replace("takes: 2", "takes: 3")),
        ["`story.yaml` was changed: sha256 X was planned, it is Y now",
         "`boat: takes`: 2 was planned, it is 3 now",
         "the run would cost 0.14 USD (40 image units) now, and 0.112 USD (32 image units) was planned"],
    ),
    "bytes of an input": (
        lambda studio: (studio.folder / "quay.png").write_bytes(png(640, 640, shade=9)),
        ["the input `quay.png` was changed: sha256 X was planned, it is Y now",
         '`shore: image`: "sha256:X" was planned, it is "sha256:Y" now'],
    ),
    "a price": (
        lambda studio: (studio.folder / "kling-pipe.yaml").write_text(
            "prices: {as_of: 2026-11-01, kling-v3: {text-to-image: 0.02 USD}}\n"),
        ["`kling-pipe.yaml` is new since the plan was made",
         f"`boat: the price of a take`: {listed} was planned, it is 0.02 USD by kling-pipe.yaml:1 of 2026-11-01 now"],
    ),
    "a dearer unit": (
        lambda studio: (studio.folder / "kling-pipe.yaml").write_text('prices: {units_usd: {image: "0.0036"}}\n'),
        ["`kling-pipe.yaml` is new since the plan was made",
         *(f"`{name}: the price of a take`: {listed} was planned, it is {dearer} now"
           for name in ("boat", "night", "shore")),
         "the run would cost 0.1152 USD (32 image units) now, and 0.112 USD (32 image units) was planned"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", changes)
async def test_what_changed_is_named_and_nothing_is_bought(studio: Studio, name: str) -> None:
    change, told = changes[name]
    written = paper(studio)
    change(studio)
    assert [without_digests(line) for line in await refused(studio, written)] == told


def without_digests(line: str) -> str:
    letters = iter("XY")
    return re.sub(r"\b[0-9a-f]{12,}…?", lambda _: next(letters), line)


async def test_a_lock_that_says_otherwise_is_named(studio: Studio) -> None:
    await studio.run()
    written = paper(studio)
    pick(str(studio.path), "boat", 2, simulated)
    told = await refused(studio, written)
    assert told[:2] == [
        "`boat: pick`: 1 was planned, it is 2 now",
        '`night: image`: "boat.takes[1]" was planned, it is "boat.takes[2]" now',
    ]
    assert "`story.simulated.lock.yaml: pick of boat`: nothing was planned, it is 2 now" in told


async def test_a_lock_that_is_gone_is_named(studio: Studio) -> None:
    await studio.run()
    written = paper(studio)
    (studio.folder / "story.simulated.lock.yaml").unlink()
    told = await refused(studio, written)
    assert [line.partition(": ")[0] for line in told] == ["`story.simulated.lock.yaml"] * 4


async def test_a_stale_one_that_is_made_anew_with_fewer_takes_is_no_drift_of_its_own_plan(studio: Studio) -> None:
    """The run takes out of the lock what was made by the old recipe."""
    await studio.run()
    studio.write(story.replace("calm sea, takes: 2", "rough sea"))
    written = paper(studio)
    assert [(job.member, job.takes) for job in written.bound.jobs] == [("boat", (1,)), ("night", (1,))]
    assert (await carried_out(studio, written)).exit_code == 0
    assert (await carried_out(studio, written)).current == 3
    assert studio.bills == 5


async def test_what_was_accepted_meanwhile_is_named(studio: Studio) -> None:
    await studio.run()
    studio.write(story.replace("at night", "at dusk"))
    written = paper(studio)
    accept(str(studio.path), "night", simulated)
    assert [line.partition("`: ")[0] for line in await refused(studio, written)] == [
        "`story.simulated.lock.yaml: accepted of night",
    ]  # fmt: skip


async def test_what_would_have_to_be_bought_again_is_no_part_of_the_plan(studio: Studio) -> None:
    await studio.run()
    studio.write(story.replace("at night", "at dusk"))
    written = paper(studio)
    assert [job.member for job in written.bound.jobs] == ["night"]
    studio.lose("ledger.db", "ledger.db-wal", "ledger.db-shm", "artifacts.jsonl", "objects")
    told = await refused(studio, written)
    assert [line for line in told if "would buy" in line] == [
        "`boat` would buy takes 1, 2, which the plan did not: not made yet",
        "`shore` would buy take 1, which the plan did not: not made yet",
    ]
    assert told[-1] == "the run would cost 0.112 USD (32 image units) now, and 0.028 USD (8 image units) was planned"


async def test_another_version_carries_out_no_plan(studio: Studio) -> None:
    plan = paper(studio)
    written = replace(plan, bound=replace(plan.bound, version="0.0.9"))
    assert await refused(studio, written) == [
        f"`kling-pipe`: version 0.0.9 was planned, it is version {__version__} now"
    ]


async def test_a_cheaper_plan_by_hand_is_no_plan(studio: Studio) -> None:
    plan, less = paper(studio), Cost(Decimal("0.01"), (("image", Decimal(1)),))
    written = replace(plan, bound=replace(plan.bound, estimate=less))
    assert await refused(studio, written) == [
        "the run would cost 0.112 USD (32 image units) now, and 0.01 USD (1 image units) was planned"
    ]
    path = studio.folder / "plan.json"
    path.write_text(path.read_text().replace('"usd": "0.112"', '"usd": "0.012"'))
    with pytest.raises(UsageFailure) as raised:
        read_paper(str(path))
    assert raised.value.code == "plan-damaged"


@pytest.mark.parametrize("cut", [0.1, 0.5, 0.99])
def test_a_plan_that_was_cut_off_is_no_storyboard(studio: Studio, cut: float) -> None:
    paper(studio)
    path = studio.folder / "plan.json"
    text = path.read_text()
    path.write_text(text[: int(len(text) * cut)])
    with pytest.raises(UsageFailure) as raised:
        read_paper(str(path))
    assert raised.value.code == "plan-damaged"


def test_nothing_but_a_plan_is_replaced_by_one(studio: Studio) -> None:
    paper(studio)
    paper(studio)  # an earlier plan is
    for name in ("story.yaml", "quay.png"):
        with pytest.raises(UsageFailure) as raised:
            plan_on_paper(str(studio.path), simulated, str(studio.folder / name))
        assert raised.value.code in ("in-the-way", "not-utf-8")
    assert studio.path.read_text() == story


def test_a_plan_away_from_its_storyboard_says_where_it_looks(studio: Studio, tmp_path: Path) -> None:
    paper(studio)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "plan.json").write_bytes((studio.folder / "plan.json").read_bytes())
    with pytest.raises(UsageFailure) as raised:
        read_paper(str(elsewhere / "plan.json"))
    assert raised.value.code == "file-missing"
