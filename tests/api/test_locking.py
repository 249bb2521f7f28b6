"""Takes, picks, stale and accepted: the lock decides what goes on, and none of it spends by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from kling_pipe.api import current
from kling_pipe.api.choosing import accept, another, forget_acceptance, pick, sheet, takes
from kling_pipe.api.locking import LockFile
from kling_pipe.api.options import Options
from kling_pipe.api.planning import plan
from kling_pipe.edge.media import probe
from kling_pipe.errors import ExitCode, Failure, UsageFailure
from kling_pipe.events import Event
from kling_pipe.plan.former import whole_reason
from kling_pipe.plan.plan import Plan
from kling_pipe.values.job import Realm
from kling_pipe.values.lock import Lock, LockedMember
from tests.api.small_world import Studio, story, studio_in
from tests.patience import join

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
simulated = Options(simulate=True)
two_takes = story.replace("    prompt: A small boat", "    takes: 2\n    prompt: A small boat")


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    with studio_in(tmp_path) as found:
        yield found


def lock_of(studio: Studio) -> Path:
    return studio.folder / "story.simulated.lock.yaml"


def planned(studio: Studio, options: Options = simulated) -> Plan:
    return plan(str(studio.path), options).plan


def standings(studio: Studio) -> dict[str, str]:
    return {address: str(member.standing) for address, member in planned(studio).members.items()}


def reasons(studio: Studio) -> dict[str, str]:
    return {address: whole_reason(member) for address, member in planned(studio).members.items()}


def refused(failure: type[Failure], work: object) -> str:
    assert callable(work)
    with pytest.raises(failure) as caught:
        work()
    return f"{caught.value.code}: {caught.value.message}"


def is_current(studio: Studio) -> bool:
    return current.current_run(["run", str(studio.path), "--simulate"], {}) is not None


# the file


async def test_a_run_writes_the_lock_and_a_run_with_nothing_to_do_leaves_it(studio: Studio) -> None:
    await studio.run()
    before = (lock_of(studio).stat(), lock_of(studio).read_bytes())
    assert is_current(studio)
    await studio.run()
    assert ((lock_of(studio).stat(), lock_of(studio).read_bytes()), is_current(studio)) == (before, True)


async def test_a_changed_lock_takes_the_slow_way(studio: Studio) -> None:
    await studio.run()
    lock_of(studio).write_text(lock_of(studio).read_text() + "x-mine: 1\n")
    assert not is_current(studio)


async def test_a_lost_lock_is_written_again_with_the_same_bytes(studio: Studio) -> None:
    studio.write(two_takes)
    await studio.run()
    before = lock_of(studio).read_bytes()
    lock_of(studio).unlink()
    assert not is_current(studio)
    await studio.run()
    assert (lock_of(studio).read_bytes() == before, studio.bills) == (True, 2)


async def test_a_run_that_fails_pins_what_was_made(studio: Studio) -> None:
    studio.answer(lambda method, path: (500, {}) if method == "POST" and studio.bills == 1 else None)
    await studio.run()
    assert list(read(studio).members) == ["boat"]


async def test_a_run_that_breaks_off_pins_what_was_made(studio: Studio) -> None:
    def stumble(event: Event) -> None:
        if event.name == "done":
            raise RuntimeError("out of breath")

    studio.on_event = stumble
    with pytest.raises(RuntimeError):
        await studio.run()
    assert (list(read(studio).members), studio.bills) == (["boat"], 1)


async def test_members_that_are_gone_are_dropped_by_a_run_of_all_only(studio: Studio) -> None:
    await studio.run()
    studio.write(story.partition("  night:")[0] + "deliver:\n  out/boat.png: steps.boat\n")
    await studio.run(only=("boat",))
    assert (list(read(studio).members), list(read(studio).deliverables)) == (
        ["boat", "night"], ["out/boat.png", "out/night.png"],
    )  # fmt: skip
    await studio.run()
    assert (list(read(studio).members), list(read(studio).deliverables)) == (["boat"], ["out/boat.png"])


async def test_a_damaged_lock_stops_everything_before_money(studio: Studio) -> None:
    lock_of(studio).write_text("lock: 1\nrealm: simulated\nmembers: {boat: {}}\n")
    with pytest.raises(Failure) as caught:
        await studio.run()
    assert (caught.value.code, caught.value.exit_code, studio.bills) == ("lock-damaged", ExitCode.USAGE, 0)
    assert "delete it" in caught.value.hint


async def test_a_lock_with_the_marks_of_a_merge_says_which_side_can_be_taken(studio: Studio) -> None:
    await studio.run()
    text = lock_of(studio).read_text()
    head, _, tail = text.partition("members:\n")
    lock_of(studio).write_text(f"{head}members:\n<<<<<<< HEAD\n{tail}=======\n{tail}>>>>>>> theirs\n")
    with pytest.raises(Failure) as caught:
        await studio.run()
    problem = caught.value.problems[0]
    assert (problem.code, problem.span and problem.span.line) == ("lock-damaged", text[: len(head)].count("\n") + 2)
    assert problem.message == "the lock file cannot be read: a merge was left undone here"
    assert problem.hint.startswith(f"take one side, by `git checkout --ours {lock_of(studio)}` or `--theirs`")


async def test_a_lock_that_cannot_be_written_is_told_of_and_costs_nothing(studio: Studio) -> None:
    studio.on_event = lambda event: lock_of(studio).mkdir(exist_ok=True) if event.name == "intended" else None
    ended = await studio.run()
    notices = [getattr(event, "text", "") for event in studio.heard if event.name == "notice"]
    assert (ended.exit_code, studio.bills) == (1, 2)
    assert any("the lock file was not written" in text for text in notices)
    lock_of(studio).rmdir()
    assert ((await studio.run()).exit_code, studio.bills, list(read(studio).members)) == (0, 2, ["boat", "night"])


def test_two_at_once_lose_nothing_of_each_other(tmp_path: Path) -> None:
    file = LockFile.of(str(tmp_path / "story.yaml"), str(tmp_path / ".kling-pipe"), Realm.REAL)

    def add(name: str) -> None:
        file.change(lambda lock: Lock(lock.realm, {**lock.members, name: LockedMember(pick=2)}))

    threads = [Thread(target=add, args=(f"step{number}",), daemon=True) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        join(thread)
    assert sorted(file.read().members) == sorted(f"step{number}" for number in range(12))


def read(studio: Studio) -> Lock:
    return LockFile.of(str(studio.path), str(studio.home), Realm.SIMULATED).read()


# picks and takes


async def test_a_pick_goes_on_and_says_what_it_makes_stale(studio: Studio) -> None:
    studio.write(two_takes)
    await studio.run()
    first = studio.out()
    choice = pick(str(studio.path), "boat", 2, simulated)
    assert [(one.address, str(one.standing)) for one in choice.after.members.values()] == [
        ("boat", "current"), ("night", "stale"),
    ]  # fmt: skip
    assert (str(choice.after.estimate), studio.bills) == ("0.028 USD (8 image units)", 2)
    await studio.run()
    assert (studio.bills, studio.out()["boat.png"] != first["boat.png"]) == (3, True)
    pick(str(studio.path), "boat", 1, simulated)
    await studio.run()
    assert (studio.bills, studio.out()) == (3, first)


async def test_what_cannot_be_picked_is_refused(studio: Studio) -> None:
    assert refused(UsageFailure, lambda: pick(str(studio.path), "boat", 1, simulated)) == (
        "no-such-take: `boat` has no take 1: none is made yet"
    )
    studio.write(two_takes)
    await studio.run()
    before = lock_of(studio).read_bytes()
    assert refused(UsageFailure, lambda: pick(str(studio.path), "boat", 3, simulated)) == (
        "no-such-take: `boat` has no take 3: made are 1, 2"
    )
    assert refused(UsageFailure, lambda: pick(str(studio.path), "bot", 1, simulated)) == (
        "unknown-step: there is no step `bot`"
    )
    studio.write(two_takes.replace("takes: 2", "takes: 2\n    pick: 2"))
    with pytest.raises(UsageFailure) as caught:
        pick(str(studio.path), "boat", 1, simulated)
    assert (caught.value.code, caught.value.span and caught.value.span.line) == ("picked-in-text", 9)
    assert lock_of(studio).read_bytes() == before


async def test_the_storyboard_s_own_pick_goes_before_the_lock_s(studio: Studio) -> None:
    studio.write(two_takes)
    await studio.run()
    pick(str(studio.path), "boat", 2, simulated)
    studio.write(two_takes.replace("takes: 2", "takes: 2\n    pick: 1"))
    assert standings(studio) == {"boat": "current", "night": "current"}


async def test_a_picked_take_stays_where_fewer_are_asked_for(studio: Studio) -> None:
    studio.write(two_takes)
    await studio.run()
    pick(str(studio.path), "boat", 2, simulated)
    await studio.run()
    studio.write(story)
    assert (standings(studio), (await studio.run()).exit_code, studio.bills) == (
        {"boat": "current", "night": "current"}, 0, 3,
    )  # fmt: skip


async def test_a_take_is_not_bought_for_being_picked_by_hand(studio: Studio) -> None:
    await studio.run()
    lock_of(studio).write_text(lock_of(studio).read_text().replace("  boat:\n", "  boat:\n    pick: 7\n"))
    result = plan(str(studio.path), simulated)
    assert (str(result.plan.estimate), [(one.code, str(one.severity)) for one in result.problems]) == (
        "0.00 USD", [("no-such-take", "warning")],
    )  # fmt: skip


async def test_one_more_take_is_bought_and_stays_asked_for(studio: Studio) -> None:
    await studio.run()
    asked = another(str(studio.path), "boat", simulated)
    assert (asked, studio.bills) == ({"boat": 2}, 2)
    await studio.run(only=("boat",), asked=asked)
    assert (studio.bills, read(studio).members["boat"].takes, sorted(read(studio).members["boat"].made)) == (
        3,
        2,
        [1, 2],
    )
    assert standings(studio) == {"boat": "current", "night": "current"}
    rows = [(row.take, row.picked, row.state) for row in takes(str(studio.path), "boat", simulated)]
    assert rows == [(1, True, "current"), (2, False, "current")]


async def test_a_take_that_was_asked_for_and_not_made_is_not_forgotten(studio: Studio) -> None:
    await studio.run()
    studio.answer(lambda method, path: (500, {}) if method == "POST" else None)
    await studio.run(only=("boat",), asked={"boat": 2})
    assert (read(studio).members["boat"].takes, planned(studio).members["boat"].missing_takes) == (2, (2,))
    with pytest.raises(UsageFailure) as caught:
        another(str(studio.path), "boat", simulated)
    assert (caught.value.code, caught.value.hint) == (
        "not-current", f"`kling-pipe run {studio.path} --simulate --only boat` makes what is missing first",
    )  # fmt: skip


async def test_a_refused_run_asks_for_no_take(studio: Studio) -> None:
    await studio.run()
    studio.write(story.replace("name: boats", "name: boats\nbudget: {run: 0.001 USD}"))
    with pytest.raises(Failure):
        await studio.run(only=("boat",), asked={"boat": 2})
    assert (read(studio).members["boat"].takes, studio.bills) == (0, 2)


async def test_takes_tells_of_files_that_are_gone_and_of_takes_not_made(studio: Studio) -> None:
    await studio.run()
    studio.write(two_takes)
    studio.lose_file("boat")
    rows = takes(str(studio.path), "boat", simulated)
    assert [(row.take, row.state, row.path) for row in rows] == [(1, "file gone", ""), (2, "not made", "")]


async def test_a_sheet_shows_every_take(studio: Studio, tmp_path: Path) -> None:
    studio.write(two_takes)
    await studio.run()
    target = tmp_path / "sheets" / "boat.png"
    assert sheet(takes(str(studio.path), "boat", simulated), str(target)) == 2
    facts = probe(str(target))
    assert (facts.format, facts.width) == ("png", 2 * (480 + 24) + 24)
    assert refused(UsageFailure, lambda: sheet(takes(str(studio.path), "night", simulated)[1:], str(target))) == (
        "no-such-take: no take is made yet, so there is nothing to show"
    )


# stale


async def test_what_was_made_by_another_recipe_is_stale_and_what_is_below_it_waits(studio: Studio) -> None:
    await studio.run()
    studio.write(story.replace("calm sea", "wild sea"))
    for lock_is_there in (True, False):  # the ledger knows it too
        assert standings(studio) == {"boat": "stale", "night": "pending"}
        told = reasons(studio)
        assert told["boat"].startswith("`prompt` changed since it was made on 20")
        assert "it was made before, on 20" in told["night"]
        if lock_is_there:
            lock_of(studio).unlink()
    await studio.run()
    notices = [getattr(event, "text", "") for event in studio.heard if event.name == "notice"]
    assert notices[0].startswith("`boat` is stale: `prompt` changed")
    assert (studio.bills, standings(studio)) == (4, {"boat": "current", "night": "current"})


async def test_nothing_cosmetic_makes_a_step_stale(studio: Studio) -> None:
    await studio.run()
    head, steps = story.split("steps:\n")
    boat, night, deliver = steps.partition("  night:")[0], "  night:" + steps.partition("  night:")[2], ""
    night, _, deliver = night.partition("deliver:")
    renamed = f"# a comment\n{head}steps:\n{night}{boat}deliver:{deliver}".replace("name: boats", "name: ships")
    renamed = renamed.replace("boat:", "ship:").replace("steps.boat", "steps.ship").replace("night:", "evening:")
    studio.path = studio.folder / "moved" / "tale.yaml"
    (studio.folder / "kling-pipe.yaml").write_text("project: 1\n")
    studio.path.parent.mkdir()
    studio.write(renamed.replace("steps.night", "steps.evening"))
    assert standings(studio) == {"ship": "current", "evening": "current"}
    assert ((await studio.run()).exit_code, studio.bills) == (0, 2)


async def test_picks_asked_takes_and_what_is_accepted_go_with_a_step_that_is_renamed(studio: Studio) -> None:
    await studio.run()
    await studio.run(asked=another(str(studio.path), "boat", simulated))
    pick(str(studio.path), "boat", 2, simulated)
    await studio.run()
    bought, before = studio.bills, studio.out()
    wilder = story.replace("boat at night", "boat at midnight")
    studio.write(wilder)
    accept(str(studio.path), "night", simulated)
    renamed = wilder.replace("boat:", "ship:").replace("steps.boat", "steps.ship")
    studio.write(renamed.replace("night:", "evening:").replace("steps.night", "steps.evening"))
    assert standings(studio) == {"ship": "current", "evening": "current"}
    assert planned(studio).members["ship"].step.pick == 2
    assert (await studio.run()).exit_code == 0
    assert (studio.bills, studio.out()) == (bought, before)
    lock = read(studio)
    assert {name: (pinned.pick, pinned.takes, bool(pinned.accepted)) for name, pinned in lock.members.items()} == {
        "ship": (2, 2, False), "evening": (0, 0, True),
    }  # fmt: skip
    text = lock_of(studio).read_bytes()
    await studio.run()
    assert lock_of(studio).read_bytes() == text


async def test_a_pick_goes_with_an_axis_value_that_changes_its_place(studio: Studio) -> None:
    axes = """storyboard: 1
