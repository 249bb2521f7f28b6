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

# Names of the service and of its transport that people bring along, with what to write here. Kling.md section 12.
foreign_keys: Mapping[str, str] = {
    "model_name": "write `model`",
    "image_url": "write `image`",
    "video_url": "write `video`",
    "image_list": "write `references`",
    "subject_image_list": "write `references`",
    "element_list": "write `elements`, a list of ids",
    "voice_list": "write `voices`, a list of ids",
    "multi_prompt": "write `shots`",
    "multi_shot": "write `shots: auto`, or `shots` with a list",
    "shot_type": "write `shots: auto`, or `shots` with a list",
    "watermark_info": "write `watermark: true`",
    "n": "write `takes`",
    "count": "write `takes`",
    "seconds": "write `duration`",
    "audio": "write `sound: true` for sound with the clip",
    "first_frame": "write `image`",
    "last_frame": "write `image_tail`",
    "end_frame": "write `image_tail`",
    "resolution": "`mode` decides: `std` is 720p, `pro` 1080p, `4k` 2160p",
    "aspect_ratio": "the picture decides the sides of the clip",
    "callback_url": "kling-pipe asks for the status itself",
    "external_task_id": "kling-pipe derives it",
    "uses": "write `kind`",
    "type": "write `kind`",
    "needs": "write `after`",
    "depends_on": "write `after`",
}

# Kinds of the format page that this version does not make; naming one is told apart from a misspelling.
later_kinds: frozenset[str] = frozenset({
    "image-series", "expand-image", "virtual-try-on", "multi-image-to-video", "omni-video", "extend-video",
    "edit-elements", "lip-sync", "avatar", "effects", "text-to-audio", "video-to-audio", "speech", "element", "voice",
    "assemble", "trim", "frame", "mix", "overlay", "reframe", "contact-sheet",
})  # fmt: skip
