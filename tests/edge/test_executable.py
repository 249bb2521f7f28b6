"""A service's own executable: begun once under a name, paid for once, and heard of however it and we came to an end."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from kling_pipe.edge import executions
from kling_pipe.edge.executable import ExecutableWire
from kling_pipe.edge.executions import Execution, NotBegun, Standing
from kling_pipe.edge.transport import HttpWire
from kling_pipe.values.credential import Credential, CredentialKind
from kling_pipe.values.secret import Secret
from kling_pipe.values.transfer import AnswerMissing
from kling_pipe.values.wire import Request, Response, scratch
from tests.edge.loopback import http, serving

pytestmark = pytest.mark.anyio
token, user = "token-0123456789-abcdef", "4711471"
credential = Credential(CredentialKind.API_KEY, Secret(token), Secret(user))
environment = {"PATH": os.environ["PATH"], "HOME": "/nowhere", "SECRET_OF_ANOTHER": "another", "LC_ALL": "C"}
run = Request(
    "RUN", "/clip", arguments=("generate", "--prompt=a boat", scratch), name="kp-1", creates=True,
    headers=(("PICSART_ACCESS_TOKEN", token), ("PICSART_USER_ID", user)),
)  # fmt: skip
made = '{"url": "https://cdn.example/clip.mp4"}'


class Desk:
    """A folder with a program that does what a line of shell says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.program = str(folder / "gen-ai")
        self.gate = str(folder / "gate")
        os.mkfifo(self.gate)
        self.write(f"echo '{made}'")
        self.wire = self.open()

    def write(self, *lines: str) -> None:
        path = Path(self.program)
        path.write_text("\n".join(["#!/bin/sh", f"echo begun >>{self.folder}/log", *lines, ""]))
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def open(self, program: str = "", url: str = "http://127.0.0.1:1") -> ExecutableWire:
        addresses = {"GEN_AI_API_URL": "http://127.0.0.1:9"}
        home = str(self.folder / "executions")
        return ExecutableWire(program or self.program, environment, addresses, credential, HttpWire(url), home)

    async def until_begun(self) -> None:
        while self.begun == 0:  # noqa: ASYNC110  # another program says so
            await asyncio.sleep(0)

    def let_on(self) -> None:
        """Lets a program go on that waits at the gate."""
        Path(self.gate).write_text("on\n")

    @property
    def begun(self) -> int:
        return (self.folder / "log").read_text().count("begun") if (self.folder / "log").exists() else 0

    @property
    def execution(self) -> Execution:
        return Execution(str(self.folder / "executions" / "kp-1"))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


async def missing(sent: asyncio.Future[Response]) -> AnswerMissing:
    with pytest.raises(AnswerMissing) as raised:
        await sent
    return raised.value


async def test_a_run_tells_its_exit_code_and_all_that_it_printed(desk: Desk) -> None:
    desk.write("echo out", "echo words >&2", "exit 7")
    answer = await desk.wire.send(run)
    assert (answer.status, answer.body, answer.headers["x-stderr"]) == (7, b"out\n", "words\n")
    assert 0 <= float(answer.headers["x-seconds"]) < 60


async def test_a_run_gets_its_arguments_as_they_are_and_a_folder_of_its_own(desk: Desk) -> None:
    desk.write('for word in "$@"; do echo "$word"; done', "pwd", "cat", "echo kept > here")
    answer = await desk.wire.send(run)
    folder = desk.execution.scratch
    assert answer.body.decode().splitlines() == ["generate", "--prompt=a boat", folder, folder]
    assert os.listdir(desk.execution.folder).count("scratch") == 0


async def test_a_run_gets_the_credential_by_its_environment_and_nothing_that_it_does_not_need(desk: Desk) -> None:
    desk.write("env | sed 's/=.*//' | sort", "echo $GEN_AI_API_URL $HOME")
    names = (await desk.wire.send(run)).body.decode().split()
    assert {"PICSART_ACCESS_TOKEN", "PICSART_USER_ID", "LC_ALL", "PATH"} <= set(names)
    assert "SECRET_OF_ANOTHER" not in names
    assert names[-2:] == ["http://127.0.0.1:9", "/nowhere"]


async def test_no_run_tells_the_credential(desk: Desk) -> None:
    desk.write('echo "{\\"error\\": \\"bad token $PICSART_ACCESS_TOKEN of $PICSART_USER_ID\\"}"',
               'echo "$PICSART_ACCESS_TOKEN" >&2', "exit 3")  # fmt: skip
    answer = await desk.wire.send(run)
    assert (answer.body, answer.headers["x-stderr"]) == (b'{"error": "bad token **** of 0"}\n', "****\n")


async def test_nobody_else_may_read_what_a_run_printed(desk: Desk) -> None:
    await desk.wire.send(run)
    assert stat.S_IMODE(os.stat(desk.execution.folder).st_mode) == 0o700


async def test_what_is_no_run_goes_by_http(desk: Desk) -> None:
    async with serving(lambda _number, _head: http(200, b"{}")) as server:
        wire = desk.open(url=server.url)
        answer = await wire.send(Request("GET", "/workflows/x/1/result"))
        await wire.close()
    assert (answer.status, desk.begun) == (200, 0)


