"""The create paths of the body-model standard and what the field table of each has; kling.md section 12."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

body_model = "body-model"  # the vendor's word is legacy: model in `model_name`, flat body, paths under /v1/
path_model = "path-model"  # model in the path; contents, settings, options

generations = "/v1/images/generations"
omni_image = "/v1/images/omni-image"
multi_image = "/v1/images/multi-image2image"
expand = "/v1/images/editing/expand"
try_on = "/v1/images/kolors-virtual-try-on"
multi_shot = "/v1/general/ai-multi-shot"
recognize = "/v1/videos/image-recognize"
text2video = "/v1/videos/text2video"
image2video = "/v1/videos/image2video"
multi_image_video = "/v1/videos/multi-image2video"
omni_video = "/v1/videos/omni-video"
motion_control = "/v1/videos/motion-control"
multi_elements = "/v1/videos/multi-elements"
video_extend = "/v1/videos/video-extend"
lip_sync = "/v1/videos/advanced-lip-sync"
avatar = "/v1/videos/avatar/image2video"
effects = "/v1/videos/effects"
text_to_audio = "/v1/audio/text-to-audio"
video_to_audio = "/v1/audio/video-to-audio"
tts = "/v1/audio/tts"
elements = "/v1/general/advanced-custom-elements"
voices = "/v1/general/custom-voices"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A create path. `pack` is whose units it draws (section 7), `most` how many takes one create makes."""

    path: str
    pack: str
    most: int = 1
    has_model: bool = True
    has_watermark: bool = True
    at_once: bool = False  # answers with what was made; takes neither a callback nor an id of ours
    finds_ours: bool = True  # its query path matches ids of ours too, not only the service's
    in_tasks: bool = True  # GET /tasks tells all of its results


all_endpoints: Mapping[str, Endpoint] = {
    endpoint.path: endpoint
    for endpoint in (
        Endpoint(generations, "image", most=9),
        Endpoint(omni_image, "image", most=9),
        Endpoint(multi_image, "image", most=9),
        Endpoint(expand, "image", most=9, has_model=False),
        Endpoint(try_on, "image"),
        # The path standard's picture has one URL and no index (section 3); these come three by three.
        Endpoint(multi_shot, "image", has_model=False, has_watermark=False, in_tasks=False),
        # Priced in the one list that has no packs, beside what draws on the video pack (section 7).
        Endpoint(recognize, "video", has_model=False, has_watermark=False, at_once=True),
        Endpoint(text2video, "video"),
        Endpoint(image2video, "video"),
        Endpoint(multi_image_video, "video"),
        Endpoint(omni_video, "video"),
        Endpoint(motion_control, "video"),
        Endpoint(multi_elements, "video", has_model=False),  # D6
        Endpoint(video_extend, "video", has_model=False),
        Endpoint(lip_sync, "video", has_model=False, finds_ours=False),  # section 5: task id only
        Endpoint(avatar, "video", has_model=False),
        Endpoint(effects, "video", has_model=False, has_watermark=False),
        Endpoint(text_to_audio, "audio", has_model=False, has_watermark=False),
        Endpoint(video_to_audio, "audio", has_model=False, has_watermark=False),
        Endpoint(tts, "video", has_model=False, has_watermark=False, at_once=True),
        Endpoint(elements, "video", has_model=False, has_watermark=False),
        Endpoint(voices, "video", has_model=False, has_watermark=False),
    )
}

_kinds: Mapping[str, str] = {
    "text-to-image": generations,
    "image-to-image": generations,
    "image-series": omni_image,
    "expand-image": expand,
    "virtual-try-on": try_on,
    "multi-angle": multi_shot,
    "segment": recognize,
    "text-to-video": text2video,
    "image-to-video": image2video,
    "multi-image-to-video": multi_image_video,
    "omni-video": omni_video,
    "motion-control": motion_control,
    "extend-video": video_extend,
    "edit-elements": multi_elements,
    "lip-sync": lip_sync,
    "avatar": avatar,
    "effects": effects,
    "text-to-audio": text_to_audio,
    "video-to-audio": video_to_audio,
    "speech": tts,
    "element": elements,
    "voice": voices,
}
served_kinds = frozenset(_kinds)
# Models whose pictures are made by omni-image and whose clips by omni-video, section 11.
omni_image_models = frozenset({"kling-image-o1", "kling-v3-omni"})
omni_video_models = frozenset({"kling-video-o1", "kling-v3-omni"})
_multi_image_fields = frozenset({"references", "scene_image", "style_image"})


def body_path(kind: str, model: str, wired: Collection[str]) -> str:
    """The create path of a kind; some kinds have several, by model and by what is wired."""
    if kind in ("text-to-image", "image-to-image") and model in omni_image_models:
        return omni_image
    # D5: several references beyond kling-v1-6. Section 12, video-extend: later models go on by a feature clip.
    if kind in ("multi-image-to-video", "extend-video") and model in omni_video_models:
        return omni_video
    if kind == "image-to-image" and _multi_image_fields & {field.partition("[")[0] for field in wired}:
        return multi_image
    return _kinds[kind]


def endpoint_of(path: str) -> Endpoint | None:
    """The endpoint that a create path, or a query below it, belongs to; the longest path wins."""
    while path:
        if path in all_endpoints:
            return all_endpoints[path]
        path = path.rpartition("/")[0]
    return None


def pack_of(path: str) -> str:
    """The pack that a path draws on; the path standard has video only (section 0)."""
    endpoint = endpoint_of(path)
    return "video" if endpoint is None else endpoint.pack
