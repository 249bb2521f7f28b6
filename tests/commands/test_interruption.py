"""Ctrl-C in a real process: it ends soon, and the next run pays for nothing twice."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

root = Path(__file__).resolve().parent.parent.parent
script = "import sys; from kling_pipe.cli import main; sys.exit(main())"
words = ["run", "hello.yaml", "--simulate", "--speed", "10"]


def process(*arguments: str, folder: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(root)}
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_ends_soon_and_the_next_one_picks_its_tasks_up(
    number: signal.Signals, tmp_path: Path
) -> None:
    shutil.copy(root / "pipelines" / "hello.yaml", tmp_path)
    running = process(*words, folder=tmp_path)
    assert running.stderr is not None
    for line in running.stderr:
        if "submitted as task" in line:
            break
    began = time.monotonic()
    running.send_signal(number)
    running.communicate(timeout=20)
    assert running.returncode == 130
    assert time.monotonic() - began < 5
    again = process(*words, "--json", folder=tmp_path)
    out, _ = again.communicate(timeout=50)
    assert json.loads(out)["data"]["counts"]["done"] == 2
    tasks = (tmp_path / ".kling-pipe" / "simulated" / "tasks.jsonl").read_text(encoding="utf-8")
    assert len(tasks.splitlines()) == 2
