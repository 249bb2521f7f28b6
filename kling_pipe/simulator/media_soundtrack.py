"""A clip's sound: its own music, the sound of the clip it was made from, what is laid over it."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

from kling_pipe.simulator.media_motion import has_sound
from kling_pipe.simulator.media_order import ClipOrder, SoundOrder
from kling_pipe.simulator.media_recording import record
from kling_pipe.simulator.media_sound import ambience
from kling_pipe.simulator.media_wave import Wave, as_bytes, heard, loudness, mixed

_under = 0.30  # how loud a clip's own sound stays under somebody who speaks


@dataclass(frozen=True, slots=True)
class Soundtrack:
    """What is heard (None for a silent clip), and how loud what was laid over it is while each frame is shown."""

    samples: bytes | None
    levels: list[float]

    @staticmethod
    def of(order: ClipOrder, count: int) -> Soundtrack:
        """The track for so many frames; raises ValueError when a file of the order cannot be heard."""
        seconds = count / order.fps
        over = heard(order.sound_file) if order.sound_file else _made(order, seconds)
        parts: list[tuple[Wave, float, float]] = [(over, order.insert, 1.0)] if over else []
        if order.base and (order.keep_sound or order.manner == "lip-sync") and has_sound(order.base):
            parts.append((heard(order.base), 0.0, _under if over else 1.0))
        samples: bytes | None
        if parts:
            samples = as_bytes(mixed(parts, seconds))
        else:
            samples = ambience(round(seconds, 3), f"{order.seed}/{order.prompt}") if order.sound else None
        return Soundtrack(samples, loudness(over, order.fps, count, order.insert) if over else [])


def _made(order: ClipOrder, seconds: float) -> Wave:
    """What a dub without a file gets: the very sound that a sound order of the same words, seed and source makes."""
    if order.manner != "dub":
        return array("h")
    return record(SoundOrder(order.prompt, seconds, order.seed, source=order.base))
