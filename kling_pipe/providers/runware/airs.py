"""Which AIR, the service's name of a model, makes a job; runware.md sections 10 and 11."""

from __future__ import annotations

from collections.abc import Mapping

image_inference, video_inference = "imageInference", "videoInference"

kinds: Mapping[str, str] = {
    "text-to-image": image_inference,
    "image-to-image": image_inference,
    "text-to-video": video_inference,
    "image-to-video": video_inference,
    "motion-control": video_inference,
    "omni-video": video_inference,
    "lip-sync": video_inference,
    "avatar": video_inference,
}

_pictures: Mapping[str, str] = {
    "kling-v3": "klingai:kling-image@3",
    "kling-v3-omni": "klingai:kling-image@o3",
    "kling-image-o1": "klingai:kling-image@o1",
}
# By mode; `` for a model that has none.
_clips: Mapping[str, Mapping[str, str]] = {
    "kling-v1": {"std": "klingai:1@1", "pro": "klingai:1@2"},
    "kling-v1-5": {"std": "klingai:2@1", "pro": "klingai:2@2"},
    "kling-v1-6": {"std": "klingai:3@1", "pro": "klingai:3@2"},
    "kling-v2-master": {"": "klingai:4@3"},
    "kling-v2-1": {"std": "klingai:5@1", "pro": "klingai:5@2"},
    "kling-v2-1-master": {"": "klingai:5@3"},
    "kling-v2-5-turbo": {"std": "klingai:6@0", "pro": "klingai:6@1"},
    "kling-v2-6": {"std": "klingai:kling-video@2.6-standard", "pro": "klingai:kling-video@2.6-pro"},
    "kling-v3": {
        "std": "klingai:kling-video@3-standard", "pro": "klingai:kling-video@3-pro", "4k": "klingai:kling-video@3-4k",
    },
    "kling-v3-turbo": {"": "klingai:kling-video@3.0-turbo"},
    "kling-v3-omni": {
        "std": "klingai:kling-video@o3-standard", "pro": "klingai:kling-video@o3-pro",
        "4k": "klingai:kling-video@o3-4k",
    },
    "kling-video-o1": {"std": "klingai:kling@o1-standard", "pro": "klingai:kling@o1"},
    "kling-lip-sync": {"": "klingai:7@1"},
    "kling-avatar": {"std": "klingai:avatar@2.0-standard", "pro": "klingai:avatar@2.0-pro"},
}  # fmt: skip
# Models up to 2.5 take frames by a key of their own, and are told the sides of a clip with a picture too; section 9.
older_models = frozenset({
    "kling-v1", "kling-v1-5", "kling-v1-6", "kling-v2-master", "kling-v2-1", "kling-v2-1-master", "kling-v2-5-turbo",
})  # fmt: skip


def air_of(kind: str, model: str, parameters: Mapping[str, object], own: Mapping[str, str]) -> str:
    """The AIR: the account's own, the one of the page, or the name of a model that nobody here knows."""
    named = own.get(f"{kind}/{model}") or own.get(model)
    if named:
        return named
    if kinds[kind] == image_inference:
        return _pictures.get(model, model)
    by_mode = _clips.get(model, {})
    return by_mode.get(str(parameters.get("mode", ""))) or by_mode.get("") or next(iter(by_mode.values()), model)
