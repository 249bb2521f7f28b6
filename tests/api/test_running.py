"""A run as a library: what is paid once stays paid for once, whatever is lost, changed or stopped."""

from __future__ import annotations

import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from kling_pipe.api import current
from kling_pipe.api.ceilings import caps_of
from kling_pipe.api.options import Options
from kling_pipe.api.planning import plan
from kling_pipe.api.running import StopSwitch, run
from kling_pipe.errors import CredentialFailure, Refused
from kling_pipe.events import Event, Undelivered
from kling_pipe.values.money import Cap, Cost
from tests.api.small_world import Studio, story, studio_in
from tests.edge.plain_picture import png

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    with studio_in(tmp_path) as found:
        yield found


third = """\
  storm:
    kind: image-to-image
    model: kling-v3
    image: steps.night
    prompt: The same boat in a storm
"""


def is_current(studio: Studio) -> bool:
    return current.current_run(["run", str(studio.path), "--simulate"], {}) is not None


def standings(studio: Studio, **options: object) -> dict[str, str]:
    found = plan(str(studio.path), Options(simulate=True, **options)).plan  # type: ignore[arg-type]
    return {address: str(member.standing) for address, member in found.members.items()}


async def test_a_second_run_makes_no_task_and_spends_nothing(studio: Studio) -> None:
    first = await studio.run()
    made = studio.out()
    second = await studio.run()
    assert [(first.exit_code, first.done, str(second.spent)), (second.exit_code, second.current)] == [
        (0, 2, "0.00 USD"), (0, 2),
    ]  # fmt: skip
    assert first.spent.usd > 0
    assert (studio.bills, studio.out(), is_current(studio)) == (2, made, True)


async def test_a_lost_ledger_is_made_good_without_paying(studio: Studio) -> None:
    await studio.run()
    made = studio.out()
    studio.lose("ledger.db", "ledger.db-wal", "ledger.db-shm")
    ended = await studio.run()
    assert (ended.exit_code, str(ended.spent), studio.bills, studio.out()) == (0, "0.00 USD", 2, made)


async def test_a_lost_state_folder_adopts_every_task(studio: Studio) -> None:
    await studio.run()
    made = studio.out()
    studio.lose("ledger.db", "ledger.db-wal", "ledger.db-shm", "artifacts.jsonl", "objects", "runs")
    ended = await studio.run()
    assert (ended.exit_code, studio.bills, studio.out()) == (0, 2, made)
    assert [event.adopted for event in studio.heard if event.name == "submitted"] == [True, True]  # type: ignore[attr-defined]


async def test_a_lost_store_is_fetched_again_without_paying(studio: Studio) -> None:
    await studio.run()
    made = studio.out()
    studio.lose("objects")
    ended = await studio.run()
    assert (ended.exit_code, studio.bills, str(ended.spent), studio.out()) == (0, 2, "0.00 USD", made)


async def test_a_lost_store_is_planned_without_a_price_all_the_way_down(studio: Studio) -> None:
    studio.write(story.replace("deliver:", third + "deliver:"))
    await studio.run()
    studio.lose("objects")
    assert standings(studio) == {"boat": "running", "night": "running", "storm": "running"}
    ended = await studio.run(max_cost=Cap(Decimal(0), "USD"))
    assert (ended.exit_code, studio.bills) == (0, 3)


async def test_one_lost_file_is_fetched_again_alone(studio: Studio) -> None:
    await studio.run()
    lost = next(event.digest for event in studio.heard if event.name == "stored" and event.member == "night")  # type: ignore[attr-defined]
    os.unlink(studio.home / "objects" / lost[:2] / lost[2:])
    assert standings(studio) == {"boat": "current", "night": "running"}
    ended = await studio.run()
    assert (ended.exit_code, studio.bills, studio.told("stored")) == (0, 2, ["night stored"])


async def test_lost_deliverables_are_written_again(studio: Studio) -> None:
    await studio.run()
    made = studio.out()
    (studio.folder / "out" / "boat.png").unlink()
    (studio.folder / "out" / "night.png").write_bytes(b"edited")
    assert not is_current(studio)
    ended = await studio.run()
    assert (ended.exit_code, studio.bills, studio.out()) == (0, 2, made)


