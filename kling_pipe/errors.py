"""Every failure there is, sorted by what the caller can do.

Failure                  code, message, span, hint, exit code
├── TextFailure          2  the storyboard, project file or usage is wrong: mend the text (carries all problems)
├── UsageFailure         2  the command line is wrong
├── Refused              3  refused before spending: raise the budget, agree, or re-plan
├── CredentialFailure    4  no credentials, or refused ones
├── StepFailure          1  a step failed at the provider or on its way here
├── StateFailure         1  ledger, store or disk cannot be used: the hint says what is safe
├── Interrupted        130  somebody pressed Ctrl-C: run again, what is under way is recorded
└── InternalFailure      1  a mistake of kling-pipe's own: the hint says how to see where
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import ClassVar

from kling_pipe.values.span import Span


class ExitCode(IntEnum):
    """What the process says to its caller."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    REFUSED = 3
    CREDENTIALS = 4
    UNCERTAIN = 5
    INTERRUPTED = 130


class Severity(StrEnum):
    """Whether a problem stops the work."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a text: stable code (a word), one sentence, place, and what to do."""

    code: str
    message: str
    span: Span | None = None
    hint: str = ""
    severity: Severity = Severity.ERROR
    quiet: bool = False  # the line may hold a credential: the place is named, the line is not shown


class Failure(Exception):
    """The root: anything kling-pipe says instead of a traceback."""

    exit_code: ClassVar[ExitCode] = ExitCode.FAILED

    def __init__(self, code: str, message: str, *, span: Span | None = None, hint: str = "") -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.span = span
        self.hint = hint

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The failure as problems, for the one renderer."""
        return (Problem(self.code, self.message, self.span, self.hint),)


class UsageFailure(Failure):
    """The command line asks for something that cannot be."""

    exit_code = ExitCode.USAGE


class TextFailure(Failure):
    """One or many problems of texts, all reported at once."""

    exit_code = ExitCode.USAGE

    def __init__(self, problems: Sequence[Problem], texts: Mapping[str, str] | None = None) -> None:
        first = next((p for p in problems if p.severity is Severity.ERROR), problems[0])
        super().__init__(first.code, first.message, span=first.span, hint=first.hint)
        self._problems = tuple(problems)
        self.texts: Mapping[str, str] = texts or {}  # by path, for showing the lines

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self._problems


class Refused(Failure):
    """Refused before any money moved, for one reason or for several that are told at once."""

    exit_code = ExitCode.REFUSED

    def __init__(self, code: str, message: str, *, span: Span | None = None, hint: str = "") -> None:
        super().__init__(code, message, span=span, hint=hint)
        self._problems: tuple[Problem, ...] = super().problems

    @staticmethod
    def of(problems: Sequence[Problem]) -> Refused:
        """One refusal for all of them."""
        first = problems[0]
        refused = Refused(first.code, first.message, span=first.span, hint=first.hint)
        refused._problems = tuple(problems)
        return refused

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self._problems


class CredentialFailure(Failure):
    """Credentials are missing or refused."""

    exit_code = ExitCode.CREDENTIALS


class StepFailure(Failure):
    """A step failed for good in this run."""


class StateFailure(Failure):
    """The state folder, ledger, store or disk cannot be used as it is."""


class Interrupted(Failure):
    """Somebody stopped the command; tasks at the provider are recorded and go on there."""

    exit_code = ExitCode.INTERRUPTED


class InternalFailure(Failure):
    """A mistake of kling-pipe's own, said without a traceback."""
