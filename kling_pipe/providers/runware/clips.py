"""Tasks that make clips from words or a picture, and pictures that move as a clip does; runware.md sections 9 to 11."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kling_pipe.providers.runware import sizes
from kling_pipe.providers.runware.airs import older_models
from kling_pipe.providers.runware.brief import Brief
from kling_pipe.values.wire import Json

_has_sound = frozenset({"kling-v2-6", "kling-v3", "kling-v3-omni"})
_says_shot_type = frozenset({"kling-v3"})
_shots_in_prompt = frozenset({"kling-v3-turbo"})
_resolutions: Mapping[str, str] = {"std": "720p", "pro": "1080p", "4k": "4k"}
# Newer models whose resolution is a field where no sides are told; section 11, likely.
_by_resolution = frozenset({("kling-v3-turbo", "std"), ("kling-v3-turbo", "pro"), ("kling-v3-omni", "4k")})


def _text_to_video(brief: Brief) -> Json:
    return {**words(brief), **told_sides(brief), **seconds(brief), **_voices(brief), **settings(sound_settings(brief))}


def _image_to_video(brief: Brief) -> Json:
    """With a picture current models follow its sides (section 10), older ones are told them."""
    body = {**words(brief), **seconds(brief), **settings(sound_settings(brief))}
    if brief.job.model in older_models:
        frames = [{"inputImage": item["image"], "frame": item["frame"]} for item in frames_of(brief)]
        return {**body, **_older_sides(brief), "frameImages": frames}
    inputs = {"frameImages": frames_of(brief), **_voices(brief).get("inputs", {})}
    return {**body, **resolution(brief), "inputs": inputs}


def _motion_control(brief: Brief) -> Json:
    """The page shows the clip alone; the character goes as the first frame, as in all other clips of the model."""
    frames = frames_of(brief)
    inputs: Json = {**({"frameImages": frames} if frames else {}), "referenceVideos": [brief.one("video")]}
    said = brief.taken(
        characterOrientation="character_orientation", keepOriginalSound="keep_original_sound", sound="sound"
    )
    return {**words(brief), **brief.taken(duration="duration"), "inputs": inputs, **settings(said)}


def words(brief: Brief) -> Json:
    """Prompts. Beside a list of shots there is no prompt (section 9), but where the shots are the prompt."""
    prompt = brief.taken(negativePrompt="negative_prompt", CFGScale="cfg_scale")
    if not brief.shots:
        return {**brief.taken(positivePrompt="prompt"), **prompt}
    if brief.job.model in _shots_in_prompt:
        lines = [
            f"shot {place}, {shot.get('duration')}, {shot.get('prompt')};" for place, shot in enumerate(brief.shots, 1)
        ]
        return {"positivePrompt": " ".join(lines), **prompt}
    return prompt


def seconds(brief: Brief) -> Json:
    """The segments of several shots say it themselves."""
    return {} if brief.shots and brief.job.model not in _shots_in_prompt else brief.taken(duration="duration")


def sound_settings(brief: Brief) -> Json:
    """Sound and segments, for the models that have them. A segment's seconds are a text (section 9)."""
    said: Json = brief.taken(sound="sound") if brief.job.model in _has_sound else {}
    if brief.shots and brief.job.model not in _shots_in_prompt:
        if brief.job.model in _says_shot_type:
            said["shotType"] = "customize"
        said["multiPrompt"] = [
            {"prompt": shot.get("prompt"), "duration": str(shot.get("duration"))} for shot in brief.shots
        ]
    return said


def settings(said: Json) -> Json:
    """The provider's own settings, where there are any."""
    return {"providerSettings": {"klingai": said}} if said else {}


def frames_of(brief: Brief) -> list[dict[str, str]]:
    """First and last frame, in the current form."""
    frames = [("first", brief.one("image")), ("last", brief.one("image_tail"))]
    return [{"image": picture, "frame": frame} for frame, picture in frames if picture]


def told_sides(brief: Brief) -> Json:
    """Those of the ratio that was asked for."""
    model = brief.job.model
    table = sizes.clip_sizes(model, brief.mode, is_older=model in older_models, resolution=brief.words("resolution"))
    return sizes.sides(table.get(brief.words("aspect_ratio"), table["16:9"]))


def resolution(brief: Brief) -> Json:
    """For the few models that have the field."""
    model, mode = brief.job.model, brief.mode
    return {"resolution": _resolutions[mode]} if (model, mode) in _by_resolution else {}


def _older_sides(brief: Brief) -> Json:
    """2.5 Turbo follows the picture: always in its cheaper mode, in the other where nothing else is asked."""
    model, mode, asked = brief.job.model, brief.mode, brief.words("resolution")
    ratio = brief.words("aspect_ratio")
    if model == "kling-v2-5-turbo" and (mode != "pro" or not (ratio or asked)):
        return {}
    table = sizes.clip_sizes(model, mode, is_older=True, resolution=asked)
    return sizes.sides(table.get(ratio) or sizes.nearest(table, brief.picture()))


def _voices(brief: Brief) -> Json:
    voices = brief.ids("voices")
    return {"inputs": {"referenceVoices": voices}} if voices else {}


bodies: Mapping[str, Callable[[Brief], Json]] = {
    "text-to-video": _text_to_video,
    "image-to-video": _image_to_video,
    "motion-control": _motion_control,
}
