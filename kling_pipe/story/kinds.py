"""The table of step kinds: what each makes and which of its fields are wired; its parameters stand in its schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kling_pipe.values.media import MediaType


@dataclass(frozen=True, slots=True)
class WireField:
    """A field that holds media: `name` as in `Wire.name`, such as `dynamic_masks.mask`."""

    name: str
    takes: MediaType
    many: bool = False  # a list of wires
    required: bool = False
    ids: bool = False  # may also hold the service's own ids, which are parameters and not wires


@dataclass(frozen=True, slots=True)
class Kind:
    """A step kind. `product` is the pool and pack it is paid from; `texts` the parameters a person reads."""

    name: str
    makes: MediaType
    product: str
    summary: str
    wires: tuple[WireField, ...] = ()
    required: tuple[str, ...] = ()
    texts: tuple[str, ...] = ("prompt", "negative_prompt")

    def wire(self, name: str) -> WireField | None:
        """The wired field of a name (`image`, `references`, `dynamic_masks.mask`)."""
        return next((field for field in self.wires if field.name == name), None)


_image, _video = MediaType.IMAGE, MediaType.VIDEO
_elements = WireField("elements", MediaType.ELEMENT, many=True, ids=True)
_voices = WireField("voices", MediaType.VOICE, many=True, ids=True)

kinds: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            name="text-to-image",
            makes=_image,
            product="image",
            summary="a picture from words",
            wires=(_elements,),
            required=("prompt",),
        ),
        Kind(
            name="image-to-image",
            makes=_image,
            product="image",
            summary="a picture from a picture, or from several references",
            wires=(WireField("image", _image), WireField("references", _image, many=True), _elements),
            texts=("prompt",),
        ),
        Kind(
            name="text-to-video",
            makes=_video,
            product="video",
            summary="a clip from words",
            wires=(_voices,),
            texts=("prompt", "negative_prompt", "shots"),
        ),
        Kind(
            name="image-to-video",
            makes=_video,
            product="video",
            summary="a clip that begins with a picture, and may end with another",
            wires=(
                WireField("image", _image),
                WireField("image_tail", _image),
                WireField("static_mask", _image),
                WireField("dynamic_masks.mask", _image, many=True),
                _elements,
                _voices,
            ),
            texts=("prompt", "negative_prompt", "shots"),
        ),
        Kind(
            name="motion-control",
            makes=_video,
            product="video",
            summary="the character of a picture moving as in a clip",
            wires=(WireField("image", _image, required=True), WireField("video", _video, required=True), _elements),
            required=("character_orientation",),
            texts=("prompt",),
        ),
    )
}

# Kinds of the format page that this version does not make; naming one is told apart from a misspelling.
later_kinds: frozenset[str] = frozenset({
    "image-series", "expand-image", "virtual-try-on", "multi-image-to-video", "omni-video", "extend-video",
    "edit-elements", "lip-sync", "avatar", "effects", "text-to-audio", "video-to-audio", "speech", "element", "voice",
    "assemble", "trim", "frame", "mix", "overlay", "reframe", "contact-sheet",
})  # fmt: skip