async def test_a_changed_prompt_buys_that_step_and_what_is_below(studio: Studio) -> None:
    await studio.run()
    studio.write(story.replace("at night", "at dawn"))
    assert standings(studio) == {"boat": "current", "night": "stale"}
    await studio.run()
    assert studio.bills == 3


async def test_a_renamed_step_costs_nothing(studio: Studio) -> None:
    await studio.run()
    studio.write("# a comment\n" + story.replace("boat:", "ship:").replace("steps.boat", "steps.ship"))
    ended = await studio.run()
    assert (ended.exit_code, studio.bills) == (0, 2)


async def test_more_takes_buy_only_the_missing_ones_and_nothing_below(studio: Studio) -> None:
    await studio.run()
    studio.write(story.replace("    prompt: A small", "    takes: 2\n    prompt: A small"))
    assert standings(studio) == {"boat": "missing", "night": "current"}
    ended = await studio.run()
    assert (ended.exit_code, studio.bills) == (0, 3)


async def test_only_a_step_and_what_it_needs_is_made(studio: Studio) -> None:
    await studio.run(only=("boat",))
    assert (studio.bills, sorted(studio.out())) == (1, ["boat.png"])


async def test_two_steps_that_ask_for_the_same_are_one_task(studio: Studio) -> None:
    twin = story.partition("  night:")[0]
    twin += twin.partition("steps:\n")[2].replace("boat:", "twin:")
    studio.write(twin + "deliver:\n  out/a.png: steps.boat\n  out/b.png: steps.twin\n")
    ended = await studio.run()
    made = studio.out()
    assert (ended.exit_code, ended.done, studio.bills, made["a.png"] == made["b.png"]) == (0, 2, 1, True)


# budgets


@pytest.mark.parametrize("where", ["option", "storyboard", "step", "take", "project"])
async def test_a_budget_that_cannot_hold_refuses_before_spending(studio: Studio, where: str) -> None:
    options = {"max_cost": Cap(Decimal("0.01"), "USD")} if where == "option" else {}
    budgets = {"storyboard": "run", "step": "step", "take": "take"}
    if where in budgets:
        studio.write(story.replace("steps:", f"budget: {{{budgets[where]}: 0.01 USD}}\nsteps:"))
    if where == "project":
        (studio.folder / "kling-pipe.yaml").write_text("project: 1\nbudget: 0.01 USD\n")
    with pytest.raises(Refused) as raised:
        await studio.run(**options)
    assert (raised.value.code, raised.value.exit_code, studio.bills, studio.heard) == ("over-budget", 3, 0, [])


async def test_what_is_there_already_is_not_charged_again(studio: Studio) -> None:
    await studio.run()
    studio.lose("objects")
    ended = await studio.run(max_cost=Cap(Decimal(0), "USD"))
    assert (ended.exit_code, studio.bills) == (0, 2)


# changes and stops while it runs


def once(name: str, act: object) -> object:
    """A listener that acts at the first event of a name."""
    done: list[bool] = []

    def listen(event: Event) -> None:
        if event.name == name and not done:
            done.append(True)
            assert callable(act)
            act()

    return listen


async def test_a_text_that_changed_while_it_ran_is_planned_again(studio: Studio) -> None:
    studio.on_event = once("submitted", lambda: studio.write(story.replace("at night", "at dawn")))  # type: ignore[assignment]
    await studio.run()
    assert not is_current(studio)
    assert standings(studio) == {"boat": "current", "night": "stale"}


async def test_a_project_file_that_appears_while_it_runs_is_read_next_time(studio: Studio) -> None:
    project = studio.folder / "kling-pipe.yaml"
    studio.on_event = once("submitted", lambda: project.write_text("project: 1\n"))  # type: ignore[assignment]
    await studio.run()
    assert not is_current(studio)


with_input = (
    story.partition("  night:")[0]
    .replace("steps:\n", "inputs: {sea: ./sea.png}\nsteps:\n")
    .replace("kind: text-to-image", "kind: image-to-image\n    image: inputs.sea")
    + "deliver:\n  out/boat.png: steps.boat\n  out/sea.png: inputs.sea\n"
)


