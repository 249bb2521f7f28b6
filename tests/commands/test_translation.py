"""Whatever ends a command early becomes one sentence, never a traceback, never a secret."""

from __future__ import annotations

import errno

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_pipe.cli import main
from kling_pipe.commands.translation import failure_of
from kling_pipe.commands.verbs import Verbs
from kling_pipe.errors import CredentialFailure, ExitCode, Failure, Refused
from kling_pipe.report.scrubbing import scrubbed

secret = "sk-marked-9f8e7d6c"
environment = {"KLINGAI_API_KEY": secret, "PATH": "/bin", "MY_TOKEN": "abc"}


class Raising(Verbs):
    """Verbs of which every one ends in the same way."""

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def plan(self, *_: object, **__: object) -> None:  # type: ignore[override]
        raise self._error


def told(error: BaseException, capsys: pytest.CaptureFixture[str], **more: str) -> tuple[int, str]:
    code = main(["plan", "s.yaml"], environment={**environment, **more}, verbs=Raising(error))
    captured = capsys.readouterr()
    assert captured.out == ""
    return code, captured.err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Refused("budget", "too dear"), 3),
        (CredentialFailure("no-credentials", "none"), 4),
        (KeyboardInterrupt(), 130),
        (OSError(errno.ENOSPC, "No space left on device", "/x"), 1),
        (FileNotFoundError(errno.ENOENT, "No such file", "/nowhere/s.yaml"), 2),
        (RuntimeError("boom"), 1),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else str(value),
)
def test_each_end_has_its_exit_code(error: BaseException, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(error, capsys)[0] == code


def test_a_full_disk_says_what_is_safe() -> None:
    failure = failure_of(OSError(errno.ENOSPC, "No space left on device", "/mnt/a.png"), "run", {})
    assert (failure.code, failure.message) == ("disk-full", "no space is left on the disk: `/mnt/a.png`")
    assert "not paid for twice" in failure.hint


@pytest.mark.parametrize(
    ("command", "hint"),
    [
        ("init", "name a folder that can be written: `kling-pipe init FOLDER`"),
        ("schema", "name a folder that can be written: `kling-pipe schema --install --folder FOLDER`"),
        ("run", "set `KLING_PIPE_HOME` to a folder that can be written"),
    ],
)
def test_a_read_only_disk_has_the_way_out_of_what_was_written_there(command: str, hint: str) -> None:
    failure = failure_of(OSError(errno.EROFS, "Read-only file system", "/mnt/a"), command, {})
    assert (failure.code, failure.hint) == ("read-only", hint)


def test_the_unexpected_is_one_line_without_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    _, text = told(RuntimeError(f"cannot sign with {secret}\nBearer abcdef"), capsys)
    assert "internal error, RuntimeError: cannot sign with **** Bearer ****" in text
    assert "hint: " in text
    assert "Traceback" not in text


def test_a_wanted_traceback_holds_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    _, text = told(RuntimeError(f"cannot sign with {secret}"), capsys, KLING_PIPE_TRACEBACK="1")
    assert "Traceback" in text
    assert secret not in text


def test_every_failure_carries_its_own_exit_code() -> None:
    for kind in Failure.__subclasses__():
        assert kind.exit_code in set(ExitCode)


@given(st.text(), st.text(alphabet="abcdefghijklmnop0123456789-_.", min_size=6), st.text())
def test_no_secret_of_the_environment_survives(before: str, key: str, after: str) -> None:
    assert key not in scrubbed(f"{before}{key}{after}", {"SOME_KEY": key}).replace("****", "")


def test_web_tokens_go_and_ordinary_words_stay() -> None:
    text = scrubbed("token eyJhbGciOi.eyJpc3Mi.c2ln of PATH /bin abc", environment)
    assert text == "token **** of PATH /bin abc"
