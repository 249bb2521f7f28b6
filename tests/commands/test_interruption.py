"""Ctrl-C in a real process: it ends soon, and the next run pays for nothing twice."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest

from tests.scenarios.stage import ended, read_until, spawned, started
from tests.shared_media import share_media

root = Path(__file__).resolve().parent.parent.parent
words = ["run", "hello.yaml", "--simulate"]


@pytest.mark.slow
def test_an_interrupted_run_ends_soon_and_the_next_one_picks_its_tasks_up(tmp_path: Path) -> None:
    """SIGTERM is the same, as `tests/scenarios/test_interrupt.py` tells."""
    shutil.copy(root / "pipelines" / "hello.yaml", tmp_path)
    share_media(tmp_path / ".kling-pipe")
    running = started(tmp_path, *words, "--speed", "2")  # which would take forty seconds
    read_until(running, "submitted as task")
    running.send_signal(signal.SIGINT)
    assert ended(running).code == 130
    assert not (tmp_path / "out").exists()  # it waited for nothing
    again = spawned(tmp_path, *words, "--speed", "500", "--json")
    assert again.envelope["data"]["counts"]["done"] == 2
    tasks = (tmp_path / ".kling-pipe" / "simulated" / "tasks.jsonl").read_text(encoding="utf-8")
    assert len(tasks.splitlines()) == 2
