"""Tasks that make a clip or a picture speak; runware.md sections 9 and 10."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kling_pipe.providers.runware.brief import Brief
from kling_pipe.providers.runware.clips import settings
from kling_pipe.values.wire import Json


def _lip_sync(brief: Brief) -> Json:
    said = brief.taken(soundVolume="sound_volume", originalAudioVolume="original_audio_volume")
    return {"inputs": {"video": brief.one("video"), "audio": brief.one("audio")}, **settings(said)}


def _avatar(brief: Brief) -> Json:
    inputs = {"image": brief.one("image"), "audio": brief.one("audio")}
    return {**brief.taken(positivePrompt="prompt"), "inputs": inputs}


bodies: Mapping[str, Callable[[Brief], Json]] = {"lip-sync": _lip_sync, "avatar": _avatar}