@pytest.mark.parametrize("program", ["/nowhere/gen-ai", "no-such-program-anywhere"])
async def test_an_executable_that_is_not_there_was_surely_not_begun(desk: Desk, program: str) -> None:
    found = await missing(asyncio.ensure_future(desk.open(program).send(run)))
    assert (found.code, found.sent) == ("unreachable", False)
    assert desk.execution.standing() is Standing.NEVER


async def test_arguments_that_no_program_can_get_leave_nothing_behind(desk: Desk) -> None:
    with pytest.raises(NotBegun):
        desk.execution.begin([desk.program, "x" * (1 << 22)], environment)
    assert desk.execution.standing() is Standing.NEVER


async def test_one_name_is_begun_once_and_answers_again(desk: Desk) -> None:
    answers = [await desk.wire.send(run), await desk.wire.send(run), await desk.open().recall("kp-1")]
    assert ([answer.body for answer in answers], desk.begun) == ([made.encode() + b"\n"] * 3, 1)


async def test_what_is_sent_twice_at_the_same_moment_is_begun_once(desk: Desk) -> None:
    answers = await asyncio.gather(desk.wire.send(run), desk.open().send(run))
    assert ([answer.status for answer in answers], desk.begun) == ([0, 0], 1)


async def test_what_made_nothing_is_begun_anew(desk: Desk) -> None:
    await desk.wire.send(run)
    await desk.wire.forget("kp-1")
    assert (await desk.wire.send(run), desk.begun)[1] == 2


async def test_nobody_knows_of_a_run_whose_folder_was_thrown_away(desk: Desk) -> None:
    await desk.wire.send(run)
    shutil.rmtree(desk.execution.folder)
    found = await missing(asyncio.ensure_future(desk.open().recall("kp-1")))
    assert (found.code, found.sent, desk.begun) == ("unreadable", True, 1)


async def test_a_run_that_was_never_begun_is_known_to_be_none(desk: Desk) -> None:
    await desk.wire.expect("kp-1")
    found = await missing(asyncio.ensure_future(desk.wire.recall("kp-1")))
    assert (found.sent, desk.begun) == (False, 0)


async def test_a_run_goes_on_when_patience_ends_and_is_waited_for_by_whoever_asks_next(desk: Desk) -> None:
    desk.write(f"read word <{desk.gate}", f"echo '{made}'")
    hasty = Request("RUN", "/clip", name="kp-1", patience=0.05, creates=True)
    found = await missing(asyncio.ensure_future(desk.wire.send(hasty)))
    assert (found.code, found.sent, desk.execution.standing()) == ("timeout", True, Standing.RUNNING)
    recalled = asyncio.ensure_future(desk.open().recall("kp-1"))
    await asyncio.to_thread(desk.let_on)
    assert ((await recalled).body, desk.begun) == (made.encode() + b"\n", 1)


async def test_a_run_goes_on_when_nobody_waits_for_it_any_more(desk: Desk) -> None:
    desk.write(f"read word <{desk.gate}", f"echo '{made}'")
    sent = asyncio.ensure_future(desk.wire.send(run))
    await desk.until_begun()
    sent.cancel()
    await asyncio.to_thread(desk.let_on)
    assert ((await desk.open().recall("kp-1")).body, desk.begun) == (made.encode() + b"\n", 1)


async def test_the_answer_of_a_run_is_there_though_the_process_that_began_it_was_killed(desk: Desk) -> None:
    desk.write(f"read word <{desk.gate}", f"echo '{made}'")
    script = (
        "import os, sys; from kling_pipe.edge.executions import Execution;"
        " Execution(sys.argv[1]).begin([sys.argv[2]], dict(os.environ)); os.kill(os.getpid(), 9)"
    )
    words = [sys.executable, "-c", script, desk.execution.folder, desk.program]
    process = await asyncio.to_thread(subprocess.run, words, check=False)
    assert process.returncode == -signal.SIGKILL
    assert desk.execution.standing() is Standing.RUNNING
    recalled = asyncio.ensure_future(desk.wire.recall("kp-1"))
    await asyncio.to_thread(desk.let_on)
    assert (await recalled).body == made.encode() + b"\n"


@pytest.mark.parametrize("printed", ["", made])
async def test_a_run_that_was_killed_tells_what_it_had_printed(desk: Desk, printed: str) -> None:
    desk.write(f"printf '{printed}'", "kill -9 $PPID", "kill -9 $$")
    answer = await desk.wire.send(run)
    assert (answer.status, answer.body) == (executions.killed, printed.encode())


async def test_a_run_is_in_a_session_of_its_own_so_that_no_ctrl_c_reaches_it(desk: Desk) -> None:
    desk.write(f"ps -o sid= -p $$ >{desk.folder}/session || echo $$ >{desk.folder}/session")
    await desk.wire.send(run)
    assert int(read(desk.folder / "session")) != os.getsid(0)


async def test_a_run_that_prints_without_end_is_not_swallowed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executions, "most_printed_bytes", 100)
    desk.write("head -c 4000 /dev/zero")
    found = await missing(asyncio.ensure_future(desk.wire.send(run)))
    assert (found.code, found.sent) == ("unreadable", True)


async def test_a_question_leaves_nothing_behind(desk: Desk) -> None:
    desk.write("pwd")
    answer = await desk.wire.send(Request("RUN", "/price", arguments=("pricing",)))
    assert not is_there(answer.body.decode().strip())
    assert not is_there(desk.execution.folder)


def read(path: Path) -> str:
    return path.read_text()


def is_there(path: str) -> bool:
    return os.path.lexists(path)
