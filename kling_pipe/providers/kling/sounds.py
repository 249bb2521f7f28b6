"""Speech, sound effects and music: create bodies; field tables: kling.md section 12, Sound."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kling_pipe.providers.kling import endpoints
from kling_pipe.providers.kling.brief import Brief
from kling_pipe.values.wire import Json

_language = "zh"  # marked required yet with this default, so it is always sent
_speed = 1.0
_seconds = 5.0


def spoken(brief: Brief) -> Json:
    """A text to be spoken: the body of a `speech` step, and of a lip-sync's errand."""
    return {
        "text": brief.parameter("text"),
        "voice_id": brief.parameter("voice"),
        "voice_language": brief.words("language") or _language,
        "voice_speed": _number(brief, "speed", _speed),
    }


def sound_of(brief: Brief) -> Json:
    """A wired sound where the service takes its own speech by id too: exactly one of the two fields."""
    handed = brief.media["audio"]
    return {"audio_id": handed.id} if handed.id else {"sound_file": handed.text}


def _text_to_audio(brief: Brief) -> Json:
    return {**brief.taken("prompt"), "duration": _number(brief, "duration", _seconds)}


def _video_to_audio(brief: Brief) -> Json:
    return {**brief.clip(), **brief.taken("sound_effect_prompt", "bgm_prompt", "asmr_mode")}


def _number(brief: Brief, name: str, usual: float) -> float:
    """A number with one decimal, as both endpoints document theirs."""
    value = brief.parameter(name)
    return round(float(value), 1) if isinstance(value, int | float) else usual


bodies: Mapping[str, Callable[[Brief], Json]] = {
    endpoints.tts: spoken,
    endpoints.text_to_audio: _text_to_audio,
    endpoints.video_to_audio: _video_to_audio,
}
