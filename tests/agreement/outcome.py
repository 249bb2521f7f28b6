"""Whether what came out is what was expected of it: the type, the sides, the seconds, the sound."""

from __future__ import annotations

from kling_pipe.values.media import MediaFacts

_more = 0.1  # seconds that a clip may be longer or shorter than was expected
_shape = 0.025  # how far a ratio of sides may be off, and an area


def difference(expected: MediaFacts, found: MediaFacts) -> list[str]:
    """What is otherwise, each in a few words; a figure that was not known is not compared."""
    wrong = [f"type: {found.type} and not {expected.type}"] if found.type is not expected.type else []
    if expected.width and not _is_near(expected, found):
        wrong.append(f"sides: {found.width}x{found.height} and not {expected.width}x{expected.height}")
    if expected.seconds and abs(found.seconds - expected.seconds) > _more:
        wrong.append(f"seconds: {found.seconds:g} and not {expected.seconds:g}")
    if found.has_sound != expected.has_sound:
        wrong.append(f"sound: {found.has_sound} and not {expected.has_sound}")
    return wrong


def _is_near(expected: MediaFacts, found: MediaFacts) -> bool:
    """Services round sides each in their own way."""
    if not (found.width and found.height):
        return False
    shape = found.width / found.height / (expected.width / expected.height)
    area = found.width * found.height / (expected.width * expected.height)
    return abs(shape - 1) <= _shape and abs(area - 1) <= 2 * _shape
