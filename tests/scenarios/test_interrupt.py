"""Ctrl-C in the middle of a run: it ends at once with 130, and the next run finishes without paying twice."""

from __future__ import annotations

import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.scenarios.stage import copied_pipelines, damaged_objects, ended, read_until, simulator, spawned, started

pytestmark = pytest.mark.slow
quick = "profiles:\n  kling:\n    poll_seconds: 0.1\n"
most_seconds = 10.0  # from the signal to the end of the process, on a slow machine that others use too


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_at_once_and_nothing_is_paid_twice(number: signal.Signals, tmp_path: Path) -> None:
    project = copied_pipelines(tmp_path, quick)
    with simulator(tmp_path, speed=2) as service:  # a picture takes more than ten seconds, the film more than a minute
        running = started(project, "run", "product-launch.yaml", "--yes", environment=service.with_key)
        read_until(running, "story: submitted")
        began = time.monotonic()
        running.send_signal(number)
        stopped = ended(running)
        took = time.monotonic() - began
        assert (stopped.code, took < most_seconds) == (130, True), (took, stopped.all)
        assert "stopping: nothing more is sent, tasks under way are recorded" in stopped.err
        assert "Traceback" not in stopped.all
        paid = service.bills()
        assert 0 < len(paid) < 7
        assert {bill["external_id"] for bill in paid} <= {name for name, _ in recorded(project)}
    assert not (project / "out").exists()


def test_the_next_run_picks_the_tasks_up(tmp_path: Path) -> None:
    project = copied_pipelines(tmp_path, quick)
    with simulator(tmp_path, speed=200) as service:
        running = started(project, "run", "product-launch.yaml", "--yes", environment=service.with_key)
        read_until(running, "story: submitted")
        running.send_signal(signal.SIGINT)
        assert ended(running).code == 130
        told = spawned(project, "status", "product-launch.yaml", environment=service.with_key)
        assert (told.code, "story" in told.out) == (0, True), told.all
        paid = service.bills()
        said = spawned(project, "run", "product-launch.yaml", "--yes", environment=service.with_key)
        assert said.code == 0, said.all
        bills = service.bills()
        assert bills[: len(paid)] == paid
        assert len(bills) == len({bill["external_id"] for bill in bills}) == 7
        assert recorded(project) == {(bill["external_id"], bill["task_id"]) for bill in bills}
    assert damaged_objects(project) == []
    assert len(list((project / "out" / "product-launch").iterdir())) == 4


def recorded(project: Path) -> set[tuple[str, str]]:
    """External id and task id of every job in the ledger."""
    with closing(sqlite3.connect(project / ".kling-pipe/ledger.db")) as ledger:
        return set(ledger.execute("select external_id, task_id from jobs"))
