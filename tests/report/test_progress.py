"""The fold of a run's events, its live picture and its summary."""

from __future__ import annotations

import io
from dataclasses import replace
from decimal import Decimal

from kling_pipe.events import (
    Delivered,
    ErrandDone,
    FetchStarted,
    JobDeferred,
    JobDone,
    JobFailed,
    JobIntended,
    JobSubmitted,
    JobUncertain,
    MemberCurrent,
    MemberReady,
    RunStarted,
    StillRunning,
    Undelivered,
)
from kling_pipe.report.console import LiveConsole
from kling_pipe.report.progress import Progress, Row, Stage
from kling_pipe.report.summary import Written, render_summary, summary_to_json
from kling_pipe.values.media import MediaFacts, MediaType
from kling_pipe.values.money import Cost
from tests.report.stories import began, clip_cost, ended, mixed_run, picture_cost


def after(count: int) -> Progress:
    progress = Progress()
    for event in mixed_run()[:count]:
        progress.take(event)
    return progress


def test_a_member_on_the_move_is_a_row() -> None:
    assert after(6).rows == {
        "hero": Row("hero", Stage.RUNNING, began + 1, "processing", "text-to-image", "kling-v3", 24.0, picture_cost, "")
    }


def test_a_lost_answer_says_that_the_task_is_looked_up() -> None:
    row = after(4).rows["hero"]
    assert (row.stage, row.note) == (Stage.LOOKING, "timeout")


def test_settled_members_leave_the_rows_and_are_counted() -> None:
    progress = after(99)
    assert (progress.rows, progress.total, progress.settled, progress.spent) == ({}, 4, 4, picture_cost)


def test_money_on_the_way_is_what_the_rows_are_expected_to_cost() -> None:
    assert [after(count).pending_cost for count in (2, 3, 9, 11)] == [Cost(), picture_cost, Cost(), clip_cost]


def test_money_is_spent_once_by_errand_and_task() -> None:
    progress = Progress()
    errand = Cost(Decimal("0.01"))
    seen = []
    for event in (
        JobIntended(began, "a", "kp", estimate=clip_cost),
        ErrandDone(began, "a", "kp", "faces", "{}", errand),
        FetchStarted(began, "a", "kp", clip_cost, exact=True, spent=clip_cost - errand),
        JobDone(began, "a", "kp", 4.0, clip_cost, exact=True),
    ):
        progress.take(event)
        seen.append((progress.spent, progress.pending_cost))
    assert seen == [(Cost(), clip_cost), (errand, clip_cost - errand), (clip_cost, Cost()), (clip_cost, Cost())]


def test_a_task_that_was_paid_for_before_costs_the_run_nothing() -> None:
    progress = Progress()
    progress.take(JobSubmitted(began, "a", "kp", "7001", adopted=True))
    progress.take(FetchStarted(began, "a", "kp", clip_cost, exact=True))
    progress.take(JobFailed(began, "a", "kp", "expired", cost=clip_cost))
    assert (progress.spent, progress.pending_cost) == (Cost(), Cost())


def test_a_member_found_current_on_the_way_is_settled() -> None:
    progress = Progress()
    for event in (RunStarted(began, "", "r", "s", "real", 1, 0), MemberReady(began, "a"), MemberCurrent(began, "a")):
        progress.take(event)
    assert (progress.settled, progress.rows) == (1, {})


def test_rows_never_outgrow_what_is_on_the_move() -> None:
    progress = Progress()
    for number in range(50):
        progress.take(MemberReady(began, f"m{number}"))
        progress.take(StillRunning(began, f"m{number}"))
    assert (len(progress.rows), len(progress.waiting)) == (0, 50)


def drawn(count: int, colour: bool = False) -> str:
    stream = io.StringIO()
    clock = iter(range(10_000))
    console = LiveConsole(stream, lambda: float(next(clock)) / 100, colour=colour, columns=120)
    with console:
        for event in mixed_run()[:count]:
            console(event)
    return stream.getvalue()


def test_results_scroll_up_and_brackets_are_no_markup() -> None:
    text = drawn(99)
    assert "✗ clip: failed, 1301: content [policy]; change the prompt" in text
    assert "✓ hero: done in 22 s" in text


def test_the_moving_part_shows_status_time_and_money() -> None:
    text = drawn(6)
    assert "hero" in text
    assert "processing" in text
    assert "of ~24 s" in text
    assert "1/4 settled · spent 0.00 USD, 0.028 USD on the way" in text


def test_without_colour_no_colour_is_sent() -> None:
    assert "\x1b[3" not in drawn(99).replace("\x1b[2K", "")
    assert "\x1b[3" in drawn(99, colour=True)


def test_a_deferred_job_says_why() -> None:
    progress = Progress()
    progress.take(JobDeferred(began, "a", "kp", "parallel task over resource pack limit"))
    assert progress.rows["a"].note == "parallel task over resource pack limit"
    progress.take(JobIntended(began, "a", "kp"))
    assert (progress.rows["a"].stage, progress.rows["a"].note) == (Stage.SENDING, "")


