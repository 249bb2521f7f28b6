"""The console entry: quick answers first, then the commands; failures become text and exit codes here and nowhere else.

Only `sys` is imported at the top, because `--version` and a run with nothing to do are measured in milliseconds.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # as type checkers know it: importing `typing` would take longer than `--version` does
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kling_pipe.commands.outcome import Outcome
    from kling_pipe.commands.surface import Surface
    from kling_pipe.commands.verbs import Verbs


def main(
    arguments: Sequence[str] | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    verbs: Verbs | None = None,
) -> int:
    """Runs one command and returns its exit code."""
    if arguments is None:
        return _ended(main(sys.argv[1:], environment=environment, verbs=verbs))
    words = list(arguments)
    if words == ["--version"]:
        from kling_pipe import __version__

        return _write(f"kling-pipe {__version__}\n")
    if environment is None:
        import os

        environment = os.environ
    try:
        if words[:1] == ["run"] and verbs is None:
            from kling_pipe.api.current import current_run

            text = current_run(words, environment)
            if text is not None:
                return _write(text if text.endswith("\n") else f"{text}\n")
        return _perform(words, environment, verbs)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  # the one place where failures become text
        return _tell_failure(error, words, environment)


def _ended(code: int) -> int:
    """Ends an interrupted process at once: all is recorded by now, and the interpreter would wait for the simulator's
    threads to finish the clips in their hands."""
    if code == 130:
        import os

        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code


def _perform(words: list[str], environment: Mapping[str, str], verbs: Verbs | None) -> int:
    from kling_pipe.commands.surface import Surface
    from kling_pipe.commands.table import command_named, group

    surface = Surface.of(words, environment, verbs)
    outcome = group.main(args=words or ["--help"], prog_name="kling-pipe", standalone_mode=False, obj=surface)
    if outcome is None or isinstance(outcome, int):
        return outcome or 0  # help, or a command that told everything itself
    return _tell(outcome, command_named(words), surface)


def _tell(outcome: Outcome, command: str, surface: Surface) -> int:
    if surface.json:
        from kling_pipe.report.envelope import envelope, envelope_text

        text = envelope_text(envelope(command, outcome.exit_code, outcome.data, outcome.problems))
        return _write(text, outcome.exit_code)
    from kling_pipe.commands.columns import columns_to_fold

    aside = columns_to_fold(surface.environment, sys.stderr)
    if outcome.problems:
        from kling_pipe.report.problems import render_problems

        surface.say(render_problems(outcome.problems, outcome.texts, aside))
    from kling_pipe.report.folding import folded

    room = 0 if outcome.verbatim else columns_to_fold(surface.environment, sys.stdout)
    code = _write(folded(outcome.text, room), outcome.exit_code)
    surface.say(folded(outcome.talk, aside))
    return code


def _tell_failure(error: BaseException, words: list[str], environment: Mapping[str, str]) -> int:
    from kling_pipe.commands.outcome import Outcome
    from kling_pipe.commands.surface import Surface
    from kling_pipe.commands.table import command_named
    from kling_pipe.commands.translation import failure_of, texts_of, traceback_wanted

    if isinstance(error, BrokenPipeError):
        return _leave_quietly(1)
    surface, command = Surface.of(words, environment, None), command_named(words)
    failure = failure_of(error, command, environment)
    if traceback_wanted(environment):
        import traceback

        from kling_pipe.report.scrubbing import scrubbed

        surface.say(scrubbed("".join(traceback.format_exception(error)), environment))
    told = Outcome(problems=failure.problems, texts=texts_of(error, failure), exit_code=failure.exit_code)
    return _tell(told, command, surface)


def _write(text: str, code: int = 0) -> int:
    """Data to stdout; a reader that has gone away, such as `head`, is no failure of ours."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        return _leave_quietly(code)
    except UnicodeEncodeError:
        encoding = sys.stdout.encoding or "ascii"
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
    except (OSError, ValueError, AttributeError) as error:  # a full disk, or no stdout at all
        sys.stderr.write(f"cannot write to stdout: {error}\n")
        return _leave_quietly(1)
    return int(code)


def _leave_quietly(code: int) -> int:
    """Points stdout at nothing, or the interpreter would complain of the broken pipe while it ends."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return int(code)
