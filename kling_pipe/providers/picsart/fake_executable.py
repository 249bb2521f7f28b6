"""A stand-in for Picsart's `gen-ai`, for those who try the executable road on the simulator without the real tool.

    python -m kling_pipe.providers.picsart.fake_executable generate -m kling-v3 -p "a lighthouse" --json

behaves as picsart.md section 4 says of version 2.68.1 and speaks to the simulator whose address `GEN_AI_API_URL` and
`GEN_AI_UPLOAD_URL` hold. `stand-in PATH`, which the real tool does not have, writes a program that can be named as a
profile's executable.
"""

from __future__ import annotations

import io
import os
import shlex
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TextIO

from kling_pipe.providers.picsart.fake_executable_batch import batch
from kling_pipe.providers.picsart.fake_executable_client import Client
from kling_pipe.providers.picsart.fake_executable_generate import Tool, generate
from kling_pipe.providers.picsart.fake_executable_listing import list_models, price, show_history
from kling_pipe.providers.picsart.fake_executable_models import version
from kling_pipe.providers.picsart.fake_executable_state import State
from kling_pipe.providers.picsart.fake_executable_stops import Card, Exit, Stop

_commands: Mapping[str, Callable[[Sequence[str], Tool], Exit]] = {
    "generate": generate,
    "models": list_models,
    "pricing": price,
    "history": show_history,
    "batch": batch,
}


def main(
    words: Sequence[str],
    environment: Mapping[str, str],
    stdin: TextIO | None,
    stdout: TextIO,
    stderr: TextIO,
    client: Callable[[Mapping[str, str], Callable[[str], str]], Client] = Client,
) -> int:
    """Runs the tool with a command line; the exit code."""
    state = State(environment)
    tool = Tool(environment, stdin, stdout, stderr, state, client(environment, state.log))
    try:
        return int(_run(words, tool))
    except Card as card:
        stderr.write(f"{card.card}\n")
        return int(card.code)
    except Stop as stop:
        if stop.code is not Exit.CREDITS and "--json" in words:
            stdout.write(f"{stop.line}\n")
        else:
            stderr.write(f"{stop.message}\n{stop.hint}".strip() + "\n")
        return int(stop.code)
    except KeyboardInterrupt:
        return int(Exit.INTERRUPTED)


def _run(words: Sequence[str], tool: Tool) -> Exit:
    first = words[0] if words else ""
    if first in ("--version", "-V"):
        tool.stdout.write(f"{version}\n")
        return Exit.DONE
    if first == "stand-in":
        return _write_program(words[1:], tool)
    if first not in _commands:
        raise Stop(Exit.USAGE, f"Unknown command: {first}", f"Commands: {', '.join(_commands)}")
    return _commands[first](words[1:], tool)


def _write_program(words: Sequence[str], tool: Tool) -> Exit:
    if len(words) != 1:
        raise Stop(Exit.USAGE, "stand-in takes the path of the program to write")
    try:
        with open(words[0], "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m {__spec__.name} "$@"\n')
        os.chmod(words[0], 0o755)
    except OSError as error:
        raise Stop(Exit.FILE, f"Cannot write {words[0]}: {error.strerror}") from None
    tool.stdout.write(f"{os.path.abspath(words[0])}\n")
    return Exit.DONE


if __name__ == "__main__":
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")  # whatever the locale: Node knows no other
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where the shell that began it ignores interrupts
    sys.exit(main(sys.argv[1:], os.environ, sys.stdin, sys.stdout, sys.stderr))
