"""The table of step kinds: what each makes and which of its fields are wired; its parameters stand in its schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kling_pipe.story.spelling import name_hint
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
    """A step kind. `product` is the pool and pack it is paid from; `texts` the parameters a person reads.

    `mentions` tells what `<<<image_1>>>` counts in those texts: the wired fields, in the order the service numbers.
    """

    name: str
    makes: MediaType
    product: str
    summary: str
    wires: tuple[WireField, ...] = ()
    required: tuple[str, ...] = ()
    texts: tuple[str, ...] = ("prompt", "negative_prompt")
    many: bool = False  # several pictures a take: `steps.ID.images[n]`
    parts: Mapping[str, MediaType] = field(default_factory=dict, hash=False)  # further files of a take, by selector
    own: tuple[str, ...] = ()  # keys that every step has and that are parameters here
    pictures: int = 1  # the most pictures of one take
    amount: tuple[str, int] | None = None  # the parameter that says how many there are, and their number without it
    mentions: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)

    def wire(self, name: str) -> WireField | None:
        """The wired field of a name (`image`, `references`, `dynamic_masks.mask`)."""
        return next((field for field in self.wires if field.name == name), None)

    @property
    def selectors(self) -> Mapping[str, MediaType]:
        """What can be taken from a take by name, with its type; frames and the sound of a clip are cut out here."""
        return {**(_cut_out if self.makes is MediaType.VIDEO else {}), **self.parts}


_cut_out = {"last_frame": MediaType.IMAGE, "first_frame": MediaType.IMAGE, "audio": MediaType.AUDIO}
_image, _video, _audio = MediaType.IMAGE, MediaType.VIDEO, MediaType.AUDIO
_elements = WireField("elements", MediaType.ELEMENT, many=True, ids=True)
_voices = WireField("voices", MediaType.VOICE, many=True, ids=True)
_references = WireField("references", _image, many=True)
_clip_texts = ("prompt", "negative_prompt", "shots")
_by_element = {"element": ("elements",)}


def _required(name: str, takes: MediaType, *, many: bool = False) -> WireField:
    return WireField(name, takes, many=many, required=True)


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
            mentions=_by_element,
        ),
        Kind(
            name="image-to-image",
            makes=_image,
            product="image",
            summary="a picture from a picture, or from several references",
            wires=(
                WireField("image", _image),
                _references,
                WireField("scene_image", _image),
                WireField("style_image", _image),
                _elements,
            ),
            mentions={"image": ("image", "references"), **_by_element},
        ),
        Kind(
            name="image-series",
            makes=_image,
            product="image",
            summary="a series of pictures that belong together",
            wires=(_references, _elements),
            required=("prompt",),
            texts=("prompt",),
            many=True,
            pictures=9,  # native page, section 12, omni-image, series_amount: sure
            amount=("series_amount", 4),
            mentions={"image": ("references",), **_by_element},
        ),
        Kind(
            name="expand-image",
            makes=_image,
            product="image",
            summary="a picture continued beyond its edges",
            wires=(_required("image", _image),),
            texts=("prompt",),
        ),
        Kind(
            name="virtual-try-on",
            makes=_image,
            product="image",
            summary="a person wearing a garment",
            wires=(_required("human_image", _image), _required("cloth_image", _image)),
            texts=(),
        ),
        Kind(
            name="multi-angle",
            makes=_image,
            product="image",
            summary="a subject seen from other sides: three sets of three pictures",
            wires=(_required("image", _image),),
            texts=(),
            many=True,
            pictures=9,  # native page, section 12, ai-multi-shot: three items with three addresses, sure
        ),
        Kind(
            name="segment",
            makes=_image,
            product="video",  # native page, section 7: priced in one list with what the video pack pays, likely
            summary="the parts of a picture, cut out: the object, the head, the face, the clothes",
            wires=(_required("image", _image),),
            texts=(),
            many=True,
            pictures=4,  # native page, section 12, image-recognize: likely
        ),
        Kind(
            name="text-to-video",
            makes=_video,
            product="video",
            summary="a clip from words",
            wires=(_voices,),
            texts=_clip_texts,
            mentions={"voice": ("voices",)},
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
            texts=_clip_texts,
            mentions={"voice": ("voices",), **_by_element},
        ),
        Kind(
            name="multi-image-to-video",
            makes=_video,
            product="video",
            summary="a clip with what several pictures show",
            wires=(_required("references", _image, many=True),),
            required=("prompt",),
            mentions={"image": ("references",)},
        ),
        Kind(
            name="omni-video",
            makes=_video,
            product="video",
            summary="a clip from words, pictures, elements and another clip, in any mixture",
            wires=(
                _references,
                WireField("image", _image),
                WireField("image_tail", _image),
                WireField("video", _video),
                _elements,
            ),
            texts=("prompt", "shots"),
            mentions={"image": ("references", "image", "image_tail"), "video": ("video",), **_by_element},
        ),
        Kind(
            name="motion-control",
            makes=_video,
            product="video",
            summary="the character of a picture moving as in a clip",
            wires=(WireField("image", _image), _required("video", _video), _elements),
            required=("character_orientation",),
            texts=("prompt",),
            mentions=_by_element,
        ),
        Kind(
            name="extend-video",
            makes=_video,
            product="video",
            summary="what comes after a clip",
            wires=(_required("video", _video),),
            mentions={"video": ("video",)},
        ),
        Kind(
            name="edit-elements",
            makes=_video,
            product="video",
            summary="a clip with something added, swapped or removed",
            wires=(_required("video", _video), _references),
            required=("edit_mode", "prompt"),
            mentions={"image": ("references",), "video": ("video",)},
        ),
        Kind(
            name="lip-sync",
            makes=_video,
            product="video",
            summary="a clip whose character speaks the given sound or text",
            wires=(_required("video", _video), WireField("audio", _audio)),
            texts=("text",),
        ),
        Kind(
            name="avatar",
            makes=_video,
            product="video",
            summary="a picture of somebody speaking the given sound",
            wires=(_required("image", _image), _required("audio", _audio)),
            texts=("prompt",),
        ),
        Kind(
            name="effects",
            makes=_video,
            product="video",
            summary="one or two pictures put through an effect",
            wires=(_required("images", _image, many=True),),
            required=("effect",),
            texts=(),
        ),
        Kind(
            name="text-to-audio",
            makes=_audio,
            product="audio",
            summary="a sound from words",
            required=("prompt",),
            texts=("prompt",),
        ),
        Kind(
            name="video-to-audio",
            makes=_audio,
            product="audio",
            summary="sound for a clip, and the clip with it",
            wires=(_required("video", _video),),
            texts=("sound_effect_prompt", "bgm_prompt"),
            parts={"video": _video},
        ),
        Kind(
            name="speech",
            makes=_audio,
            product="video",  # native page, section 7: speech and voices draw on the video pack, sure
            summary="a text spoken by a voice",
            required=("text", "voice"),
            texts=("text",),
        ),
        Kind(
            name="element",
            makes=MediaType.ELEMENT,
            product="video",
            summary="a character or thing that other steps can name",
            wires=(
                WireField("images", _image, many=True),
                WireField("video", _video),
                WireField("voice", MediaType.VOICE, ids=True),
            ),
            required=("name", "description"),
            texts=("name", "description"),
            own=("description",),
        ),
        Kind(
            name="voice",
            makes=MediaType.VOICE,
            product="video",
            summary="a voice that other steps can speak with",
            wires=(WireField("audio", _audio), WireField("video", _video)),
            required=("name",),
            texts=("name",),
        ),
    )
}

_named = ("text-to-image", "image-to-image", "text-to-video", "image-to-video", "omni-video", "speech", "element")


def kind_hint(name: str) -> str:
    """The kind that was probably meant, or a few of them."""
    first = ", ".join(f"`{known}`" for known in _named)
    return name_hint(name, kinds, f"known: {first} …; `kling-pipe schema` lists them all")


# Kinds of the format page that this version does not make; naming one is told apart from a misspelling.
later_kinds: frozenset[str] = frozenset({
    "assemble", "trim", "frame", "mix", "overlay", "reframe", "contact-sheet",
})  # fmt: skip
