"""What stands where a deliverable is to be written is found before anything is paid for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kling_pipe.api.options import Options
from kling_pipe.api.planning import plan
from kling_pipe.api.status import status
from kling_pipe.errors import TextFailure
from kling_pipe.events import Undelivered
from tests.api.small_world import Studio, studio_in

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    with studio_in(tmp_path) as found:
        yield found


async def test_a_run_that_would_pay_is_refused_and_so_is_its_plan(studio: Studio) -> None:
    (studio.folder / "out/boat.png").mkdir(parents=True)
    told = []
    for act in (lambda: plan(str(studio.path), Options(simulate=True)), None):
        with pytest.raises(TextFailure) as caught:
            act() if act else await studio.run()
        told.append([(found.code, found.message, found.span and found.span.line) for found in caught.value.problems])
    assert told[0] == told[1] == [("cannot-deliver", "`out/boat.png` cannot be written: a folder stands there", 15)]
    assert studio.bills == 0


async def test_a_file_in_the_place_of_a_folder_is_named_once_for_each_deliverable(studio: Studio) -> None:
    (studio.folder / "out").touch()
    with pytest.raises(TextFailure) as caught:
        await studio.run()
    assert [found.message for found in caught.value.problems] == [
        f"`out/{name}.png` cannot be written: `out` is a file, and a folder is needed" for name in ("boat", "night")
    ]
    assert (studio.bills, status(str(studio.path), Options(simulate=True)).deliveries[0]) == (
        0,
        ("out/boat.png", "missing"),
    )


async def test_where_all_is_paid_for_the_others_are_written(studio: Studio) -> None:
    await studio.run()
    (studio.folder / "out/boat.png").unlink()
    (studio.folder / "out/boat.png").mkdir()
    (studio.folder / "out/night.png").unlink()
    ended = await studio.run()
    assert (ended.exit_code, studio.bills, (studio.folder / "out/night.png").is_file()) == (1, 2, True)
    assert [event.path for event in studio.heard if isinstance(event, Undelivered)] == ["out/boat.png"]