async def test_an_input_that_changed_while_it_ran_is_looked_at_again(studio: Studio) -> None:
    sea = studio.folder / "sea.png"
    sea.write_bytes(png(400, 400))
    studio.write(with_input)
    studio.on_event = once("submitted", lambda: sea.write_bytes(sea.read_bytes() + b" "))  # type: ignore[assignment]
    ended = await studio.run()
    assert (ended.exit_code, is_current(studio), studio.bills) == (1, False, 1)
    assert [(event.path, event.code) for event in studio.heard if isinstance(event, Undelivered)] == [
        ("out/sea.png", "input-changed")
    ]


async def test_an_input_that_vanished_while_it_ran_is_named(studio: Studio) -> None:
    sea = studio.folder / "sea.png"
    sea.write_bytes(png(400, 400))
    studio.write(with_input)
    studio.on_event = once("submitted", sea.unlink)  # type: ignore[assignment]
    ended = await studio.run()
    told = [event.message for event in studio.heard if isinstance(event, Undelivered)]
    assert (ended.exit_code, studio.bills, len(told), "sea.png" in told[0]) == (1, 1, 1, True)


async def test_a_stopped_run_is_gone_on_with(studio: Studio) -> None:
    switch = StopSwitch()
    studio.on_event = once("submitted", switch.stop)  # type: ignore[assignment]
    stopped = await studio.run(stop=switch)
    studio.on_event = lambda _event: None
    ended = await studio.run()
    assert [stopped.exit_code, ended.exit_code, studio.bills] == [130, 0, 2]


# the world around


async def test_without_credentials_nothing_begins(studio: Studio) -> None:
    with pytest.raises(CredentialFailure) as raised:
        await run(str(studio.path), Options(), studio.heard.append, StopSwitch())
    assert (raised.value.code, raised.value.exit_code, "--simulate" in raised.value.hint) == ("no-credentials", 4, True)
    assert [event.name for event in studio.heard] == []


async def test_a_simulated_picture_never_satisfies_a_real_step(studio: Studio) -> None:
    await studio.run()
    real = plan(str(studio.path), Options()).plan
    assert {str(member.standing) for member in real.members.values()} == {"missing", "pending"}


async def test_the_state_folder_can_be_moved(tmp_path: Path) -> None:
    home = tmp_path / "elsewhere"
    with studio_in(tmp_path / "project", home) as studio:
        ended = await studio.run(environment={"KLING_PIPE_HOME": str(home)})
    assert (ended.exit_code, (home / "ledger.db").exists()) == (0, True)
    assert not (tmp_path / "project" / ".kling-pipe").exists()


async def test_an_environment_file_beside_the_project_gives_credentials(studio: Studio) -> None:
    """What it says is used: nobody answers at that address, and asking goes on until the run is stopped."""
    address = "http://127.0.0.1:1"
    (studio.folder / ".env").write_text(f"KLINGAI_API_KEY='sk-of-the-file'\nKLINGAI_BASE_URL={address}\n")
    switch = StopSwitch()

    def listen(event: Event) -> None:
        studio.heard.append(event)
        if event.name == "answer-lost":
            switch.stop()

    ended = await run(str(studio.path), Options(), listen, switch)
    assert (ended.exit_code, str(ended.spent)) == (130, "0.00 USD")
    assert "sk-of-the-file" not in repr(studio.heard)


async def test_what_became_dearer_after_it_was_agreed_to_is_not_begun(studio: Studio) -> None:
    """A storyboard is read again after the question; what it says by then is not what the answer was about."""
    agreed = plan(str(studio.path), Options(simulate=True)).plan.estimate
    studio.write(story.replace("deliver:", third + "deliver:"))
    with pytest.raises(Refused) as raised:
        await studio.run(agreed=agreed)
    assert (raised.value.code, studio.bills, studio.heard) == ("not-agreed", 0, [])
    studio.write(story)
    ended = await studio.run(agreed=agreed)
    assert (ended.exit_code, studio.bills) == (0, 2)


