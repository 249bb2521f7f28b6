"""Wires as they are written, `steps.ID…`, `inputs.ID`, `https://…` and `./path`, and what each refers to."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from kling_pipe.story.axes import Coordinates, parse_pins
from kling_pipe.story.fitting import types_by_extension, words
from kling_pipe.story.offers import Offers, StepOffer, StepWire, WireError, WrittenWire
from kling_pipe.story.spelling import name_hint, nearest, shown
from kling_pipe.story.storyboard import InputFile, InputUrl
from kling_pipe.values.media import MediaType


def read_wire(text: str, offers: Offers) -> WrittenWire | None:
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


def _read_step(text: str, offers: Offers) -> StepWire | None:
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
    pins = _pins(match["pins"])
    output = StepWire(name, int(match["take"] or 0), int(match["image"] or 0), match["part"] or "", pins)
    return _selected(output, match["take"], match["image"], offer)


def _selected(output: StepWire, take: str | None, image: str | None, offer: StepOffer) -> StepWire:
    """What is taken, once its selectors are found to lead somewhere."""
    name, kind = output.step, offer.kind
    if take is not None and not 1 <= output.take <= offer.takes:
        count = "one take" if offer.takes == 1 else f"{offer.takes} takes"
        hint = "the first is `takes[1]`" if not output.take else f"raise `takes` of `{name}` to {output.take}"
        raise WireError("no-such-take", f"`{name}` has {count}, none is `takes[{output.take}]`", hint)
    if image is not None and not (kind.makes is MediaType.IMAGE and 1 <= output.image <= offer.pictures):
        message = f"`{name}` makes {_pictures(offer)}, none is `images[{output.image}]`"
        raise WireError("no-such-image", message, _pictures_hint(output, offer))
    if output.part == "audio" and kind.makes is MediaType.AUDIO:
        return replace(output, part="")  # the sound of a sound is itself
    if output.part and output.part not in kind.selectors:
        message = f"`{name}` makes {words[kind.makes]} and has no `{output.part}`"
        raise WireError("wrong-media", message, f"`steps.{name}` is {words[kind.makes]}")
    return replace(output, image=1) if kind.many and image is None else output


def _pictures(offer: StepOffer) -> str:
    if offer.kind.makes is not MediaType.IMAGE:
        return "no pictures"
    return f"{offer.pictures} pictures a take" if offer.kind.many else "one picture a take"


def _pictures_hint(output: StepWire, offer: StepOffer) -> str:
    name, kind = output.step, offer.kind
    if not kind.many:
        return f"candidates are takes: `steps.{name}.takes[{max(1, output.image)}]`"
    if kind.amount and 0 < output.image <= kind.pictures:
        return f"raise `{kind.amount[0]}` of `{name}` to {output.image}"
    return "the first is `images[1]`" if not output.image else f"the last is `images[{offer.pictures}]`"


def _pins(text: str | None) -> Coordinates:
    """The pins as they are written; whether the step has such axes is for the spread to say."""
    try:
        return parse_pins(text) if text is not None else ()
    except ValueError as error:
        raise WireError("bad-selector", str(error), "write it like `steps.spot[locale=de]`") from None


def _bad_selector(text: str, offers: Offers) -> WireError:
    step = re.match(r"steps\.([A-Za-z_][A-Za-z0-9_-]*)", text)
    if step is None:
        return WireError("bad-selector", f"{shown(text)} names no step", "write it like `steps.hero`")
    if step[1] not in offers.steps:
        return WireError("unknown-step", f"there is no step `{step[1]}`", _step_hint(step[1], offers.steps))
    rest = text[step.end() :]
    word = re.sub(r"[^A-Za-z_]", " ", rest).split()
    known = _selectors_of(offers.steps[step[1]])
    guess = nearest(word[0], known) if word else ""
    hint = f"did you mean `steps.{step[1]}.{known[guess]}`?" if guess else _selectors_hint
    return WireError("bad-selector", f"{shown(rest)} is not a selector of a step", hint)


def _selectors_of(offer: StepOffer | None) -> Mapping[str, str]:
    """How selectors are written, by what somebody may have meant."""
    known = {"takes": "takes[2]", "take": "takes[2]"}
    if offer is None or offer.kind.makes is MediaType.IMAGE:
        known |= {"images": "images[1]", "image": "images[1]"}
    return known | {part: part for part in (offer.kind.selectors if offer else ())}


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
    if "/" in text or os.path.splitext(text)[1].lower() in types_by_extension:
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
    r"(?:\.(?P<part>first_frame|last_frame|audio|video))?\Z"
)
_selectors_hint = "selectors are `takes[n]` and `images[n]`, then `first_frame`, `last_frame`, `audio` or `video`"
