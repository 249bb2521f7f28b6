"""Which road a step takes: the first that can, the one that has something of it, and what is told where none can."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kling_pipe.api.checking import check
from kling_pipe.api.loading import load
from kling_pipe.api.options import Options
from kling_pipe.api.planning import plan
from kling_pipe.errors import Problem, TextFailure
from kling_pipe.plan.plan import Planned
from tests.edge.plain_picture import png
from tests.roads.barge import TwoRoads, two_roads, two_roads_in
from tests.scenarios.materials import material

pytestmark = pytest.mark.anyio
simulated = Options(simulate=True)
# Of `boat` before there was a second road: what was paid for then is found for ever.
recipe_of_boat = "547f23f65bf0bea62a067874a00072d096685e0a4e4c6e017fe772c4887aae03"
boat = "  boat: {kind: text-to-image, model: kling-v3, prompt: A boat}\n"


@pytest.fixture(autouse=True)
def _two_roads() -> Iterator[None]:
    with two_roads():
        yield


def board(folder: Path, steps: str, head: str = "provider: kling\n") -> str:
    path = folder / "story.yaml"
    path.write_text(f"storyboard: 1\nname: boats\n{head}steps:\n{steps}")
    return str(path)


def taken(path: str, options: Options = simulated) -> dict[str, str]:
    """The road of each member."""
    return {address: member.profile for address, member in plan(path, options).plan.members.items()}


def told(path: str, options: Options = simulated) -> list[str]:
    """The problems of a storyboard, with their hints."""
    return [_line(problem) for problem in check(path, options).problems]


def _line(problem: Problem) -> str:
    return f"{problem.code}: {problem.message} | {problem.hint}"


def test_a_list_stands_for_the_storyboard_the_defaults_and_a_step(tmp_path: Path) -> None:
    steps = boat + boat.replace("boat:", "ship:").replace("}", ", provider: barge}")
    head = "provider: [kling, barge]\ndefaults: {text-to-image: {provider: [barge, kling]}}\n"
    storyboard = load(board(tmp_path, steps, head), simulated).storyboard
    assert storyboard is not None
    assert (storyboard.provider, {name: step.provider for name, step in storyboard.members.items()}) == (
        ("kling", "barge"),
        {"boat": ("barge", "kling"), "ship": ("barge",)},
    )


def test_an_expression_may_say_it(tmp_path: Path) -> None:
    head = "vars: {roads: [barge, kling], first: barge}\nprovider: '${{ vars.roads }}'\n"
    steps = boat + boat.replace("boat:", "ship:").replace("}", ", provider: ['${{ vars.first }}']}")
    assert taken(board(tmp_path, steps, head)) == {"boat": "barge", "ship": "barge"}


def test_names_that_nobody_knows_are_told_where_they_stand(tmp_path: Path) -> None:
    path = board(tmp_path, boat.replace("}", ", provider: [kling, bagre]}"), "provider: kling, barge\n")
    found = check(path, simulated).problems
    assert [(one.code, one.span.line, one.span.column, one.hint) for one in found if one.span is not None] == [
        ("unknown-profile", 3, 11, "write a list: `[kling, barge]`"),
        ("unknown-profile", 5, 82, "did you mean `barge`?"),
    ]


def test_the_first_road_that_can_is_taken(tmp_path: Path) -> None:
    large = boat.replace("boat:", "large:").replace("}", ", resolution: 4k}")
    path = board(tmp_path, boat + large, "provider: [kling, barge]\n")
    assert taken(path) == {"boat": "kling", "large": "barge"}
    assert taken(path, Options(simulate=True, provider="barge,kling")) == {"boat": "barge", "large": "barge"}


def test_what_one_road_cannot_is_told_with_the_roads_that_can(tmp_path: Path) -> None:
    large = boat.replace("}", ", resolution: 4k}")
    assert told(board(tmp_path, large)) == [
        (
            "not-offered: `resolution` of `kling-v3` is one of `1k`, `2k`, not `4k` | `kling-v3-omni` takes it;"
            " the provider `barge` makes this step as it is"
        )
    ]


def test_where_no_road_can_the_errors_of_each_are_told(tmp_path: Path) -> None:
    wrong = boat.replace("kling-v3", "kling-v2-1").replace("}", ", elements: ['1']}")
    assert [line.partition(" | ")[0] for line in told(board(tmp_path, wrong, "provider: [kling, barge]\n"))] == [
        "not-supported: on `kling`: `kling-v2-1` takes no `elements` in `text-to-image`",
        "not-supported: on `barge`: `kling-v2-1` takes no `elements` in `text-to-image`",
    ]


def test_a_key_of_one_road_does_not_change_for_a_list(tmp_path: Path) -> None:
    one = plan(board(tmp_path, boat), simulated).plan.members["boat"]
    listed = plan(board(tmp_path, boat, "provider: [kling, barge]\n"), simulated).plan.members["boat"]
    assert (one.recipe, one.keys) == (listed.recipe, listed.keys)
    assert one.recipe == recipe_of_boat


async def test_what_is_made_on_a_road_stays_there(tmp_path: Path) -> None:
    with two_roads_in(tmp_path) as studio:
        studio.write(_of(boat, "barge"))
        await studio.run()
        studio.write(_of(boat, "[kling, barge]"))
        ended = await studio.run()
        assert (ended.done, ended.current, studio.bills_of) == (0, 1, (0, 1))
        studio.write(_of(boat.replace("}", ", takes: 2}"), "[kling, barge]"))
        await studio.run()
        assert studio.bills_of == (0, 2)


async def test_to_go_back_to_a_road_costs_nothing(tmp_path: Path) -> None:
    with two_roads_in(tmp_path) as studio:
        for provider in ("kling", "barge", "kling"):
            studio.write(_of(boat, provider))
            ended = await studio.run()
        assert (ended.done, studio.bills_of) == (0, (1, 1))


async def test_a_task_under_way_is_waited_for_on_its_road(tmp_path: Path) -> None:
    with two_roads_in(tmp_path, {"durations": 50.0}) as studio:
        studio.write(_of(boat.replace("}", ", timeout: 1}"), "barge"))
        first = await studio.run()
        studio.write(_of(boat, "[kling, barge]"))
        member = planned(studio)
        assert (first.running, member.profile, str(member.standing)) == (1, "barge", "running")


moving = """\
  hero: {kind: element, name: mira, description: A botanist, images: [./mira.png, ./mira.png], ELEMENT}
  clip: {kind: image-to-video, model: kling-v3, image: ./mira.png, elements: [steps.hero], prompt: She turns, CLIP}
