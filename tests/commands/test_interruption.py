"""Ctrl-C in a real process: it ends soon, and the next run pays for nothing twice."""

from __future__ import annotations

import shutil
import signal
import time
from pathlib import Path

import pytest

from tests.scenarios.stage import ended, read_until, spawned, started
from tests.shared_media import share_media

root = Path(__file__).resolve().parent.parent.parent
words = ["run", "hello.yaml", "--simulate"]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_ends_soon_and_the_next_one_picks_its_tasks_up(
    number: signal.Signals, tmp_path: Path
) -> None:
    shutil.copy(root / "pipelines" / "hello.yaml", tmp_path)
    share_media(tmp_path / ".kling-pipe")
    running = started(tmp_path, *words, "--speed", "10")  # which would take eight seconds
    read_until(running, "submitted as task")
    began = time.monotonic()
    running.send_signal(number)
    assert ended(running).code == 130
    assert time.monotonic() - began < 5
    again = spawned(tmp_path, *words, "--speed", "500", "--json")
    assert again.envelope["data"]["counts"]["done"] == 2
    tasks = (tmp_path / ".kling-pipe" / "simulated" / "tasks.jsonl").read_text(encoding="utf-8")
    assert len(tasks.splitlines()) == 2
