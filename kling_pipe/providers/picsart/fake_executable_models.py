"""The tool's own catalogue: 19 models and their parameters, as version 2.68.1 has them (picsart.md sections 6 and 7).

Nothing here is shared with the fake service's tables, nor with the adapter's: three readings of one page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

version = "2.68.1"


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter. `kind` is text, file, enum, boolean, range or list."""

    name: str
    kind: str
    values: tuple[object, ...] = ()
    default: object = None
    required: bool = False
    most: int = 0  # characters of a text, items of a list or of files
    low: float = 0.0
    high: float = 0.0
    step: float = 0.0
    accept: str = ""  # image, video or audio
    fields: tuple[str, ...] = ()  # of a list's items

    @property
    def flags(self) -> tuple[str, ...]:
        """Its flags without dashes: the canonical one, its other names, and its letter."""
        canonical = _canonical.get(self.name, kebab(self.name))
        if len(self.fields) > 1:
            return ()  # split flags only, one a field
        return (canonical, *_aliases.get(self.name, ()))

    @property
    def many(self) -> bool:
        """Whether its flag may be repeated."""
        return self.kind == "list" or (self.kind == "file" and self.most > 0)


@dataclass(frozen=True, slots=True)
class Model:
    """One model of the catalogue. `mode` is what it makes."""

    id: str
    name: str
    mode: str
    input_type: str
    workflow: str
    params: tuple[Param, ...]
    image_workflow: str = ""
    backend: str = ""  # its `model_name`
    by_name: Mapping[str, Param] = field(init=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {param.name: param for param in self.params})

    def row(self) -> dict[str, object]:
        """Its row in `models --json`."""
        return {
            "id": self.id,
            "name": self.name,
            "provider": "Kling",
            "mode": self.mode,
            "inputType": self.input_type,
            "disabled": False,
            "workflow": self.workflow,
        }


def kebab(name: str) -> str:
    """`aspectRatio` as `aspect-ratio`, and `image_url` as `image-url`."""
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).replace("_", "-")


_canonical = {"imageUrls": "image", "videoUrl": "video", "audioUrl": "audio"}
_aliases: Mapping[str, tuple[str, ...]] = {
    "prompt": ("p",),
    "aspectRatio": ("ar",),
    "duration": ("d",),
    "resolution": ("r",),
    "count": ("n",),
    "imageUrls": ("i",),
    "audioUrl": ("a",),
    "negativePrompt": ("neg", "neg-prompt"),
    "generateAudio": ("audio-gen",),
    "cfgScale": ("cfg",),
    "imageWeight": ("weight",),
    "renderingSpeed": ("speed",),
    "humanFidelity": ("fidelity",),
    "characterOrientation": ("orientation",),
    "keepOriginalSound": ("keep-audio",),
}
# Flags of models that are not Kling's: known to the tool, refused with these (section 7: `--style`).
of_other_models = frozenset({"style", "quality", "enhance-prompt", "seed"})

_prompt = Param("prompt", "text", required=True, most=2500)
_words = replace(_prompt, required=False)
_negative = Param("negativePrompt", "text")
_video_ratio = Param("aspectRatio", "enum", ("16:9", "9:16", "1:1"), "16:9")
_picture_ratio = replace(_video_ratio, values=("16:9", "9:16", "1:1", "21:9", "4:3", "3:2", "2:3", "3:4"))
_seconds = Param("duration", "enum", tuple(range(3, 16)), 5)
_five_or_ten = replace(_seconds, values=(5, 10))
_speed = Param("renderingSpeed", "enum", ("std", "pro"), "std")
_sizes = Param("resolution", "enum", ("720p", "1080p"), "720p")
_audio = Param("generateAudio", "boolean", default=True)
_silent = replace(_audio, default=False)
_start, _end = (Param(name, "file", accept="image") for name in ("startFrame", "endFrame"))
_mask = Param("staticMask", "file", accept="image")
_shots = (
    Param("multiShot", "boolean", default=False),
    Param("shotType", "enum", ("customize", "intelligence"), "customize"),
    Param("multiPrompt", "list", most=6, fields=("index", "prompt", "duration")),
)
_elements = Param("elementList", "list", most=3, fields=("element_id",))
_clip = Param("videoUrl", "file", required=True, accept="video")
_one_image = Param("imageUrls", "file", required=True, accept="image", most=1)
_count = Param("count", "enum", tuple(range(1, 10)), 1)
_weight = Param("imageWeight", "range", default=50, low=0, high=100, step=5)
_fidelity = Param("humanFidelity", "range", default=0.45, low=0, high=1, step=0.05)
_reference = Param("imageReference", "enum", ("subject", "face"), "subject")
_motion = (
    _words, _sizes, _speed, Param("characterOrientation", "enum", ("image", "video"), "video"),
    Param("keepOriginalSound", "enum", ("yes", "no"), "yes"), _one_image, _clip,
)  # fmt: skip
_omni_image = (_prompt, _picture_ratio, Param("resolution", "enum", ("1k", "2k", "4k"), "1k"), _count,
               replace(_one_image, required=False, most=10))  # fmt: skip