def test_a_summary_names_deliverables_losses_money_and_the_next_command() -> None:
    text = render_summary(
        after(99), ended(), (Written("out/hero.png", "films/out/hero.png", 1_800_000),), "kling-pipe run s.yaml"
    )
    assert text == (
        "deliverables\n"
        "  films/out/hero.png  png 1360×768, 1.8 MB\n"
        "\n"
        "not made\n"
        "  clip   failed, 1301: content [policy]\n"
        "  dance  not made, because `clip` was not\n"
        "\n"
        "steps  1 made, 1 current, 1 failed, 1 blocked\n"
        "spent  0.028 USD (8 image units), the provider's own figure\n"
        "time   28 s\n"
        "\n"
        "next: mend what failed and run `kling-pipe run s.yaml` again; what is made is kept and not paid for again\n"
    )


def test_what_is_uncertain_is_named_with_the_command_that_settles_it() -> None:
    progress = Progress()
    progress.take(JobUncertain(began, "line", "kp", "reset: no answer"))
    end = replace(ended(), failed=0, blocked=0, uncertain=1, exit_code=5, spent=Cost())
    text = render_summary(progress, end, (), "kling-pipe run s.yaml", "kling-pipe settle s.yaml")
    assert text.partition("not made\n")[2] == (
        "  line  paid or not, nobody knows: reset: no answer\n"
        "\n"
        "steps  1 made, 1 current, 1 uncertain\n"
        "spent  nothing\n"
        "time   28 s\n"
        "\n"
        "next: look each up at the provider, then settle it by `--resubmit`, `--adopt TASK` or `--drop`\n"
        "  kling-pipe settle s.yaml line --resubmit\n"
    )


def test_a_deliverable_that_could_not_be_written_is_named_until_it_is() -> None:
    progress = Progress()
    progress.take(Undelivered(began, "hero", "out/a.png", "not-writable", "cannot write `out/a.png`", "check it"))
    end = replace(ended(), failed=0, blocked=0, spent=Cost())
    assert render_summary(progress, end, (), "kling-pipe run s.yaml") == (
        "not delivered\n"
        "  out/a.png  not-writable: cannot write `out/a.png`\n"
        "\n"
        "steps  1 made, 1 current\n"
        "spent  nothing\n"
        "time   28 s\n"
        "\n"
        "next: mend what hindered them and run `kling-pipe run s.yaml` again; what is made is kept and not paid for "
        "again\n"
    )
    assert summary_to_json(progress, end, ())["undelivered"] == [
        {"path": "out/a.png", "member": "hero", "code": "not-writable", "message": "cannot write `out/a.png`",
         "hint": "check it"}
    ]  # fmt: skip
    progress.take(Delivered(began, "hero", "out/a.png", "d9"))
    assert progress.undelivered == []


def test_what_was_converted_or_cut_out_is_told_with_its_form_and_length() -> None:
    progress = Progress()
    progress.take(Delivered(began, "sea", "sea.m4a", "d9", facts=MediaFacts(MediaType.AUDIO, "m4a", 80_000, seconds=5)))
    text = render_summary(progress, ended(), (Written("sea.m4a", "sea.m4a", 80_000),), "x")
    assert text.startswith("deliverables\n  sea.m4a  m4a 5.0 s, 80 kB\n")


def test_an_interrupted_run_blames_no_network() -> None:
    end = replace(ended(), failed=0, blocked=0, exit_code=130, spent=Cost())
    text = render_summary(Progress(), replace(end, running=1), (), "kling-pipe run s.yaml")
    assert text.endswith("\nnext: `kling-pipe run s.yaml` goes on with what is under way\n")
    text = render_summary(Progress(), replace(end, waiting=1), (), "kling-pipe run s.yaml")
    assert text.endswith("\nnext: `kling-pipe run s.yaml`\n")


def test_a_service_that_could_not_be_reached_is_a_matter_for_doctor() -> None:
    progress = Progress()
    progress.take(StillRunning(began, "hero", "kp", "", "no route to host"))
    end = replace(ended(), failed=0, blocked=0, running=1, exit_code=1, spent=Cost())
    ours = Progress()
    ours.take(StillRunning(began, "hero", "", "", "another run makes it on `barge`"))
    assert "next: `x`, as is said above\n" in render_summary(ours, end, (), "x")
    assert "look at address and network with `kling-pipe doctor`" in render_summary(progress, end, (), "x")


def test_a_clean_run_needs_no_next_command() -> None:
    progress = Progress()
    end = replace(ended(), failed=0, blocked=0, exit_code=0, spent=Cost())
    assert render_summary(progress, end, (), "x") == "steps  1 made, 1 current\nspent  nothing\ntime   28 s\n"


def test_the_json_of_a_run_names_everything_that_was_said() -> None:
    data = summary_to_json(after(99), ended(), (Written("out/hero.png", "films/out/hero.png", 1_800_000),))
    assert data["deliverables"] == [
        {
            "path": "out/hero.png",
            "changed": True,
            "bytes": 1_800_000,
            "facts": {
                "type": "image", "format": "png", "bytes": 1_800_000, "width": 1360, "height": 768, "seconds": 0.0,
                "fps": 0.0, "has_sound": False,
            },
        }
    ]  # fmt: skip
    assert data["failures"] == [
        {"member": "clip", "code": "1301", "message": "content [policy]", "hint": "change the prompt"}
    ]
    assert data["spent"] == {"usd": "0.028", "units": {"image": "8"}}
