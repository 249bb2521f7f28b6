"""Wires: `steps.ID…`, `inputs.ID`, `https://…` and `./path`, what each gives, and whether it fits the field."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from kling_pipe.errors import Problem
from kling_pipe.story.axes import parse_pins
from kling_pipe.story.kinds import Kind
from kling_pipe.story.spelling import name_hint, nearest, shown
from kling_pipe.story.storyboard import InputFile, InputUrl, Reference, StepOutput
from kling_pipe.values.media import MediaType
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
class StepOffer:
    """What other steps may take from a step."""

    kind: Kind
    takes: int


@dataclass(frozen=True, slots=True)
class Offers:
    """Everything that can be wired: steps and inputs. A step whose kind is not known maps to None."""

    steps: Mapping[str, StepOffer | None]
    inputs: Mapping[str, InputFile | InputUrl | None]
    folders: Folders


def inside(path: str, folder: str) -> bool:
    """Whether an absolute path is a folder or lies in it."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def read_wire(text: str, offers: Offers) -> Reference | None:
    """What a wire's text refers to; None when it names something that is wrong itself and was reported there.

    Raises WireError."""
    for beginning, reader in _readers.items():
        if text.startswith(beginning):
            return reader(text, offers)
    raise _no_wire(text, offers)


def read_url(text: str) -> str:
    """An `https://` address; raises WireError."""
    try:
        parts = urlsplit(text)
        good = bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or re.search(r"\s", text):
        raise WireError(
            "bad-url", f"{shown(text)} is not an address", "write it like `https://media.example.org/a.png`"
        )
    if parts.username or parts.password:
        raise WireError("secret-in-file", "an address holds a user name or password", "use a signed or public address")
    if parts.scheme != "https":
        raise WireError("insecure-url", f"{shown(text)} is not encrypted", "write `https://`")
    return text


def media_of(reference: Reference, offers: Offers) -> MediaType | None:
    """What a wire gives; None when only a probe can tell."""
    if not isinstance(reference, StepOutput):
        name = reference.path if isinstance(reference, InputFile) else urlsplit(reference.url).path
        return _types_by_extension.get(os.path.splitext(name)[1].lower())
    offer = offers.steps.get(reference.step)
    if offer is None:
        return None
    return _types_of_parts.get(reference.part, offer.kind.makes)


def check_fit(text: str, reference: Reference, field: str, takes: MediaType, offers: Offers, own: str = "") -> None:
    """Raises WireError when a wire gives another type than the field takes; `own` is the step it is wired to."""
    gives = media_of(reference, offers)
    if gives is None or gives is takes:
        return
    message = f"`{field}` takes {_words[takes]}, {shown(text)} is {_words[gives]}"
    raise WireError("wrong-media", message, _fit_hint(reference, gives, takes, offers, own))


def _fit_hint(reference: Reference, gives: MediaType, takes: MediaType, offers: Offers, own: str) -> str:
    if isinstance(reference, StepOutput) and takes is MediaType.IMAGE:
        return f"`steps.{reference.step}.last_frame` and `steps.{reference.step}.first_frame` are pictures"
    if takes is MediaType.IMAGE and gives is MediaType.VIDEO:
        return "name a picture; a frame can be taken from a step's clip only"
    if isinstance(reference, StepOutput) and reference.part and takes is MediaType.VIDEO:
        return f"`steps.{reference.step}` is the clip"
    others = ((name, offer) for name, offer in offers.steps.items() if offer and name != own)
    fitting = [f"`steps.{name}`" for name, offer in others if offer.kind.makes is takes]
    if takes is MediaType.VIDEO:
        return f"{fitting[0]} is a clip" if fitting else "make a clip of it with a step of kind `image-to-video`"
    return _id_hints.get(takes, "")


def _read_step(text: str, offers: Offers) -> StepOutput | None:
    match = _step_output.match(text)
    if match is None:
        raise _bad_selector(text, offers)
    name = match["step"]
    if name not in offers.steps:
        hint = f"write `inputs.{name}`" if name in offers.inputs else _step_hint(name, offers.steps)
        raise WireError("unknown-step", f"there is no step `{name}`", hint)
    offer = offers.steps[name]
    if offer is None:
        return None
    where = _pins(match["pins"], name)
    output = StepOutput(name, int(match["take"] or 0), int(match["image"] or 0), match["part"] or "", where)
    _check_selectors(output, match["take"], match["image"], offer)
    return output


def _check_selectors(output: StepOutput, take: str | None, image: str | None, offer: StepOffer) -> None:
    name = output.step
    if take is not None and not 1 <= output.take <= offer.takes:
        count = "one take" if offer.takes == 1 else f"{offer.takes} takes"
        hint = "the first is `takes[1]`" if not output.take else f"raise `takes` of `{name}` to {output.take}"
        raise WireError("no-such-take", f"`{name}` has {count}, none is `takes[{output.take}]`", hint)
    makes = offer.kind.makes
    if image is not None and (makes is not MediaType.IMAGE or output.image != 1):
        what = "one picture a take" if makes is MediaType.IMAGE else "no pictures"
        hint = f"candidates are takes: `steps.{name}.takes[{max(1, output.image)}]`"
        raise WireError("no-such-image", f"`{name}` makes {what}, none is `images[{output.image}]`", hint)
    if output.part and makes is not MediaType.VIDEO:
        hint = f"`steps.{name}` is the picture" if makes is MediaType.IMAGE else ""
        raise WireError("wrong-media", f"`{name}` makes {_words[makes]} and has no `{output.part}`", hint)