"""


def cast(folder: Path, element: str, clip: str) -> str:
    (folder / "mira.png").write_bytes(png(640, 640, shade=90))
    return board(folder, moving.replace("ELEMENT", element).replace("CLIP", clip))


local = """\
  boat: {kind: text-to-image, model: kling-v3, prompt: A dancer}
  dancer: {kind: motion-control, model: kling-v2-6, image: steps.boat, video: ./dance.mp4,
    character_orientation: video}
"""


def test_a_road_that_a_file_has_no_way_on_is_passed_over(tmp_path: Path) -> None:
    """The first takes clips by their address only, and nobody gives this one an address; the second stores them."""
    (tmp_path / "dance.mp4").write_bytes(material("dance.mp4"))
    real = Options()
    path = board(tmp_path, local, "provider: [kling, runware]\n")
    assert taken(path, real) == {"boat": "kling", "dancer": "runware"}
    assert told(path, real) == []
    with pytest.raises(TextFailure) as raised:
        plan(board(tmp_path, local, "provider: [kling, gateway]\n"), real)
    assert [f"{one.code}: {one.message.partition(':')[0]}" for one in raised.value.problems] == [
        "needs-url: on `kling`",
        "kind-not-served: on `gateway`",
    ]
    assert raised.value.problems[0].hint.endswith("the providers `runware` and `picsart` make this step as it is")


def test_an_element_is_taken_where_it_was_made(tmp_path: Path) -> None:
    with pytest.raises(TextFailure) as raised:
        plan(cast(tmp_path, "provider: barge", "provider: kling"), simulated)
    assert [_line(one) for one in raised.value.problems] == [
        (
            "made-elsewhere: `elements[0]` takes what `kling` itself has made, and `hero` is made on `barge` |"
            " give both steps the same `provider`"
        )
    ]
    both = "provider: [kling, barge]"
    assert taken(cast(tmp_path, "provider: barge", both)) == {"hero": "barge", "clip": "barge"}


def _of(steps: str, provider: str) -> str:
    return f"storyboard: 1\nname: boats\nprovider: {provider}\nsteps:\n{steps}"


def planned(studio: TwoRoads) -> Planned:
    return plan(str(studio.path), Options(simulate=True)).plan.members["boat"]
