"""The live view in a pseudo-terminal: it moves, it leaves the results standing, and it obeys NO_COLOR."""

from __future__ import annotations

import os
import re
import select
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.patience import patience

root = Path(__file__).resolve().parent.parent.parent
script = """
import sys
from kling_pipe.cli import main
from tests.commands.staged import StagedVerbs
from tests.report.stories import mixed_run
sys.exit(main(["run", "s.yaml", "--simulate"], verbs=StagedVerbs(sys.argv[1], events=mixed_run())))
"""


asking = """
import sys
from kling_pipe.cli import main
from tests.commands.staged import StagedVerbs
from tests.report.test_plans import plan
sys.exit(main(["run", "s.yaml"], verbs=StagedVerbs(sys.argv[1], plan=plan())))
"""


def in_a_terminal(folder: Path, script: str = script, asked: str = "", **environment: str) -> str:
    """What a terminal shows; Ctrl-C is pressed when `asked` stands there, and again each second while nothing follows:
    a signal between the prompt and the system call that waits for the answer is not heard before the next one."""
    import pty

    child, terminal = pty.fork()
    if child == 0:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # whoever runs the tests may not listen to it
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        os.environ.update({"TERM": "xterm-256color", "PYTHONPATH": str(root), "COLUMNS": "120", **environment})
        os.execv(sys.executable, [sys.executable, "-c", script, str(folder)])
    shown, ends, is_still = b"", time.monotonic() + patience, True
    try:
        while time.monotonic() < ends:
            if asked and is_still and shown.replace(b"^C", b"").endswith(asked.encode()):
                os.write(terminal, b"\x03")
            piece = _next(terminal, 1.0)
            if piece == b"":
                return shown.decode()
            shown += piece or b""
            is_still = piece is None or shown.endswith(asked.encode())
        raise AssertionError(f"nothing more came within {patience:g} s; the terminal shows: {shown.decode()}")
    finally:
        os.kill(child, signal.SIGKILL)  # one that has ended feels nothing
        os.waitpid(child, 0)
        os.close(terminal)


def _next(terminal: int, seconds: float) -> bytes | None:
    """What is shown next; nothing when the other end has closed, and None while it is silent."""
    if not select.select([terminal], [], [], seconds)[0]:
        return None
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux's word for a closed end
        return b""


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).replace("\r\n", "\n")


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of forkpty:DeprecationWarning")
def test_a_terminal_sees_results_and_a_moving_part(tmp_path: Path) -> None:
    shown = in_a_terminal(tmp_path)
    assert "✓ hero: done in 22 s" in plain(shown)
    assert "4/4 settled" in plain(shown)
    assert "\x1b[?25l" in shown  # the cursor is hidden while it moves
    assert "\x1b[?25h" in shown


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of forkpty:DeprecationWarning")
def test_continuous_integration_sees_lines(tmp_path: Path) -> None:
    shown = in_a_terminal(tmp_path, CI="1")
    assert "\x1b" not in shown
    assert "      25 s  hero: done in 22 s" in plain(shown)


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of forkpty:DeprecationWarning")
def test_ctrl_c_at_the_question_says_that_nothing_was_sent(tmp_path: Path) -> None:
    shown = plain(in_a_terminal(tmp_path, asking, "[y/N]: "))
    assert "interrupted; this run sent nothing and spent nothing" in shown
    assert "at the provider" not in shown


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of forkpty:DeprecationWarning")
def test_no_colour_means_none(tmp_path: Path) -> None:
    assert re.findall(r"\x1b\[[0-9;]*3[0-7]m", in_a_terminal(tmp_path, NO_COLOR="1")) == []


def test_a_narrow_terminal_keeps_the_names(tmp_path: Path) -> None:
    shown = plain(in_a_terminal(tmp_path, COLUMNS="60"))
    assert "…" not in shown.partition("settled")[0]
