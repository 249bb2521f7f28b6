"""A run as plain lines and as JSON lines."""

from __future__ import annotations

import json
from pathlib import Path

from kling_pipe.events import Delivered, MemberReady, Notice, RunEnded, RunStarted, event_from_json, event_types
from kling_pipe.report.jsonl import JsonLines
from kling_pipe.report.lines import Detail, Lines, line
from tests.report.stories import began, mixed_run


def told(detail: Detail) -> list[str]:
    written: list[str] = []
    lines = Lines(written.append, detail)
    for event in mixed_run():
        lines(event)
    return written


def test_every_movement_is_a_line_where_nothing_can_be_redrawn() -> None:
    assert told(Detail.ALL) == [
        (
            "       0 s  run r1, real: 3 steps to make, 1 current, "
            "estimate 0.238 USD (8 image units + 1.5 video units), about 1 min 44 s"
        ),
        "       1 s  hero: sending text-to-image to kling-v3, estimate 0.028 USD (8 image units)",
        "       2 s  hero: no usable answer (timeout), looking the task up before anything is sent again",
        "       3 s  hero: found at the provider as task 7001",
        "       4 s  hero: processing",
        "      24 s  hero: made, fetching its files",
        "      25 s  hero: done in 22 s, 0.028 USD (8 image units)",
        (
            "      26 s  clip: sending image-to-video to kling-v3, takes 1, 2, attempt 2, "
            "estimate 0.21 USD (1.5 video units)"
        ),
        "      27 s  clip: failed, 1301: content [policy]; change the prompt",
        "      27 s  dance: not made, because `clip` was not",
        "      28 s  wrote out/hero.png",
    ]


def test_beside_a_live_view_only_results_are_lines() -> None:
    assert [text.split("  ")[-1].split(":")[0] for text in told(Detail.RESULTS)] == [
        "run r1, real", "hero", "clip", "dance", "wrote out/hero.png",
    ]  # fmt: skip


def test_what_is_told_before_a_run_begins_has_no_time() -> None:
    written: list[str] = []
    lines = Lines(written.append)
    lines(Notice(began, "", "all.yaml:12:9: warning, retired-model: `kling-v1` is retired"))
    lines(RunStarted(began + 2, "", "r1", "demo", "real"))
    assert written == [
        "all.yaml:12:9: warning, retired-model: `kling-v1` is retired",
        "       0 s  run r1, real: nothing to make, 0 current",
    ]


def test_an_unchanged_deliverable_is_not_worth_a_line() -> None:
    assert line(Delivered(began, "", "out/a.png", "d", changed=False)) == ""


def test_every_event_can_be_told() -> None:
    silent = {name for name, kind in event_types.items() if not line(kind(began, "hero"))}
    assert silent == {"ready", "current", "stored", "run-ended"}


def test_what_a_provider_says_cannot_move_the_cursor() -> None:
    written: list[str] = []
    lines = Lines(written.append)
    lines(RunStarted(began, "", "r1", "demo", "real"))
    lines(Notice(began, "", "\x1b[2Jgone"))
    assert written[1] == "       0 s  \\x1b[2Jgone"


def test_json_lines_read_back_as_the_same_events(tmp_path: Path) -> None:
    record = JsonLines(str(tmp_path / "runs"))
    for event in mixed_run():
        record(event)
    text = (tmp_path / "runs" / "r1.jsonl").read_text(encoding="utf-8")
    assert tuple(event_from_json(json.loads(row)) for row in text.splitlines()) == mixed_run()


def test_a_run_of_a_strange_name_stays_in_its_folder(tmp_path: Path) -> None:
    record = JsonLines(str(tmp_path / "runs"))
    record(RunStarted(began, "", "../../up", "demo", "real"))
    record(RunEnded(began, "", "../../up"))
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["up.jsonl"]


def test_nothing_is_written_before_a_run_begins(tmp_path: Path) -> None:
    record = JsonLines(str(tmp_path / "runs"))
    record(MemberReady(began, "hero", "k"))
    record.close()
    assert list(tmp_path.iterdir()) == []