async def test_a_project_file_that_appears_in_any_folder_above_ends_the_fast_way(studio: Studio) -> None:
    """With the state folder moved, nothing else would tell of it."""
    moved = {"KLING_PIPE_HOME": str(studio.home)}
    studio.path = studio.folder / "part" / "one" / "story.yaml"
    studio.path.parent.mkdir(parents=True)
    studio.write(story)
    await studio.run(environment=moved)
    words = ["run", str(studio.path), "--simulate"]
    assert current.current_run(words, moved) is not None
    (studio.folder / "kling-pipe.yaml").write_text("project: 1\n")
    assert current.current_run(words, moved) is None


async def test_an_included_file_is_watched_by_the_fast_way(studio: Studio) -> None:
    studio.write(story.replace("steps:", "include: brand/words.yaml\nsteps:", 1))
    words = studio.folder / "brand" / "words.yaml"
    words.parent.mkdir()
    words.write_text("vars: {sea: calm}\n")
    await studio.run()
    assert is_current(studio)
    words.write_text("vars: {sea: wild}\n")
    assert not is_current(studio)
    ended = await studio.run()
    assert (ended.exit_code, studio.bills, is_current(studio)) == (0, 2, True)
    words.unlink()
    assert not is_current(studio)


async def test_a_note_that_cannot_be_kept_spoils_no_run(studio: Studio) -> None:
    studio.home.mkdir(exist_ok=True)
    (studio.home / "current").write_text("in the way")
    ended = await studio.run()
    assert (ended.exit_code, is_current(studio)) == (0, False)


async def test_every_ceiling_holds_all_through_a_run(studio: Studio) -> None:
    """Retries are no part of an estimate, so a ceiling that only the estimate was held against is none."""
    studio.write(story.replace("steps:", "budget: {run: 2 USD, step: 9 units, take: 1 USD}\nsteps:"))
    found = plan(str(studio.path), Options(simulate=True)).plan
    agreed = Cost(Decimal(3), (("image", Decimal(7)),))
    held = caps_of(found, Options(max_cost=Cap(Decimal(40), "units"), agreed=agreed))
    assert [[str(cap) for cap in caps] for caps in (held.run, held.step, held.take)] == [
        ["40 units", "2 USD", "3 USD", "7 units"], ["9 units"], ["1 USD"],
    ]  # fmt: skip


async def test_everything_that_passes_a_budget_is_told_at_once(studio: Studio) -> None:
    budget = "budget: {run: 0.05 USD, step: 7 units, take: 0.02 USD}\nsteps:"
    studio.write(story.replace("steps:", budget).replace("model: kling-v3\n", "model: kling-v3\n    takes: 2\n", 1))
    with pytest.raises(Refused) as raised:
        await studio.run(max_cost=Cap(Decimal(10), "units"))
    said = [(problem.span.column if problem.span else 0, problem.message) for problem in raised.value.problems]
    assert said == [
        (0, "the run would cost 0.084 USD (24 image units), and `--max-cost` is 10 units"),
        (15, "the run would cost 0.084 USD (24 image units), and the budget of the run is 0.05 USD"),
        (31, "`boat` would cost 0.056 USD (16 image units) and the budget of a step is 7 units"),
        (31, "`night` would cost 0.028 USD (8 image units) and the budget of a step is 7 units"),
        (46, "`boat` would cost 0.028 USD (8 image units) a take and the budget of a take is 0.02 USD"),
        (46, "`night` would cost 0.028 USD (8 image units) a take and the budget of a take is 0.02 USD"),
    ]
    assert (studio.bills, raised.value.exit_code) == (0, 3)


def test_what_varies_is_counted_by_members_too(tmp_path: Path) -> None:
    path, home = tmp_path / "spots.yaml", tmp_path / ".kling-pipe"
    path.write_text("storyboard: 1\n")
    home.mkdir()
    (home / "ledger.db").touch()
    current.remember(str(home), str(path), "simulated", [str(path)], [], [], (2, 6), ["out/de.png"])
    said = current.current_run(["run", str(path), "--simulate"], {})
    assert said == "2 steps, 6 members current, nothing to do, 0 USD spent\n  out/de.png\n"
