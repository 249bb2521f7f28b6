"""A run that only fetches: it brings what was paid for before, and nothing that may cost money ever leaves."""

from __future__ import annotations

from tests.run.stage import Stage


def test_what_nobody_makes_is_refused_and_nothing_is_sent() -> None:
    stage = Stage("clip: video", only_fetches=True)
    assert stage.play("clip: free") == ["clip ready", "→ claim clip", "clip refused (this run buys nothing)"]
    assert stage.machine.finished


def test_a_task_of_an_earlier_run_is_fetched() -> None:
    stage = Stage("clip: video", only_fetches=True)
    heard = stage.play("clip: resume submitted", "looked clip=succeeded", "clip: fetched")
    assert [line for line in heard if "send" in line or "intend" in line] == []
    assert heard[-1] == "clip done 0.5 USD"


def test_of_two_takes_the_paid_one_is_fetched_and_the_other_is_not_bought() -> None:
    stage = Stage("clip: video x2", only_fetches=True)
    heard = stage.play("clip/1: resume submitted", "clip/2: free", "looked clip/1=succeeded", "clip/1: fetched")
    assert [line for line in heard if "send" in line or "intend" in line] == []
    assert [line for line in heard if line.startswith("clip ")] == [
        "clip ready",
        "clip submitted T-clip/1 adopted",
        "clip refused (this run buys nothing)",
        "clip progress succeeded",
        "clip fetching 0.5 USD",
        "clip stored take 1",
        "clip done 0.5 USD",
    ]


def test_an_intention_whose_request_never_left_is_not_sent_now() -> None:
    stage = Stage("clip: video", only_fetches=True)
    assert stage.play("clip: resume intended", "clip: absent") == [
        "clip ready",
        "→ claim clip",
        "clip intended #1",
        "→ ask clip",
        "clip still-running (it was never sent, and this run buys nothing)",
    ]


def test_a_task_that_failed_is_not_tried_again() -> None:
    stage = Stage("clip: video !3", only_fetches=True)
    heard = stage.play("clip: resume submitted", "looked clip=failed", "clip: free")
    assert heard[-2:] == ["→ claim clip", "clip refused (this run buys nothing)"]