def _pins(text: str | None, step: str) -> tuple[tuple[str, str], ...]:
    if text is None:
        return ()
    try:
        axis = parse_pins(text)[0][0]
    except ValueError as error:
        raise WireError("bad-selector", str(error), "write it like `steps.spot[locale=de]`") from None
    hint = f"`{step}` is made once: write `steps.{step}`; axes come in a later version"
    raise WireError("unknown-axis", f"`{step}` has no axis `{axis}`", hint)


def _bad_selector(text: str, offers: Offers) -> WireError:
    step = re.match(r"steps\.([A-Za-z_][A-Za-z0-9_-]*)", text)
    if step is None:
        return WireError("bad-selector", f"{shown(text)} names no step", "write it like `steps.hero`")
    if step[1] not in offers.steps:
        return WireError("unknown-step", f"there is no step `{step[1]}`", _step_hint(step[1], offers.steps))
    rest = text[step.end() :]
    word = re.sub(r"[^A-Za-z_]", " ", rest).split()
    guess = nearest(word[0], _selectors) if word else ""
    hint = f"did you mean `steps.{step[1]}.{_selectors[guess]}`?" if guess else _selectors_hint
    return WireError("bad-selector", f"{shown(rest)} is not a selector of a step", hint)


def _step_hint(name: str, steps: Mapping[str, object]) -> str:
    guess = nearest(name, steps)
    return f"did you mean `steps.{guess}`?" if guess else name_hint(name, steps)


def _read_input(text: str, offers: Offers) -> InputFile | InputUrl | None:
    name = text.removeprefix("inputs.")
    if name in offers.inputs:
        return offers.inputs[name]
    first = re.split(r"[.\[]", name)[0]
    if first in offers.inputs:
        message = f"{shown(name[len(first) :])} cannot be taken from an input"
        raise WireError("bad-selector", message, f"write `inputs.{first}`")
    guess = nearest(name, offers.inputs)
    hint = f"did you mean `inputs.{guess}`?" if guess else "name the file under `inputs`"
    if name in offers.steps:
        hint = f"write `steps.{name}`"
    raise WireError("unknown-input", f"there is no input {shown(name)}", hint)


def _read_path(text: str, offers: Offers) -> InputFile:
    return InputFile(text, offers.folders.absolute(text))


def _read_address(text: str, _offers: Offers) -> InputUrl:
    return InputUrl(text, read_url(text))


def _no_wire(text: str, offers: Offers) -> WireError:
    forms = "write `steps.ID`, `inputs.ID`, `https://…`, or a path beginning `./` or `../`"
    first = re.split(r"[.\[]", text)[0]
    if text.startswith(("/", "~", "file:")) or re.match(r"[A-Za-z]:[\\/]", text):
        return WireError("bad-path", f"{shown(text)} is not relative", "write a path that begins `./` or `../`")
    if text.startswith("data:"):
        return WireError("bad-wire", "media cannot stand in the text itself", "save it as a file and write its path")
    guesses: Sequence[tuple[str, Mapping[str, object]]] = (("steps", offers.steps), ("inputs", offers.inputs))
    for group, names in guesses:
        if first in names:
            return WireError("bad-wire", f"{shown(text)} is not a wire", f"write `{group}.{text}`")
    guess = nearest(first, ("steps", "inputs"))
    if guess and "." in text:
        return WireError("bad-wire", f"{shown(text)} is not a wire", f"did you mean `{guess}{text[len(first) :]}`?")
    if "/" in text or os.path.splitext(text)[1].lower() in _types_by_extension:
        return WireError("bad-wire", f"{shown(text)} is not a wire", f"write `./{text}` for a file")
    return WireError("bad-wire", f"{shown(text)} is not a wire", forms)


_readers = {
    "steps.": _read_step,
    "inputs.": _read_input,
    "https://": _read_address,
    "http://": _read_address,
    "./": _read_path,
    "../": _read_path,
}
_step_output = re.compile(
    r"steps\.(?P<step>[A-Za-z_][A-Za-z0-9_-]*)(?:\[(?P<pins>[^\[\]]*)\])?"
    r"(?:\.takes\[(?P<take>[0-9]{1,4})\])?(?:\.images\[(?P<image>[0-9]{1,4})\])?"
    r"(?:\.(?P<part>first_frame|last_frame|audio))?\Z"
)
_selectors = {
    "takes": "takes[2]", "take": "takes[2]", "images": "images[1]", "image": "images[1]",
    "first_frame": "first_frame", "last_frame": "last_frame", "audio": "audio",
}  # fmt: skip
_selectors_hint = "selectors are `takes[n]`, `images[n]`, `first_frame`, `last_frame` and `audio`, in this order"
_types_of_parts = {"first_frame": MediaType.IMAGE, "last_frame": MediaType.IMAGE, "audio": MediaType.AUDIO}
_types_by_extension = {
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tiff", ".heic", ".avif"), MediaType.IMAGE),
    **dict.fromkeys((".mp4", ".mov", ".webm", ".mkv", ".avi", ".m4v"), MediaType.VIDEO),
    **dict.fromkeys((".wav", ".mp3", ".m4a", ".aac", ".ogg", ".flac"), MediaType.AUDIO),
}
_words = {
    MediaType.IMAGE: "a picture", MediaType.VIDEO: "a clip", MediaType.AUDIO: "sound", MediaType.ELEMENT: "an element",
    MediaType.VOICE: "a voice",
}  # fmt: skip
_id_hints = {
    MediaType.ELEMENT: 'write the id of an element, such as "321922438904313"',
    MediaType.VOICE: 'write the id of a voice, such as "930801338081615883"',
}
