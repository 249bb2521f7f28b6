"""What a plan comes to by step, model and deliverable: every part counted once, and the parts make the whole."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_pipe.api.options import Options
from kling_pipe.api.planning import plan
from kling_pipe.plan.plan import Plan, Standing
from kling_pipe.plan.sharing import Shares
from kling_pipe.plan.totals import Sum, Totals
from kling_pipe.story.storyboard import Delivery, StepOutput
from kling_pipe.values.span import Span
from tests.chances import examples
from tests.run.paper_plan import plan_of

film = """storyboard: 1
variants: {locale: [en, de], ratio: [9:16, 16:9]}
defaults:
  image-to-video: {model: kling-v2-5-turbo}
steps:
  hero: {kind: text-to-image, prompt: a boat, takes: 12}
  frame: {kind: image-to-image, image: steps.hero, prompt: closer, aspect_ratio: "${{ variant.ratio }}"}
  same: {kind: image-to-image, image: steps.hero, prompt: closer, aspect_ratio: 16:9}
  clip: {kind: image-to-video, image: steps.frame, prompt: "say ${{ variant.locale }}"}
  end: {kind: image-to-video, image: steps.same, prompt: pan}
deliver:
  out/clip-${{ variant.locale }}-${{ variant.ratio }}.mp4: steps.clip
  out/end.mp4: steps.end
"""


def told(one: Sum) -> str:
    return f"{one.tasks} tasks, {one.takes} takes, {one.cost}"


def test_shared_work_counts_once_in_the_whole_and_in_each_deliverable(tmp_path: Path) -> None:
    (tmp_path / "film.yaml").write_text(film)
    found = plan(str(tmp_path / "film.yaml"), Options(simulate=True)).plan
    totals = Totals.of(found)
    assert told(totals.whole) == "9 tasks, 19 takes, 1.44 USD (112 image units + 7.5 video units)"
    assert {step: told(one) for step, one in totals.steps.items()} == {
        "hero": "2 tasks, 12 takes, 0.336 USD (96 image units)",  # one task makes nine
        "frame": "2 tasks, 2 takes, 0.056 USD (16 image units)",
        "same": "0 tasks, 0 takes, 0.00 USD",  # what `frame` makes
        "clip": "4 tasks, 4 takes, 0.84 USD (6 video units)",
        "end": "1 tasks, 1 takes, 0.21 USD (1.5 video units)",
    }
    assert {model: told(one) for model, one in totals.models.items()} == {
        "kling-v3": "4 tasks, 14 takes, 0.392 USD (112 image units)",
        "kling-v2-5-turbo": "5 tasks, 5 takes, 1.05 USD (7.5 video units)",
    }
    alone = "4 tasks, 14 takes, 0.574 USD (104 image units + 1.5 video units)"
    assert [told(one) for one in totals.deliveries] == [alone] * 5  # `same` is made for `end` where it is alone


@given(st.lists(st.sampled_from(["image x{}", "video x{}", 'image x{} "same"']), min_size=1, max_size=7), st.data())
@examples(25)
def test_the_parts_make_the_whole(kinds: list[str], data: st.DataObject) -> None:
    found = drawn(kinds, data)
    totals = Totals.of(found)
    for parts in (totals.steps, totals.models):
        assert sum(parts.values(), Sum()) == totals.whole
    bought = [member for member in found.members.values() if member.standing is not Standing.CURRENT]
    assert totals.whole.members == len(bought)
    assert totals.whole.stale == sum(member.standing is Standing.STALE for member in bought)
    for (_, address), alone in zip(found.deliveries, totals.deliveries, strict=True):
        own = sum((cost.usd for cost in Shares(found.members).costs([address]).values()), Decimal(0))
        assert own <= alone.cost.usd <= totals.whole.cost.usd


def drawn(kinds: list[str], data: st.DataObject) -> Plan:
    """A plan of steps wired at random, some of them made or stale, and each of them delivered."""
    lines: list[str] = []
    for number, kind in enumerate(kinds):
        above = data.draw(st.lists(st.sampled_from(range(number)), max_size=2, unique=True)) if number else []
        wires = f" < {' '.join(f's{one}' for one in above)}" if above else ""
        lines.append(f"s{number}: {kind.format(data.draw(st.integers(1, 11)))}{wires}")
    paper = plan_of(*lines)
    standings = st.sampled_from((Standing.CURRENT, Standing.MISSING, Standing.STALE, Standing.RETRY))
    members = {address: replace(member, standing=data.draw(standings)) for address, member in paper.members.items()}
    at = Span("story.yaml", 1, 1)
    deliveries = tuple((Delivery(f"out/{address}", StepOutput(address), at), address) for address in members)
    return replace(paper, members=members, deliveries=deliveries)


@pytest.mark.parametrize("made", [True, False])
def test_what_is_made_costs_nothing_again(made: bool) -> None:
    paper = plan_of("a: image", "b: video < a")
    standing = Standing.CURRENT if made else Standing.MISSING
    members = {"a": replace(paper.members["a"], standing=standing), "b": paper.members["b"]}
    delivery = Delivery("out/b.mp4", StepOutput("b"), Span("story.yaml", 1, 1))
    totals = Totals.of(replace(paper, members=members, deliveries=((delivery, "b"),)))
    cost = members["b"].take_cost if made else members["a"].take_cost + members["b"].take_cost
    assert [one.cost for one in (totals.whole, *totals.deliveries)] == [cost, cost]
    assert (totals.whole.exact, bool(cost)) == (True, True)
