"""Every measurement runs in its small form and says what it measured; the figures themselves are not judged here."""

from __future__ import annotations

import shutil

import pytest

from bench import boards, bundling, callbacks, download, inflight, makespan, noop, oracle, quote, startup, validate
from kling_pipe.story.reading import read_storyboard
from tests.projects import project_of


@pytest.mark.slow
@pytest.mark.parametrize(
    ("measurement", "told"),
    [
        pytest.param(startup, "kling-pipe --version", id="startup"),
        pytest.param(validate, "kling-pipe validate", id="validate"),
        pytest.param(quote, "kling-pipe quote", id="quote"),
        pytest.param(makespan, "raw asyncio + httpx", id="makespan"),
        pytest.param(inflight, "tasks in flight", id="inflight"),
        pytest.param(callbacks, "callbacks, signed", id="callbacks"),
        pytest.param(bundling, "clips on their own", id="bundling"),
        pytest.param(download, "kling-pipe, hashed, into the store", id="download"),
    ],
)
def test_a_measurement_runs(measurement: object, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    measurement.main(["--quick"])  # type: ignore[attr-defined]  # modules
    assert told in capsys.readouterr().out


@pytest.mark.slow
def test_a_run_with_nothing_to_do_is_measured_with_or_without_ninja(capsys: pytest.CaptureFixture[str]) -> None:
    noop.main(["--quick"])
    row = capsys.readouterr().out.splitlines()[-1].split("  ")
    assert row[1] == "100"
    assert ("none" in row) is (shutil.which("ninja") is None)


@pytest.mark.parametrize("steps", [1, 2, 3, 10])
def test_a_measured_storyboard_has_as_many_steps_as_asked(steps: int) -> None:
    reading = read_storyboard("bench.yaml", boards.storyboard(steps), project_of("."))
    assert reading.storyboard is not None
    assert (len(reading.storyboard.members), reading.problems) == (steps, ())


def test_the_oracle_starts_the_longest_chain_first() -> None:
    seconds = {"a": 2.0, "b": 2.0, "c": 3.0, "d": 1.0}
    assert oracle.makespan(seconds, {"c": ["a"]}, places=2) == 5.0
    assert oracle.makespan(seconds, {"c": ["a"]}, places=1) == 8.0


def test_without_foresight_the_order_follows_the_guess() -> None:
    seconds = {"a": 1.0, "b": 1.0, "c": 4.0}
    assert oracle.makespan(seconds, {}, places=2) == 4.0
    assert oracle.makespan(seconds, {}, places=2, expected={"a": 2.0, "b": 2.0, "c": 1.0}) == 5.0
