"""Sound: text-to-audio, video-to-audio and the synchronous tts (kling.md section 12, "Sound")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kling_pipe.providers.kling import fake_charges, fake_limits
from kling_pipe.providers.kling.fake_fields import Field, Others, missing, read, wrong
from kling_pipe.providers.kling.fake_library import check_speech_voice
from kling_pipe.providers.kling.fake_media import Desk
from kling_pipe.providers.kling.fake_order import call_order, task_order
from kling_pipe.providers.kling.fake_slip import Slip, unmarked_tail
from kling_pipe.simulator.media_order import ClipOrder, SoundOrder
from kling_pipe.simulator.tasks import TaskOrder

_text = (
    Field("prompt", required=True, most=200),
    Field("duration", "number", required=True, low=3.0, high=10.0),
    *unmarked_tail,
)
_video = (
    Field("video_id"),
    Field("video_url"),
    Field("sound_effect_prompt", most=200),
    Field("bgm_prompt", most=200),
    Field("asmr_mode", "switch"),
    *unmarked_tail,
)
_speech = (
    Field("text", required=True, most=1000),
    Field("voice_id", required=True),
    Field("voice_language", required=True, values=("zh", "en")),
    Field("voice_speed", "number"),
)
_signs_a_second = {"zh": 4.5, "en": 15.0}
_shortest = 2.0  # so that whatever is spoken is long enough for a mouth to move to it


async def text_to_audio(body: Mapping[str, Any], desk: Desk) -> TaskOrder:
    """`POST /v1/audio/text-to-audio`."""
    values = read(body, _text, others=Others.REFUSED)
    seconds = float(values["duration"])
    if round(seconds, 1) != seconds:
        raise wrong(f"duration value '{values['duration']}' is invalid, expected one decimal")
    outputs = tuple(SoundOrder(values["prompt"], seconds, 0, "text-to-audio", form=form) for form in ("mp3", "wav"))
    return task_order(
        desk, Slip.of(values), endpoint="/v1/audio/text-to-audio", function="text-to-audio", product="audio",
        units=fake_charges.sound, seconds=14.0 + 3.0 * seconds, shape="audios", outputs=outputs,
        audio_duration=f"{seconds:.3f}", requested=f"{seconds:g}",
    )  # fmt: skip


async def video_to_audio(body: Mapping[str, Any], desk: Desk) -> TaskOrder:
    """`POST /v1/audio/video-to-audio`: the sound, and the clip with it."""
    values = read(body, _video, others=Others.REFUSED)
    source = await desk.source_clip(values, fake_limits.dubbed)
    words = "; ".join(values[name] for name in ("sound_effect_prompt", "bgm_prompt") if name in values)
    facts, path = source.file.facts, source.file.path
    clip = ClipOrder(
        words, facts.width, facts.height, source.seconds, 24, 0, "video-to-audio", sound=True, base=path, manner="dub"
    )
    sounds = tuple(
        SoundOrder(words, source.seconds, 0, "video-to-audio", form=form, source=path) for form in ("mp3", "wav")
    )
    seconds = f"{source.seconds:.3f}"
    return task_order(
        desk, Slip.of(values), endpoint="/v1/audio/video-to-audio", function="video-to-audio", product="audio",
        units=fake_charges.sound, seconds=30.0 + 3.0 * source.seconds, shape="dub", outputs=(clip, *sounds),
        parent=source.parent, duration=seconds, audio_duration=seconds, sound="true", clip="true",
    )  # fmt: skip


async def speech(body: Mapping[str, Any], desk: Desk) -> TaskOrder:
    """`POST /v1/audio/tts`. Speeds outside the bounds are rounded into them (section 12)."""
    values = read(body, _speech, others=Others.REFUSED)
    if not values["text"].strip():
        raise missing("text")
    speed = min(2.0, max(0.8, round(values.get("voice_speed", 1.0), 1)))
    sound = spoken(desk, values["text"], values["voice_id"], values["voice_language"], speed)
    return call_order(
        desk, endpoint="/v1/audio/tts", function="tts", units=fake_charges.speech, outputs=(sound,), shape="speech",
        audio_duration=f"{sound.seconds:.3f}",
    )  # fmt: skip


def spoken(desk: Desk, text: str, voice: str, language: str, speed: float) -> SoundOrder:
    """A text as it is spoken by a voice of the TTS catalogue."""
    check_speech_voice(desk.world, desk.account, voice)
    seconds = max(_shortest, round(0.4 + len(text) / _signs_a_second[language] / speed, 3))
    return SoundOrder(text, seconds, 0, f"tts · {voice}", "speech", voice, speed)
