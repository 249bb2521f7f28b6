"""A wait that ends in vain ends all the same, and says what was awaited."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from tests.patience import awaiting, free_port, join


def first_line(process: subprocess.Popen[bytes], seconds: float) -> bytes:
    assert process.stdout is not None
    with process, awaiting(process, "a word", seconds):
        return process.stdout.readline()


def test_a_process_that_brings_nothing_is_killed_and_what_was_awaited_is_said() -> None:
    command = [sys.executable, "-S", "-c", "input()"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with pytest.raises(AssertionError, match=r"^waited 0\.05 s in vain for a word; the process was killed"):
        first_line(process, 0.05)
    assert process.returncode == -9


def test_a_process_that_brings_it_in_time_lives_on() -> None:
    process = subprocess.Popen([sys.executable, "-S", "-c", "print('a word')"], stdout=subprocess.PIPE)
    assert first_line(process, 120.0) == b"a word\n"
    assert process.returncode == 0


def test_a_thread_that_does_not_end_is_named() -> None:
    gate = threading.Event()
    thread = threading.Thread(target=gate.wait, name="dreamer", daemon=True)
    thread.start()
    with pytest.raises(AssertionError, match=r"^the thread dreamer has not ended within 0\.01 s"):
        join(thread, 0.01)
    gate.set()
    join(thread)


def test_a_free_port_is_none_that_systems_hand_out() -> None:
    assert all(10_000 <= free_port() < 30_000 for _ in range(20))
