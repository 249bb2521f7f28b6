"""Whatever ends a command early, as a Failure: click's complaints, the disk's, and what nobody expected."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Mapping

import click

from kling_pipe.commands.surface import shown_path
from kling_pipe.errors import Failure, InternalFailure, Interrupted, Problem, StateFailure, UsageFailure
from kling_pipe.report.scrubbing import scrubbed

traceback_variable = "KLING_PIPE_TRACEBACK"


def traceback_wanted(environment: Mapping[str, str]) -> bool:
    return environment.get(traceback_variable, "") not in ("", "0")


def failure_of(error: BaseException, command: str, environment: Mapping[str, str]) -> Failure:
    """The failure behind an exception; secrets never survive the way."""
    match error:
        case Failure():
            return error
        case KeyboardInterrupt() | click.Abort():
            return Interrupted(
                "interrupted",
                "interrupted; what is under way at the provider is recorded and goes on there",
                hint="run the same command again: it goes on with that and pays for nothing twice",
            )
        case click.ClickException():
            return _usage(error, command)
        case OSError():
            return _disk(error, command)
        case _:
            return _internal(error, environment)


def texts_of(error: BaseException, failure: Failure) -> Mapping[str, str]:
    """The texts that the failure's problems point into, read again where the failure did not bring them."""
    brought = getattr(error, "texts", None)
    texts = dict(brought) if isinstance(brought, Mapping) else {}
    for path in _paths(failure.problems):
        if path not in texts:
            try:
                with open(path, encoding="utf-8", errors="replace") as file:
                    texts[path] = file.read(16_000_000)
            except OSError:
                continue
    return texts


def _paths(problems: tuple[Problem, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(problem.span.path for problem in problems if problem.span))


def _usage(error: click.ClickException, command: str) -> UsageFailure:
    program = f"kling-pipe {command}".strip()
    hint = f"`{program} --help` lists what there is"
    near = tuple(getattr(error, "possibilities", None) or ())
    if near:
        hint = f"did you mean `{near[0]}`?"
    return UsageFailure("usage", _usage_message(error, program), hint=hint)


def _usage_message(error: click.ClickException, program: str) -> str:
    match error:
        case click.NoSuchOption():
            return f"`{error.option_name}` is not an option of `{program}`"
        case click.MissingParameter():
            name = error.param.make_metavar(error.ctx) if error.param and error.ctx else "an argument"
            return f"`{program}` needs {f'`{name}`' if error.param else name}"
        case click.BadParameter() if error.param is not None:
            return f"`{error.param.opts[0]}`: {_own_style(error.message)}"
        case _:
            return _own_style(error.format_message())


def _own_style(message: str) -> str:
    """Click's sentence in our way: lower case, backticks, no full stop."""
    text = re.sub(r"(?<!\w)'([^']*)'", r"`\1`", message.strip().rstrip("."))
    text = re.sub(r"a valid integer( range)?\Z", "a whole number", text)
    text = re.sub(r"a valid float( range)?\Z", "a number", text)
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


_disk_words: Mapping[int, tuple[str, str, str]] = {
    errno.ENOSPC: (
        "disk-full",
        "no space is left on the disk",
        "free some space and run the same command again: what is paid for is recorded and not paid for twice",
    ),
    errno.EDQUOT: (
        "disk-full",
        "the disk quota is used up",
        "free some space and run the same command again: what is paid for is recorded and not paid for twice",
    ),
    errno.EFBIG: (
        "disk-full",
        "the file may not grow any larger",
        "look at `ulimit -f` and at the disk; what is paid for is recorded and not paid for twice",
    ),
    errno.EEXIST: (
        "in-the-way",
        "a file lies where a folder is needed",
        "move it away; `KLING_PIPE_HOME` names another state folder",
    ),
    errno.EROFS: ("read-only", "the disk can only be read", "set `KLING_PIPE_HOME` to a folder that can be written"),
    errno.EACCES: ("no-permission", "permission was denied", "look at the owner and the mode of that path"),
    errno.EPERM: ("no-permission", "the operation is not permitted", "look at the owner and the mode of that path"),
    errno.EMFILE: (
        "too-many-files",
        "too many files are open",
        "raise the limit with `ulimit -n 4096`, or use `--jobs`",
    ),
}
_text_words: Mapping[int, tuple[str, str]] = {
    errno.ENOENT: ("no-such-file", "there is no such file or folder"),
    errno.EISDIR: ("not-a-file", "this is a folder, and a file was expected"),
    errno.ENOTDIR: ("not-a-folder", "this is a file, and a folder was expected"),
}


# These write where they are told to, and never into the state folder.
_other_places = {
    "init": "name a folder that can be written: `kling-pipe init FOLDER`",
    "schema": "name a folder that can be written: `kling-pipe schema --install --folder FOLDER`",
}
_about_the_place = frozenset({errno.EROFS, errno.EEXIST, errno.EACCES, errno.EPERM})


def _disk(error: OSError, command: str) -> Failure:
    where = f": `{shown_path(os.fsdecode(error.filename))}`" if isinstance(error.filename, str | bytes) else ""
    number = error.errno or 0
    if number in _text_words:
        code, words = _text_words[number]
        return UsageFailure(code, f"{words}{where}", hint="paths are taken from the folder you are in")
    code, words, hint = _disk_words.get(
        number,
        (
            "disk",
            f"the system refused: {error.strerror or type(error).__name__}",
            "`kling-pipe doctor` looks at the disk",
        ),
    )
    if number in _about_the_place:
        hint = _other_places.get(command, hint)
    return StateFailure(code, f"{words}{where}", hint=hint)


def _internal(error: BaseException, environment: Mapping[str, str]) -> InternalFailure:
    words = scrubbed(" ".join(str(error).split()), environment)
    message = f"internal error, {type(error).__name__}" + (f": {words[:300]}" if words else "")
    return InternalFailure(
        "internal",
        message,
        hint=f"this is a mistake of kling-pipe's own: `{traceback_variable}=1` before the command shows where it lies",
    )
