"""Whole runs against the simulated gateway: what is paid for is fetched once, and every doubt is left to a person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from kling_pipe.api.options import Options
from kling_pipe.api.settling import Decision, settle
from kling_pipe.errors import UsageFailure
from kling_pipe.events import JobSubmitted
from kling_pipe.providers.gateway.fake import GatewayFake
from kling_pipe.providers.kling.fake import KlingFake
from kling_pipe.simulator.faults import FaultRule
from kling_pipe.simulator.server import application
from kling_pipe.values.money import Cost
from tests.api.small_world import Studio, studio_in

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

board = """\
storyboard: 1
name: shoes
provider: gateway
steps:
  hero: {kind: text-to-image, prompt: A trail shoe, aspect_ratio: 1:1}
  clip: {kind: image-to-video, image: steps.hero, duration: 3, prompt: It turns}
deliver:
  out/hero.png: steps.hero
  out/clip.mp4: steps.clip
"""


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    with studio_in(tmp_path) as found:
        found.world = replace(found.world, app=application(found.simulation, [KlingFake(), GatewayFake()]))
        found.write(board)
        yield found


def meet(studio: Studio, fault: str = "", answers: str = "") -> None:
    """Begins the world anew with a fault, or with another form of answers."""
    faults = (FaultRule.parse(f"gateway/{fault}"),) if fault else ()
    uploads = str(studio.home / "simulated" / "uploads")
    settings = replace(studio.simulation.settings, faults=faults, answers=(("gateway", answers),), uploads=uploads)
    studio.simulation.reset(replace(settings, retry_after=0.01))


async def ends(studio: Studio) -> tuple[int, int, int, int]:
    """How a run ended: made, failed, uncertain, and all bills."""
    ended = await studio.run()
    return ended.done, ended.failed, ended.uncertain, studio.bills


@pytest.mark.parametrize("answers", ["job", "wrapped", "content", "proxy", "b64+openai"])
async def test_a_picture_and_a_clip_are_made_in_every_form_of_answers(studio: Studio, answers: str) -> None:
    meet(studio, answers=answers)
    assert await ends(studio) == (2, 0, 0, 2)
    assert await ends(studio) == (0, 0, 0, 2)
    assert set(studio.out()) == {"hero.png", "clip.mp4"}


@pytest.mark.parametrize("fault", ["lost-after", "error-after", "malformed"])
@pytest.mark.parametrize("create", [1, 2], ids=["picture", "clip"])
async def test_a_lost_answer_is_uncertain_and_never_sent_again(studio: Studio, fault: str, create: int) -> None:
    meet(studio, f"{fault}=create:#{create}")
    first = await ends(studio)
    assert (first[2], first[3]) == (1, create)
    again = await ends(studio)
    assert again == (0, 0, 1, create)


@pytest.mark.parametrize("fault", ["lost-before", "error-before"])
async def test_what_made_nothing_and_does_not_say_so_is_uncertain_too(studio: Studio, fault: str) -> None:
    meet(studio, f"{fault}=create:#2")
    assert (await ends(studio))[2:] == (1, 1)
    settle(str(studio.path), "clip", Decision.RESUBMIT, Options(simulate=True))
    assert await ends(studio) == (1, 0, 0, 2)


async def test_a_lost_job_is_adopted_and_fetched(studio: Studio) -> None:
    meet(studio, "lost-after=create:#2")
    await ends(studio)
    task = str(studio.simulation.bills()[-1]["task_id"])
    assert task.startswith("task_")
    settle(str(studio.path), "clip", Decision.ADOPT, Options(simulate=True), task)
    assert await ends(studio) == (1, 0, 0, 2)
    assert "clip.mp4" in studio.out()


async def test_the_task_of_another_job_is_not_adopted(studio: Studio) -> None:
    meet(studio, "lost-after=create:#2")
    await ends(studio)
    (picture,) = [event.task_id for event in studio.heard if isinstance(event, JobSubmitted)]
    with pytest.raises(UsageFailure, match=r"task-taken: task `.*` is on record as that of `kp-.*` .hero, take 1"):
        settle(str(studio.path), "clip", Decision.ADOPT, Options(simulate=True), picture)


@pytest.mark.parametrize("fault", ["throttled", "throttled-bare", "over-quota"])
async def test_what_surely_made_nothing_goes_again_by_itself(studio: Studio, fault: str) -> None:
    meet(studio, f"{fault}=create:#1,#2,#4")
    assert await ends(studio) == (2, 0, 0, 2)


async def test_what_fails_late_costs_nothing(studio: Studio) -> None:
    meet(studio, "moderated-late=create:#1")
    ended = await studio.run()
    assert (ended.done, ended.failed, ended.uncertain) == (1, 1, 0)
    assert ended.spent == Cost(Decimal("0.028"))


async def test_a_picture_in_bytes_is_put_somewhere_before_a_clip_begins_with_it(studio: Studio) -> None:
    meet(studio, answers="b64")
    await ends(studio)
    lines = studio.told("stored")
    assert sorted(lines) == ["clip stored", "hero stored"]
    assert [event.url for event in studio.heard if event.name == "stored" and event.member == "hero"] == [""]
