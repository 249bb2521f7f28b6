"""A quote with prices that a service itself tells: asked once for what is alike, without files and without paying."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from kling_pipe.api.asking import quoted_by_services
from kling_pipe.api.options import Options
from kling_pipe.plan.quote import StepQuote
from tests.roads.test_never_twice import board, every_road

pytestmark = pytest.mark.anyio
steps = """\
  boat: {kind: text-to-image, model: kling-v2-1, prompt: A boat}
  ship: {kind: text-to-image, model: kling-v2-1, prompt: A ship}
  clip: {kind: image-to-video, model: kling-v3, image: steps.boat, prompt: Waves}
"""


async def asked(folder: Path, provider: str = "picsart", project: str = "") -> tuple[dict[str, StepQuote], list[str]]:
    """The steps as they are quoted, and the paths that were called."""
    calls: list[str] = []

    def note(method: str, path: str) -> None:
        calls.append(f"{method} {path}")

    if project:
        (folder / "kling-pipe.yaml").write_text(project)
    with every_road(folder) as studio:
        studio.write(board("kling", steps))
        studio.answer(note)
        found = await quoted_by_services(
            str(studio.path), Options(simulate=True, provider=provider), studio.world, every=False
        )
        assert studio.bills == 0
    return dict(found.quote.roads[0].steps), calls


async def test_a_service_is_asked_once_for_what_is_alike(tmp_path: Path) -> None:
    found, calls = await asked(tmp_path)
    assert [call.rpartition("/")[2] for call in calls] == ["options", "options"]
    assert all(step.cost.units and step.cost.units[0][0] == "credits" for step in found.values())
    assert found["boat"].cost == found["ship"].cost


async def test_what_credits_cost_makes_money_of_them(tmp_path: Path) -> None:
    found, _ = await asked(tmp_path, project="project: 1\nprices: {units_usd: {credits: 0.01}}\n")
    ((_, amount),) = found["clip"].cost.units
    assert (found["clip"].cost.usd, found["clip"].exact) == (amount * Decimal("0.01"), True)
    assert found["clip"].sources == ("the service's own answer",)


async def test_a_service_without_such_a_question_is_left_alone(tmp_path: Path) -> None:
    found, calls = await asked(tmp_path, "kling")
    assert (calls, found["clip"].sources) == ([], ("Kling API reference, sure",))
