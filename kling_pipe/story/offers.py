"""What a wire may lead to: the steps, inputs and folders of a storyboard, and why one leads nowhere."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace

from kling_pipe.errors import Problem
from kling_pipe.story.kinds import Kind
from kling_pipe.story.spelling import shown
from kling_pipe.story.storyboard import InputFile, InputUrl, StepOutput
from kling_pipe.values.span import Span


class WireError(Exception):
    """Why a text is no wire here: code, sentence and hint; the caller knows the place."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint

    def problem(self, span: Span) -> Problem:
        """The problem at a place; a line with a credential in it is not shown."""
        return Problem(self.code, self.message, span, self.hint, quiet=self.code == "secret-in-file")


@dataclass(frozen=True, slots=True)
class Folders:
    """Where files may be: `home` is the storyboard's folder, `allowed` the project's root and what it allows."""

    home: str
    allowed: tuple[str, ...]

    def beside(self, file: str) -> Folders:
        """The same, for paths that are written in a file: they start from its folder."""
        return replace(self, home=os.path.dirname(os.path.abspath(file)))

    def absolute(self, path: str) -> str:
        """The absolute path of an input; raises WireError when it leaves the allowed folders.

        By the text only: whether a link inside leads out is for whoever opens the file to see."""
        if "\0" in path or "\\" in path:
            raise WireError("bad-path", f"{shown(path)} is not a path here", "write `/` between folders")
        if path.startswith("~"):
            raise WireError("bad-path", f"{shown(path)} is not relative", "write the path relative to this file")
        absolute = os.path.normpath(os.path.join(self.home, path))
        if not any(inside(absolute, folder) for folder in self.allowed):
            message = f"{shown(path)} lies outside the project folder"
            hint = "move the file into the project, or name its folder in `allowed_folders` of `kling-pipe.yaml`"
            raise WireError("outside-project", message, hint)
        return absolute


@dataclass(frozen=True, slots=True)
class StepWire:
    """A wire to a step as it is written; which member of the step it means follows from the axes."""

    step: str
    take: int = 0  # 0: the picked one
    image: int = 0  # 0: the only one; else counts from 1, and is 1 where one of several is not named
    part: str = ""  # "", first_frame, last_frame, audio, video
    pins: tuple[tuple[str, str], ...] = ()  # axis values that are fixed: `steps.hero[ratio=9:16]`

    def output(self, member: str) -> StepOutput:
        """What is taken, once the member is known."""
        return StepOutput(member, self.take, self.image, self.part)


WrittenWire = StepWire | InputFile | InputUrl


@dataclass(frozen=True, slots=True)
class StepOffer:
    """What other steps may take from a step; `pictures` counts those of one take."""

    kind: Kind
    takes: int
    pictures: int = 1


@dataclass(frozen=True, slots=True)
class Offers:
    """Everything that can be wired: steps and inputs. A step whose kind is not known maps to None."""

    steps: Mapping[str, StepOffer | None]
    inputs: Mapping[str, InputFile | InputUrl | None]
    folders: Folders

    def beside(self, file: str) -> Offers:
        """The same, for wires that are written in a file."""
        return replace(self, folders=self.folders.beside(file))


def inside(path: str, folder: str) -> bool:
    """Whether an absolute path is a folder or lies in it."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
