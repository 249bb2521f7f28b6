"""Ledger, store or lock is lost, each alone or with others: what that costs, as `docs/recipes.md` says it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from kling_pipe.api.choosing import accept, pick
from kling_pipe.api.options import Options
from kling_pipe.api.planning import plan
from kling_pipe.values.money import Cost
from tests.api.small_world import Studio, story, studio_in
from tests.api.test_paid_for import forgotten
from tests.scenarios.stage import checkout, copied_pipelines, counting, simulator, typed

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
page = (checkout / "docs" / "recipes.md").read_text("utf-8")
simulated = Options(simulate=True)
board = (
    story.replace("    prompt: A small boat", "    takes: 2\n    prompt: A small boat") + "  out/boat.jpg: steps.boat\n"
)
tasks = 2  # two pictures in one task, and one in another
ledger = ("ledger.db", "ledger.db-wal", "ledger.db-shm")
second, store = ("artifacts.jsonl",), ("objects", "frames")
lock, out = "story.simulated.lock.yaml", "out"


@dataclass(frozen=True)
class Loss:
    """What is lost of the state folder, and of what lies beside the storyboard; what the page says that it costs."""

    words: str
    state: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    costs: str = "nothing"


free = (
    Loss("the ledger", ledger),
    Loss("the second record", second),
    Loss("ledger and second record", (*ledger, *second)),
    Loss("the lock", beside=(lock,)),
    Loss("the store", store, costs="nothing while the provider has the files"),
    Loss("the deliverables", beside=(out,)),
    Loss("ledger, second record and lock", (*ledger, *second), (lock,), "nothing while the provider knows the tasks"),
    Loss("all of it", (*ledger, *second, *store), (lock, out), "nothing while the provider has tasks and files"),
)


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    with studio_in(tmp_path / "project") as found:
        found.write(board)
        yield found


def lose(studio: Studio, loss: Loss) -> None:
    studio.lose(*loss.state)
    for name in loss.beside:
        path = studio.folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def undated(studio: Studio) -> str:
    """The lock without the moments at which its files came: those of a store that is filled again are new."""
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:]+Z", "a moment", (studio.folder / lock).read_text())


@pytest.mark.parametrize("loss", free, ids=lambda loss: loss.words)
async def test_what_is_lost_is_there_again_and_costs_nothing(loss: Loss, studio: Studio) -> None:
    await studio.run()
    made, pinned = studio.out(), undated(studio)
    assert studio.bills == tasks
    lose(studio, loss)
    assert ((await studio.run()).exit_code, studio.bills, studio.out()) == (0, tasks, made)
    if "second record" not in loss.words or lock not in loss.beside:
        assert undated(studio) == pinned
    assert f"| {loss.words} | {loss.costs} |" in page


async def test_a_store_that_the_provider_cannot_fill_again_is_bought_after_a_word(studio: Studio) -> None:
    await studio.run()
    made, served = studio.out(), studio.world.app
    studio.lose(*store)
    studio.answer(forgotten("generations"))
    assert ((await studio.run(agreed=Cost())).exit_code, studio.bills) == (1, tasks)
    studio.world = replace(studio.world, app=served)
    priced = plan(str(studio.path), simulated).plan
    assert (str(priced.estimate), {str(member.standing) for member in priced.members.values()}) == (
        "0.084 USD (24 image units)", {"retry", "pending"},
    )  # fmt: skip
    ended = await studio.run(agreed=priced.estimate)
    assert (ended.exit_code, ended.spent, studio.bills, sorted(studio.out())) == (
        0, priced.estimate, 2 * tasks, sorted(made),
    )  # fmt: skip
    assert "| the store, and the provider has the files no more | every take anew" in page


async def test_where_nobody_knows_anything_everything_is_bought_anew(studio: Studio, tmp_path: Path) -> None:
    await studio.run()
    lose(studio, free[-1])
    with studio_in(tmp_path / "another-world") as other:
        studio.world = other.world
        priced = plan(str(studio.path), simulated).plan
        ended = await studio.run()
        assert (ended.exit_code, other.bills, str(priced.estimate)) == (0, tasks, "0.084 USD (24 image units)")
    assert "| all of it, and the provider knows nothing | every take anew" in page


async def test_a_lost_lock_takes_picks_and_words_with_it_and_the_plan_says_what_follows(studio: Studio) -> None:
    await studio.run()
    pick(str(studio.path), "boat", 2, simulated)
    await studio.run()
    studio.write(board.replace("at night", "at dawn"))
    accept(str(studio.path), "night", simulated)
    assert not plan(str(studio.path), simulated).plan.estimate
    (studio.folder / lock).unlink()
    after = plan(str(studio.path), simulated).plan
    assert (after.members["boat"].step.pick, str(after.members["night"].standing), str(after.estimate)) == (
        1, "stale", "0.028 USD (8 image units)",
    )  # fmt: skip
    assert studio.bills == tasks + 1
    assert "picks, asked takes and what was accepted" in page


async def test_a_take_asked_for_that_was_made_is_on_record_without_the_lock(studio: Studio) -> None:
    await studio.run()
    await studio.run(only=("boat",), asked={"boat": 3})
    (studio.folder / lock).unlink()
    await studio.run()
    assert studio.bills == tasks + 1
    await studio.run(only=("boat",), asked={"boat": 3})
    assert studio.bills == tasks + 1


def test_a_colleague_with_lock_and_store_needs_no_network_no_credentials_and_no_money(tmp_path: Path) -> None:
    project = copied_pipelines(tmp_path, "profiles:\n  kling:\n    poll_seconds: 0.1\n")
    with simulator(tmp_path) as service:
        assert typed(project, "run", "hello.yaml", "--yes", environment=service.with_key).code == 0
        assert len(service.bills()) == 2
    clone = tmp_path / "clone"
    clone.mkdir()
    for name in ("kling-pipe.yaml", "hello.yaml", "hello.lock.yaml"):
        shutil.copy(project / name, clone)
    shutil.copytree(project / ".kling-pipe" / "objects", clone / "elsewhere" / "objects")
    with counting() as counter:
        home = {"KLING_PIPE_HOME": str(clone / "elsewhere"), "KLINGAI_BASE_URL": counter.url}
        said = typed(clone, "run", "hello.yaml", "--frozen", environment=home)
        assert (said.code, counter.seen, said.err) == (0, [], "")
        assert typed(clone, "verify", "hello.yaml", environment=home).code == 0
        plain = typed(clone, "run", "hello.yaml", "--yes", environment={**home, "KLINGAI_API_KEY": "key"})
        assert (plain.code, counter.seen) == (0, [])
    files = [path.relative_to(project) for path in (project / "out").iterdir()]
    assert [(clone / path).read_bytes() for path in files] == [(project / path).read_bytes() for path in files]
