"""Clips: shots one after another, each with its caption and its camera, and the sound under them."""

from __future__ import annotations

from dataclasses import replace

from kling_pipe.simulator.media_camera import Still
from kling_pipe.simulator.media_film import Film
from kling_pipe.simulator.media_footage import seconds_of
from kling_pipe.simulator.media_load import load, note_of, opaque
from kling_pipe.simulator.media_motion import has_sound, inset_size, keep_sound, performed, read_reference, sides
from kling_pipe.simulator.media_order import ClipOrder
from kling_pipe.simulator.media_overlay import Overlay, covered
from kling_pipe.simulator.media_shot import Shot, shots_of
from kling_pipe.simulator.media_sound import ambience
from kling_pipe.simulator.media_soundtrack import Soundtrack
from kling_pipe.simulator.media_take import Take, caption, frames_of, one_shot
from kling_pipe.simulator.media_text import write


def make(order: ClipOrder, path: str) -> float:
    """Films the order and says how many seconds came out."""
    size = max(16, order.width & ~1), max(16, order.height & ~1)
    if order.motion:
        return _motion_controlled(order, size, path)
    order = _measured(order)
    shots = shots_of(order)
    writings = [write(size, caption(order, shot), tag_of(order, shot)) for shot in shots]
    track = Soundtrack.of(order, sum(shot.frames for shot in shots))
    note = note_of(order.label, size, covered(writings), order.stands_for)
    with Film(path, size, order.fps, note, sound=track.samples is not None) as film:
        for shot, writing in zip(shots, writings, strict=True):
            over, foot = Overlay.of(writing), min((box[1] for box in writing.boxes[1:]), default=size[1])
            for planes in frames_of(Take(order, shot, size, foot, track.levels)):
                film.add(over.on(planes))
        if track.samples is not None:
            film.add_sound(track.samples)
    return film.seconds


def _measured(order: ClipOrder) -> ClipOrder:
    """The order with its seconds; none are told where the clip is as long as the clip or the sound it is made from."""
    order = replace(order, shots=()) if order.manner in one_shot else order
    if order.seconds > 0:
        return order
    source = order.sound_file if order.manner == "avatar" else order.base
    return replace(order, seconds=seconds_of(source)) if source else order


def _motion_controlled(order: ClipOrder, size: tuple[int, int], path: str) -> float:
    """As long as the reference clip, no longer than asked."""
    sound = order.keep_sound and has_sound(order.motion)
    still = Still.of(opaque(load(order.character or order.start)), size)
    reference = read_reference(order.motion, order.fps, order.seconds, inset_size(size, sides(order.motion)))
    writing = write(size, order.prompt, tag_of(order, Shot("", 0, 1, 1)))
    over = Overlay.of(writing)
    with Film(
        path, size, order.fps, note_of(order.label, size, writing.boxes, order.stands_for), sound=sound or order.sound
    ) as film:
        for planes in performed(still, reference, order.fps):
            film.add(over.on(planes))
        if sound:
            keep_sound(film, order.motion)
        elif order.sound:
            film.add_sound(ambience(film.seconds, f"{order.seed}/{order.prompt}"))
    return film.seconds


def tag_of(order: ClipOrder, shot: Shot) -> str:
    """The tag's text."""
    part = f"shot {shot.number}/{shot.of}" if shot.of > 1 else ""
    return " · ".join(text for text in ("SIMULATED", order.label, part) if text)