steps:
  still: {kind: text-to-image, each: {shot: [{see: a door}, {see: a lamp}]}, prompt: "${{ each.shot.see }}", takes: 2}
deliver:
  out/${{ each.shot.see }}.png: steps.still
"""
    studio.write(axes)
    await studio.run()
    pick(str(studio.path), "still[shot=1]", 2, simulated)
    await studio.run()
    bought, before = studio.bills, studio.out()
    studio.write(axes.replace("{see: a door}, {see: a lamp}", "{see: a lamp}, {see: a door}"))
    picks = {address: member.step.pick for address, member in planned(studio).members.items()}
    assert picks == {"still[shot=1]": 1, "still[shot=2]": 2}
    await studio.run()
    assert (studio.bills, studio.out()) == (bought, before)
    studio.write(axes.replace("[{see: a door}", "[{see: a well}, {see: a door}"))
    picks = {address: member.step.pick for address, member in planned(studio).members.items()}
    assert picks == {"still[shot=1]": 1, "still[shot=2]": 2, "still[shot=3]": 1}


async def test_a_pick_stays_with_the_step_that_was_copied(studio: Studio) -> None:
    studio.write(two_takes)
    await studio.run()
    pick(str(studio.path), "boat", 2, simulated)
    head, boat = two_takes.split("  boat:\n")
    body = boat.split("  night:")[0]
    copied = f"{head}  copy:\n{body}  boat:\n{boat}"
    studio.write(copied)
    assert {name: member.step.pick for name, member in planned(studio).members.items()}["boat"] == 2
    studio.write(copied.replace("  boat:\n" + body, "  boat:\n" + body.replace("calm", "wild")))
    picks = {name: (member.step.pick, str(member.standing)) for name, member in planned(studio).members.items()}
    assert (picks["copy"], picks["boat"]) == ((2, "current"), (1, "stale"))


async def test_what_is_accepted_stays_until_its_recipe_changes_again(studio: Studio) -> None:
    await studio.run()
    made, bytes_before = read(studio).members, studio.out()
    studio.write(story.replace("calm sea", "wild sea"))
    choice = accept(str(studio.path), "boat", simulated)
    assert (choice.addresses, standings(studio)) == (("boat",), {"boat": "current", "night": "current"})
    assert reasons(studio)["boat"].startswith("kept as it was made before, accepted on 20")
    assert ((await studio.run()).current, studio.bills, studio.out()) == (2, 2, bytes_before)
    assert {name: member.made for name, member in read(studio).members.items()} == {
        name: member.made for name, member in made.items()
    }
    assert is_current(studio)
    studio.write(story.replace("calm sea", "grey sea"))
    assert standings(studio) == {"boat": "stale", "night": "pending"}
    studio.write(story.replace("calm sea", "wild sea"))
    assert standings(studio)["boat"] == "current"
    forget_acceptance(str(studio.path), "boat", simulated)
    assert standings(studio) == {"boat": "stale", "night": "pending"}
    await studio.run()
    assert (studio.bills, read(studio).members["boat"].accepted) == (4, None)


async def test_a_step_below_goes_on_from_what_is_accepted(studio: Studio) -> None:
    await studio.run()
    studio.write(story.replace("calm sea", "wild sea").replace("at night", "at dawn"))
    accept(str(studio.path), "boat", simulated)
    assert standings(studio) == {"boat": "current", "night": "stale"}
    await studio.run()
    assert (studio.bills, read(studio).members["boat"].accepted is not None) == (3, True)


async def test_what_cannot_be_accepted_is_refused(studio: Studio) -> None:
    await studio.run()
    before = lock_of(studio).read_bytes()
    assert refused(UsageFailure, lambda: accept(str(studio.path), "boat", simulated)) == (
        "nothing-to-accept: `boat` is current, so there is nothing to accept"
    )
    studio.write(story.replace("calm sea", "wild sea"))
    assert refused(UsageFailure, lambda: accept(str(studio.path), "night", simulated)) == (
        "accept-above: `night` is made of `boat`, which is not current"
    )
    assert refused(UsageFailure, lambda: forget_acceptance(str(studio.path), "boat", simulated)) == (
        "nothing-to-undo: `boat` was not accepted"
    )
    studio.lose("objects")
    assert refused(UsageFailure, lambda: accept(str(studio.path), "boat", simulated)) == (
        "nothing-to-accept: `boat` cannot stay as it was: it was not made before"
    )
    assert lock_of(studio).read_bytes() == before


async def test_a_step_that_makes_something_else_now_has_nothing_usable(studio: Studio) -> None:
    await studio.run()
    clip = "kind: text-to-video\n    model: kling-v2-6"
    studio.write(
        story.replace("kind: text-to-image\n    model: kling-v3", clip)
        .replace("steps.boat\n    p", "steps.boat.first_frame\n    p")
        .replace("out/boat.png", "out/boat.mp4")
    )
    assert standings(studio) == {"boat": "missing", "night": "pending"}
    assert refused(UsageFailure, lambda: accept(str(studio.path), "boat", simulated)).startswith("nothing-to-accept: ")


async def test_what_is_accepted_knows_no_other_take(studio: Studio) -> None:
    await studio.run()
    studio.write(story.replace("calm sea", "wild sea"))
    accept(str(studio.path), "boat", simulated)
    with pytest.raises(UsageFailure) as caught:
        another(str(studio.path), "boat", simulated)
    assert (caught.value.code, caught.value.hint) == (
        "accepted", f"`kling-pipe accept {studio.path} --simulate boat --undo` takes that word back",
    )  # fmt: skip


# lost records


async def test_lock_and_store_alone_make_members_current(studio: Studio) -> None:
    await studio.run()
    made = studio.out()
    studio.lose("ledger.db", "ledger.db-wal", "ledger.db-shm", "artifacts.jsonl", "runs", "current", "frames")
    assert standings(studio) == {"boat": "current", "night": "current"}
    before = lock_of(studio).read_bytes()
    assert ((await studio.run()).current, studio.bills, studio.out()) == (2, 2, made)
    assert lock_of(studio).read_bytes() == before
    lock_of(studio).unlink()  # the ledger has learned it
    assert standings(studio) == {"boat": "current", "night": "current"}


async def test_what_the_lock_knows_is_believed_only_where_the_stored_file_is_whole(studio: Studio) -> None:
    await studio.run()
    studio.lose("ledger.db", "ledger.db-wal", "ledger.db-shm", "artifacts.jsonl")
    digest = read(studio).members["night"].made[1].artifact.digest
    path = studio.home / "objects" / digest[:2] / digest[2:]
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(data)
    assert standings(studio) == {"boat": "current", "night": "missing"}
    assert ((await studio.run()).exit_code, studio.bills) == (0, 2)  # its task is found by its id
