"""Names of the service and of its transport that people bring along, with what to write here (native page, section 12).

A name may be a key of one kind and foreign to another (`audio`), and mean another key in each (`image_url`), so every
hint names the key it leads to and is given only where that is one.
"""

from __future__ import annotations

from collections.abc import Container, Mapping

Hint = tuple[str, str]  # the key that must be one here (empty: any), and what to write


def foreign_hint(name: str, known: Container[str]) -> str:
    """What to write in place of a foreign name, where `known` are keys; empty when there is nothing to say."""
    return next((hint for key, hint in foreign_keys.get(name, ()) if not key or key in known), "")


def _as(*keys: str) -> tuple[Hint, ...]:
    return tuple((key, f"write `{key}`") for key in keys)


def _listed(key: str) -> Hint:
    return key, f"write `{key}`, a list"


_shots = ("shots", "write `shots: auto`, or `shots` with a list")
_elements = ("elements", "write `elements`, a list of steps and ids")
_voices = ("voices", "write `voices`, a list of steps and ids")
_images = ("images", "write `images`; the first is the frontal one")
_takes = ("", "write `takes`")
_kind = ("", "write `kind`")
_after = ("", "write `after`")
_made_here = ("video", "write `video: steps.ID`; kling-pipe knows the ids of what it made")
_series = ("", "a step of kind `image-series` makes a series")
_flat = ("", "write its fields at the step itself")

foreign_keys: Mapping[str, tuple[Hint, ...]] = {
    "model_name": (("", "write `model`"),),
    "uses": (_kind,),
    "type": (_kind,),
    "needs": (_after,),
    "depends_on": (_after,),
    "n": (_takes,),
    "count": (_takes,),
    "callback_url": (("", "kling-pipe asks for the status itself"),),
    "external_task_id": (("", "kling-pipe derives it"),),
    "session_id": (("", "kling-pipe asks for it itself"),),
    "watermark_info": (("watermark", "write `watermark: true`"),),
    "input": (_flat,),
    # pictures
    "image": (_listed("images"), _listed("references")),
    "images": _as("references", "image"),
    "references": _as("images", "image"),
    "image_url": (*_as("image"), _listed("images"), _listed("references")),
    "image_urls": _as("references", "images"),
    "image_list": _as("references", "images"),
    "subject_image_list": _as("references"),
    "human_image_url": _as("human_image"),
    "person_image_url": _as("human_image"),
    "cloth_image_url": _as("cloth_image"),
    "cloth_image_urls": _as("cloth_image"),
    "first_frame": _as("image"),
    "last_frame": _as("image_tail"),
    "end_frame": _as("image_tail"),
    "result_type": (_series,),
    "resolution": (("mode", "`mode` decides: `std` is 720p, `pro` 1080p, `4k` 2160p"),),
    "aspect_ratio": (
        ("up_expansion_ratio", "the picture and its margins decide the sides"),
        ("image", "the picture decides the sides"),
        ("images", "the picture decides the sides"),
        ("human_image", "the picture decides the sides"),
        ("video", "the clip decides the sides"),
    ),
    # clips
    "video_url": _as("video"),
    "video_id": (_made_here,),
    "video_list": (("refer_type", "write `video`, and `refer_type` beside it"), *_as("video")),
    "refer_type": (("video", "a step of kind `omni-video` chooses how its clip is used"),),
    "multi_prompt": (_shots,),
    "multi_shot": (_shots,),
    "shot_type": (_shots,),
    "seconds": _as("duration"),
    "duration": (
        ("audio", "the sound decides how long it lasts"),
        ("video", "the clip decides how long it lasts"),
        ("effect", "the effect decides how long it lasts"),
    ),
    "effect_scene": _as("effect"),
    "frame_index": (("selections", "write `selections`, a list of `{frame_index, points}`"),),
    "points": (("selections", "write `selections`, a list of `{frame_index, points}`"),),
    # sound
    "audio": (("sound", "write `sound: true` for sound with the clip"),),
    "sound": (("keep_original_sound", "`keep_original_sound` keeps the sound of the clip"),),
    "sound_file": _as("audio"),
    "audio_url": _as("audio"),
    "audio_file": _as("audio"),
    "audio_id": (("audio", "write `audio: steps.ID`; kling-pipe knows the ids of what it made"),),
    "audio_type": (("audio", "`audio` takes a step, a file or an address alike"),),
    "voice_url": _as("audio"),
    "voice_id": (*_as("voice"), _voices),
    "voice_list": (_voices,),
    "voice_language": _as("language"),
    "voice_speed": _as("speed"),
    "face_choose": (("face", "write `face: 1`, and its other fields at the step itself"),),
    "face_id": (("face", "write `face`, counted from 1 in the order they are found"),),
    "text": (("audio", "make a `speech` step and wire it as `audio`"), *_as("prompt")),
    "prompt": _as("text"),
    # elements and voices
    "element_list": (_elements,),
    "element_name": _as("name"),
    "voice_name": _as("name"),
    "element_description": (("", "write `description`"),),
    "element_frontal_image": (_images, *_as("image")),
    "frontal_image": (_images, *_as("image")),
    "element_image_list": (_images,),
    "element_refer_list": (_images,),
    "refer_images": (_images,),
    "element_video_list": _as("video"),
    "refer_videos": _as("video"),
    "reference_type": (("images", "`images` or `video` says it"),),
    "element_voice_id": _as("voice"),
    "tag_list": (("tags", "write `tags: [character]`, for example"),),
    "tag_id": (("tags", "write `tags: [character]`, for example"),),
}
