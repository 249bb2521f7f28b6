"""Which workflow makes a job, and by which of Picsart's 19 ids the executable knows it; picsart.md sections 3 and 6."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from kling_pipe.values.media import MediaType

text_to_video = "kling-text-to-video"
image_to_video = "kling-image-to-video"
omni_video = "kling-omni-video"
motion_control = "kling-motion-control"
avatar = "kling-avatar"
omni_image = "kling/v1/images/omni-image"
generations = "kling/v1/images/generations"
multi_image = "kling/v1/images/multi-image-to-image"
effects = "kling/v1/video-effects"
text_to_audio = "kling-text-to-audio"
video_to_audio = "kling-video-to-audio"


@dataclass(frozen=True, slots=True)
class Workflow:
    """One workflow: what it makes, and how many takes one submit makes at most."""

    name: str
    makes: MediaType
    most: int = 1


all_workflows: Mapping[str, Workflow] = {
    workflow.name: workflow
    for workflow in (
        Workflow(text_to_video, MediaType.VIDEO),
        Workflow(image_to_video, MediaType.VIDEO),
        Workflow(omni_video, MediaType.VIDEO),
        Workflow(motion_control, MediaType.VIDEO),
        Workflow(avatar, MediaType.VIDEO),
        Workflow(effects, MediaType.VIDEO),
        Workflow(omni_image, MediaType.IMAGE, most=9),
        Workflow(generations, MediaType.IMAGE, most=9),
        Workflow(multi_image, MediaType.IMAGE, most=9),
        Workflow(text_to_audio, MediaType.AUDIO),
        Workflow(video_to_audio, MediaType.AUDIO),
    )
}
_kinds: Mapping[str, str] = {
    "text-to-image": generations,
    "image-to-image": generations,
    "text-to-video": text_to_video,
    "image-to-video": image_to_video,
    "omni-video": omni_video,
    "motion-control": motion_control,
    "avatar": avatar,
    "effects": effects,
    "text-to-audio": text_to_audio,
    "video-to-audio": video_to_audio,
}
served_kinds = frozenset(_kinds)
_omni_image_models = frozenset({"kling-v3-omni", "kling-image-o1"})
_of_several = frozenset({"references", "scene_image", "style_image"})
# The ids of section 6 where they are not the canonical name: by workflow and model.
_ids: Mapping[tuple[str, str], str] = {
    (motion_control, "kling-v3"): "kling-motion-control-v3",
    (motion_control, "kling-v2-6"): "kling-motion-control",
    (omni_image, "kling-v3-omni"): "kling-3.0-image",
    (omni_image, "kling-image-o1"): "kling-o1-image",
    (generations, "kling-v2-new"): "kling-v2-new-image",
    (generations, "kling-v2"): "kling-v2-image",
    (generations, "kling-v2-1"): "kling-v2-1-image",
    (generations, "kling-v1-5"): "kling-v1-5-image",
    (multi_image, "kling-v2"): "kling-multi-image",
    (multi_image, "kling-v2-1"): "kling-multi-image-v2-1",
}


def workflow_of(kind: str, model: str, wired: Collection[str]) -> str:
    """The workflow of a kind; pictures have several, by model and by what is wired."""
    if _kinds[kind] != generations:
        return _kinds[kind]
    if model in _omni_image_models:
        return omni_image
    several = _of_several & {field.partition("[")[0] for field in wired}
    return multi_image if several and kind == "image-to-image" else generations


def own_id(workflow: str, model: str) -> str:
    """Picsart's own id of a canonical model."""
    return _ids.get((workflow, model), model)
