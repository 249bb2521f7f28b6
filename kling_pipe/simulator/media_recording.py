"""Recordings: a sound order becomes a WAV or an MP3 file."""

from __future__ import annotations

import os
import tempfile
from array import array
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import cast

import av
from av.audio.stream import AudioStream
from PIL import Image, ImageChops, ImageStat

from kling_pipe.simulator.media_film import frames_at, opened, picture_seconds
from kling_pipe.simulator.media_load import note_of
from kling_pipe.simulator.media_music import is_musical, music
from kling_pipe.simulator.media_noise import effects, is_named
from kling_pipe.simulator.media_order import SoundOrder
from kling_pipe.simulator.media_speech import speech
from kling_pipe.simulator.media_wave import Wave, as_bytes, mixed, rate

_looks = 8  # a second, at which a clip's motion is measured
_codecs = {"wav": "pcm_s16le", "mp3": "libmp3lame"}


def make(order: SoundOrder, path: str) -> float:
    """Records and saves, whole or not at all, and says how many seconds came out."""
    wave = record(order)
    handle, temporary = tempfile.mkstemp(suffix=f".{order.form}", dir=os.path.dirname(os.path.abspath(path)))
    os.close(handle)
    try:
        _save(wave, temporary, order)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    return len(wave) / rate


def record(order: SoundOrder) -> Wave:
    """The order's samples: exactly as many as its seconds hold."""
    wave = _manners[order.manner](order)
    count = max(1, round(order.seconds * rate))
    return array("h", (wave[:count] + array("h", bytes(2 * max(0, count - len(wave))))))


def _speech(order: SoundOrder) -> Wave:
    return speech(order.words, order.seconds, order.voice, str(order.seed))


def _effects(order: SoundOrder) -> Wave:
    """The sound of things, music, or one over the other: a dubbed clip is told both in the same words."""
    musical = is_musical(order.words)
    if musical and not is_named(order.words):
        return _music(order)
    moving = motion_of(order.source, order.seconds) if order.source else ()
    sound = effects(order.words, order.seconds, str(order.seed), moving)
    return mixed(((sound, 0.0, 0.9), (_music(order), 0.0, 0.7)), order.seconds) if musical else sound


def _music(order: SoundOrder) -> Wave:
    return music(order.words, order.seconds, str(order.seed))


_manners: dict[str, Callable[[SoundOrder], Wave]] = {"speech": _speech, "effects": _effects, "music": _music}


def motion_of(path: str, seconds: float) -> tuple[float, ...]:
    """How much a clip moves, from 0 to 1, eight times a second."""
    with opened(path) as container:
        count = max(2, round(min(picture_seconds(container), seconds) * _looks))
        small = [_small(frame) for frame in frames_at(container, _looks, count)]
    changes = [0.0] + [ImageStat.Stat(ImageChops.difference(a, b)).mean[0] for a, b in pairwise(small)]
    top = max(changes) or 1.0
    return tuple(change / top for change in changes)


def _small(frame: av.VideoFrame) -> Image.Image:
    grey = frame.reformat(width=64, height=64, format="gray")
    return Image.frombuffer("L", (64, 64), bytes(grey.planes[0]), "raw", "L", grey.planes[0].line_size, 1)


def _save(wave: Wave, path: str, order: SoundOrder) -> None:
    form = order.form
    with av.open(path, "w", format=form, options={"fflags": "+bitexact"}) as container:
        container.metadata["comment"] = note_of(order.label, (0, 0), ()).partition(";")[0]
        stream = cast(AudioStream, container.add_stream(_codecs[form], rate=rate))
        stream.layout = "mono"
        if form == "mp3":
            stream.bit_rate = 96_000
        resampler = av.AudioResampler(
            format="s16" if form == "wav" else "s16p", layout="mono", rate=rate, frame_size=1152
        )
        frame = av.AudioFrame(format="s16", layout="mono", samples=len(wave))
        frame.planes[0].update(as_bytes(wave).ljust(frame.planes[0].buffer_size, b"\0"))
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        for piece in (*resampler.resample(frame), *resampler.resample(None)):
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
