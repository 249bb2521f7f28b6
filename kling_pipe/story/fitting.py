"""Whether what a wire gives fits the field that takes it, and what would fit when it does not."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from kling_pipe.story.kinds import Kind, WireField
from kling_pipe.story.offers import Offers, StepWire, WireError, WrittenWire
from kling_pipe.story.spelling import shown
from kling_pipe.story.storyboard import InputFile
from kling_pipe.values.media import MediaType

words: Mapping[MediaType, str] = {
    MediaType.IMAGE: "a picture", MediaType.VIDEO: "a clip", MediaType.AUDIO: "sound", MediaType.ELEMENT: "an element",
    MediaType.VOICE: "a voice",
}  # fmt: skip
types_by_extension: Mapping[str, MediaType] = {
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tiff", ".heic", ".avif"), MediaType.IMAGE),
    **dict.fromkeys((".mp4", ".mov", ".webm", ".mkv", ".avi", ".m4v"), MediaType.VIDEO),
    **dict.fromkeys((".wav", ".mp3", ".m4a", ".aac", ".ogg", ".flac"), MediaType.AUDIO),
}


@dataclass(frozen=True, slots=True)
class Socket:
    """Where a wire ends: the path within a field of a step of a kind; `step` is that step's id."""

    path: str
    field: WireField
    kind: Kind
    step: str


def media_of(reference: WrittenWire, offers: Offers) -> MediaType | None:
    """What a wire gives; None when only a probe can tell."""
    if not isinstance(reference, StepWire):
        name = reference.path if isinstance(reference, InputFile) else urlsplit(reference.url).path
        return types_by_extension.get(os.path.splitext(name)[1].lower())
    offer = offers.steps.get(reference.step)
    if offer is None:
        return None
    return offer.kind.selectors[reference.part] if reference.part else offer.kind.makes


def check_fit(socket: Socket, text: str, reference: WrittenWire, offers: Offers) -> None:
    """Raises WireError when a wire gives another type than its field takes."""
    takes = socket.field.takes
    if takes in _no_files and not isinstance(reference, StepWire):
        message = f"`{socket.path}` takes {words[takes]}, {shown(text)} is a file"
        raise WireError("wrong-media", message, _otherwise[takes])
    gives = media_of(reference, offers)
    if gives is None or gives is takes:
        return
    message = f"`{socket.path}` takes {words[takes]}, {shown(text)} is {words[gives]}"
    raise WireError("wrong-media", message, _hint(socket, reference, gives, offers))


def _hint(socket: Socket, reference: WrittenWire, gives: MediaType, offers: Offers) -> str:
    takes = socket.field.takes
    own = _of_the_same_step(reference, takes, offers) if isinstance(reference, StepWire) else ""
    if own:
        return own
    if takes is MediaType.IMAGE and gives is MediaType.VIDEO:
        return "name a picture; a frame can be taken from a step's clip only"
    beside = [field.name for field in socket.kind.wires if field.takes is gives]
    if beside and not isinstance(reference, StepWire):
        return f"write it under `{beside[0]}`"
    return next(_of_other_steps(socket, offers), "") or _otherwise[takes]


def _of_the_same_step(reference: StepWire, takes: MediaType, offers: Offers) -> str:
    offer = offers.steps[reference.step]
    assert offer is not None  # it gives something
    step = f"steps.{reference.step}"
    if offer.kind.makes is takes:
        return f"`{step}` is {words[takes]}"
    fitting = [f"`{step}.{part}`" for part, gives in offer.kind.selectors.items() if gives is takes]
    return f"{' and '.join(fitting)} {'are pictures' if fitting[1:] else f'is {words[takes]}'}" if fitting else ""


def _of_other_steps(socket: Socket, offers: Offers) -> Iterator[str]:
    for name, offer in offers.steps.items():
        if offer and name != socket.step and offer.kind.makes is socket.field.takes:
            yield f"`steps.{name}` is {words[offer.kind.makes]}"


_no_files = (MediaType.ELEMENT, MediaType.VOICE)  # they live at the service, under an id
_otherwise: Mapping[MediaType, str] = {
    MediaType.IMAGE: "make one with a step of kind `text-to-image`",
    MediaType.VIDEO: "make a clip of it with a step of kind `image-to-video`",
    MediaType.AUDIO: "make some with a step of kind `speech` or `text-to-audio`",
    MediaType.ELEMENT: 'make one with a step of kind `element`, or write an id such as "321922438904313"',
    MediaType.VOICE: 'make one with a step of kind `voice`, or write an id such as "930801338081615883"',
}