_drawn = (_prompt, _picture_ratio, _count, _negative)
_restyled = (*_drawn, _one_image, _reference, _weight, _fidelity)
_free = (*_drawn, replace(_one_image, required=False), _weight, _fidelity)
_composed = (_words, _picture_ratio, _count, replace(_one_image, most=4),
             *(Param(name, "file", accept="image") for name in ("sceneImage", "styleImage")))  # fmt: skip
_texts, _images = "kling-text-to-video", "kling-image-to-video"
_generations, _composing = "kling/v1/images/generations", "kling/v1/images/multi-image-to-image"

models: Mapping[str, Model] = {
    model.id: model
    for model in (
        Model("kling-v3", "Kling V3", "video", "t2v", _texts, (
            _prompt, _video_ratio, _seconds, _start, _end, _negative, _audio, *_shots,
            Param("voiceList", "list", most=2, fields=("voice_id",)), _elements, _mask,
            # The catalogue shows `4k` as the default, yet the payload says `std` when none is given (section 7).
            replace(_speed, values=("std", "pro", "4k"), default="4k"),
        ), _images, "kling-v3"),
        Model("kling-v3-turbo", "Kling V3 Turbo", "video", "t2v", _texts, (
            _prompt, _video_ratio, _seconds, _negative, _sizes, _start, _mask,
        ), _images, "kling-v3-turbo"),
        Model("kling-v3-omni", "Kling V3 Omni", "video", "t2v", "kling-omni-video", (
            _prompt, _video_ratio, _seconds, replace(_sizes, values=("720p", "1080p", "4k")), _speed, _silent,
            _shots[0], replace(_shots[1], values=("customize",)), _shots[2],
            Param("omniImageList", "list", most=10, fields=("image_url", "type")),
            Param("omniVideoList", "list", most=1, fields=("video_url", "refer_type", "keep_original_sound")),
            _elements,
        ), backend="kling-v3-omni"),
        Model("kling-v2-6", "Kling V2.6", "video", "t2v", _texts, (
            _prompt, _video_ratio, _five_or_ten, _start, _end, _negative, _audio,
            Param("cfgScale", "range", default=0.5, low=0, high=1, step=0.1), _speed,
        ), _images, "kling-v2-6"),
        Model("kling-video-o1", "Kling Video O1", "video", "t2v", "kling-omni-video", (
            _prompt, _video_ratio, _five_or_ten, _sizes, _speed, _silent,
        ), backend="kling-video-o1"),
        Model("kling-motion-control-v3", "Kling Motion Control V3", "video", "i2v", "kling-motion-control", _motion,
              backend="kling-v3"),
        Model("kling-motion-control", "Kling Motion Control 2.6", "video", "i2v", "kling-motion-control", _motion,
              backend="kling-v2-6"),
        Model("kling-avatar", "Kling Avatar", "video", "i2v", "kling-avatar", (
            _words, _speed, _one_image, Param("audioUrl", "file", required=True, accept="audio"),
            Param("audioId", "text"),
        )),
        Model("kling-video-effects", "Kling Video Effects", "video", "i2v", "kling/v1/video-effects", (
            # An id of a live catalogue: a wrong one is not refused here (section 7).
            Param("templateId", "text", default="korean_baseball"), replace(_one_image, most=2),
        )),
        Model("kling-3.0-image", "Kling 3.0 Image", "image", "t2i", "kling/v1/images/omni-image", _omni_image,
              backend="kling-v3-omni"),
        Model("kling-o1-image", "Kling O1 Image", "image", "t2i", "kling/v1/images/omni-image",
              (*_omni_image[:2], replace(_omni_image[2], values=("1k", "2k")), *_omni_image[3:]),
              backend="kling-image-o1"),
        Model("kling-v2-new-image", "Kling V2 New Image", "image", "t2i", _generations, _restyled,
              backend="kling-v2-new"),
        Model("kling-v2-image", "Kling V2 Image", "image", "t2i", _generations, _free, backend="kling-v2"),
        Model("kling-v2-1-image", "Kling V2.1 Image", "image", "t2i", _generations, _free, backend="kling-v2-1"),
        Model("kling-v1-5-image", "Kling V1.5 Image", "image", "t2i", _generations, _restyled, backend="kling-v1-5"),
        Model("kling-multi-image", "Kling Multi-Image", "image", "i2i", _composing, _composed, backend="kling-v2"),
        Model("kling-multi-image-v2-1", "Kling Multi-Image V2.1", "image", "i2i", _composing, _composed,
              backend="kling-v2-1"),
        Model("kling-t2a", "Kling T2A", "audio", "t2a", "kling-text-to-audio", (
            _prompt, Param("duration", "range", default=5, low=3, high=10, step=0.5),
        )),
        Model("kling-v2a", "Kling V2A", "audio", "v2a", "kling-video-to-audio", (_clip,)),
    )
}  # fmt: skip
