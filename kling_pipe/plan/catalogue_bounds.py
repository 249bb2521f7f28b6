"""Whether a real or expected picture, clip or sound lies within the limits of a wired field.

Facts that are 0 are not known and not judged. What a step's sound will last is a guess until it is made, so there
wrong seconds are a warning.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from kling_pipe.errors import Severity
from kling_pipe.plan.catalogue_data import text, texts
from kling_pipe.plan.catalogue_findings import is_number
from kling_pipe.plan.catalogue_media import MediaLimits, Windows, a_medium, field_name
from kling_pipe.plan.catalogue_rules import Finding, View, figure, plain_figure
from kling_pipe.values.media import MediaFacts, MediaType

_aspect_slack = 0.01  # a ratio is compared to a hundredth: sides are whole pixels
_shape_slack = 0.1  # where only the look of things suffers
_moment = 0.0005  # seconds: moments in a file are whole milliseconds
_fps_slack = 0.1  # 23.976 and 59.94 are the broadcast forms of 24 and 60

Others = Mapping[str, MediaFacts]  # the step's other wired fields


def judge(
    limits: MediaLimits, field: str, facts: MediaFacts, view: View, others: Others, *, guessed: bool = False
) -> tuple[Finding, ...]:
    """What is wrong with one file in a wired field; `guessed` says that its seconds are not sure."""
    if facts.type is not limits.type:
        message = f"`{field}` takes {a_medium(limits.type)}, not {a_medium(facts.type)}"
        return (Finding("media-type", message, field, origin=f"media.{limits.name}.type"),)
    found: list[Finding] = []
    for bound in limits.data:
        if bound in _checks and (wrong := _checks[bound](limits, field, facts, view, others)):
            found += [replace(one, origin=f"media.{limits.name}.{bound}") for one in wrong]
    for narrow in limits.narrowed:
        if narrow.when(view):
            further = judge(narrow.limits, field, facts, view, others)
            found += [replace(one, hint=narrow.hint or one.hint) for one in further]
    if guessed and limits.type is MediaType.AUDIO:
        found = [_softened(one) for one in found]
    return tuple(found)


_Check = Callable[[MediaLimits, str, MediaFacts, View, Others], list[Finding]]


def _format(limits: MediaLimits, field: str, facts: MediaFacts, _: View, __: Others) -> list[Finding]:
    if facts.format in limits.formats:
        return []
    formats = " or ".join(limits.formats)
    message = f"`{field}` takes {formats}, not {facts.format}"
    return [Finding("media-format", message, field, f"convert it to {limits.formats[0]}")]


def _weight(limits: MediaLimits, field: str, facts: MediaFacts, _: View, __: Others) -> list[Finding]:
    if limits.bytes is None or facts.bytes <= limits.bytes:
        return []
    message = f"`{field}` is {facts.bytes / 1e6:.1f} MB, at most {limits.bytes / 1e6:.0f} MB are taken"
    return [Finding("media-bytes", message, field, "make the file smaller")]


def _side(limits: MediaLimits, field: str, facts: MediaFacts, _: View, __: Others) -> list[Finding]:
    if not (facts.width and facts.height):
        return []
    (low, high), found = limits.side, []
    if low is not None and min(facts.width, facts.height) < low:
        message = f"`{field}` is {_size(facts)}, each side needs at least {low:g} pixels"
        found.append(Finding("media-side", message, field, "take a larger one, or enlarge it"))
    if high is not None and max(facts.width, facts.height) > high:
        message = f"`{field}` is {_size(facts)}, each side has at most {high:g} pixels"
        found.append(Finding("media-side", message, field, "scale it down"))
    return found


def _sizes(limits: MediaLimits, field: str, facts: MediaFacts, _: View, __: Others) -> list[Finding]:
    if not (facts.width and facts.height) or (facts.width, facts.height) in limits.sizes:
        return []
    wanted = " or ".join(f"{width}×{height}" for width, height in limits.sizes)
    return [Finding("media-size", f"`{field}` is {_size(facts)}, it must be {wanted}", field, "scale or crop it")]


def _area(limits: MediaLimits, field: str, facts: MediaFacts, _: View, __: Others) -> list[Finding]:
    if limits.area is None or facts.width * facts.height <= limits.area:
        return []
    message = f"`{field}` is {_size(facts)}, it may have at most {limits.area:,.0f} pixels"
    return [Finding("media-area", message, field, "scale it down")]


def _aspect(limits: MediaLimits, field: str, facts: MediaFacts, _: View, __: Others) -> list[Finding]:
    narrow, wide = limits.aspect
    if not (facts.width and facts.height) or narrow is None or wide is None:
        return []
    if narrow - 1e-9 <= facts.width / facts.height <= wide + 1e-9:
        return []
    message = f"`{field}` is {_size(facts)}, its sides may be 1:{1 / narrow:g} to {wide:g}:1"
    return [Finding("media-aspect", message, field, "crop it")]


def _fps(limits: MediaLimits, field: str, facts: MediaFacts, _: View, __: Others) -> list[Finding]:
    if not facts.fps:
        return []
    low, high = limits.fps
    if limits.fps_list:
        fits = any(abs(facts.fps - rate) <= _fps_slack for rate in limits.fps_list)
        wanted = " or ".join(f"{rate:g}" for rate in limits.fps_list)
    else:
        fits = low is None or high is None or low - _fps_slack <= facts.fps <= high + _fps_slack
        wanted = f"{low:g} to {high:g}"
    if fits:
        return []
    message = f"`{field}` has {plain_figure(facts.fps)} frames a second, expected {wanted}"
    return [Finding("media-fps", message, field, f"convert it to {wanted.split(' ')[0]} frames a second")]


def _seconds(limits: MediaLimits, field: str, facts: MediaFacts, view: View, _: Others) -> list[Finding]:
    allowed, chosen = limits.windows_for(view)
    if not allowed or not facts.seconds or _fits(limits, allowed, facts.seconds):
        return []
    wanted = " or ".join(f"{low:g} to {high:g}" for low, high in allowed)
    with_ = f" with `{limits.seconds_parameter}: {chosen}`" if chosen else ""
    message = f"`{field}` lasts {facts.seconds:.2f} seconds, expected {wanted}{with_}"
    fitting = [name for name, spans in limits.seconds_by.items() if _fits(limits, spans, facts.seconds)]
    thing = "sound" if limits.type is MediaType.AUDIO else "clip"
    hint = f"set `{limits.seconds_parameter}: {fitting[0]}`" if fitting else f"cut or lengthen the {thing}"
    return [Finding("media-seconds", message, field, hint)]


def _lasts(limits: MediaLimits, field: str, facts: MediaFacts, view: View, _: Others) -> list[Finding]:
    found = []
    for key, more in limits.lasts.items():
        value = view.get(key)
        if not facts.seconds or not isinstance(value, int | float) or isinstance(value, bool):
            continue
        if value + more > facts.seconds + _moment:
            after = f"{plain_figure(more)} seconds after `{key}: {plain_figure(value)}`" if more else ""
            message = (
                f"`{field}` lasts {facts.seconds:.2f} seconds, it must last at least {after}"
                if more
                else f"`{field}` lasts {facts.seconds:.2f} seconds, `{key}` says {plain_figure(value)}"
            )
            found.append(Finding("media-too-short", message, field, f"lower `{key}`"))
    return found


def _holds(limits: MediaLimits, field: str, facts: MediaFacts, view: View, _: Others) -> list[Finding]:
    plus, minus = texts(limits.holds, "sum"), texts(limits.holds, "minus")
    until = figure(view, plus) - figure(view, minus)
    if not facts.seconds or text(limits.holds, "with") not in view or until <= facts.seconds + _moment:
        return []
    terms = " − ".join([" + ".join(f"`{key}`" for key in plus), *(f"`{key}`" for key in minus)])
    message = f"`{field}` lasts {facts.seconds:.2f} seconds, {terms} is {plain_figure(until)}"
    return [Finding("media-too-short", message, field, f"lower {' or '.join(f'`{key}`' for key in plus)}")]


def _shape_of(limits: MediaLimits, field: str, facts: MediaFacts, view: View, _: Others) -> list[Finding]:
    wide, colon, high = str(view.get(limits.shape_of, "")).partition(":")
    if not (facts.width and facts.height and colon and wide.isdigit() and high.isdigit() and int(high)):
        return []
    if abs(facts.width / facts.height / (int(wide) / int(high)) - 1) < _shape_slack:
        return []
    message = f"`{field}` is {_size(facts)}, and what follows will be {wide}:{high}"
    hint = f"set `{limits.shape_of}` to the clip's own ratio"
    return [Finding("media-shape", message, field, hint, Severity.WARNING)]


def _same_aspect(limits: MediaLimits, field: str, facts: MediaFacts, _: View, others: Others) -> list[Finding]:
    picture = others.get(limits.same_aspect)
    if not (facts.width and facts.height and picture and picture.width):
        return []
    if abs(picture.width / picture.height - facts.width / facts.height) <= _aspect_slack:
        return []
    message = (
        f"`{field}` is {_size(facts)}, its ratio must be that of `{limits.same_aspect}`, "
        f"{picture.width}×{picture.height}"
    )
    return [Finding("mask-aspect", message, field, "make the mask from the picture itself")]


def _same_size(limits: MediaLimits, field: str, facts: MediaFacts, _: View, others: Others) -> list[Finding]:
    if not (facts.width and facts.height):
        return []
    return [
        Finding("mask-size", f"`{field}` is {_size(facts)} and `{name}` is {_size(peer)}, masks must be of one size",
                field)
        for name, peer in others.items()
        if name < field and field_name(name) in limits.same_size
        and peer.width and (peer.width, peer.height) != (facts.width, facts.height)
    ]  # fmt: skip


def _sound(limits: MediaLimits, field: str, facts: MediaFacts, _: View, __: Others) -> list[Finding]:
    if facts.has_sound or not limits.sound:
        return []
    return [Finding("media-silent", f"`{field}` has no sound", field, "take a clip in which somebody speaks")]


def _frames(limits: MediaLimits, field: str, facts: MediaFacts, view: View, _: Others) -> list[Finding]:
    """Where the rate is not known yet, it is the highest there may be."""
    rate, marked = facts.fps or max(limits.fps_list, default=0.0), view.get(limits.frames)
    there = round(facts.seconds * rate)
    if not there or not isinstance(marked, list | tuple):
        return []
    indexes = [one.get("frame_index") if isinstance(one, Mapping) else None for one in marked]
    return [
        Finding("no-such-frame", f"`{field}` has {there} frames, none is {index}", f"{limits.frames}[{place}]",
                f"the last one is {there - 1}")
        for place, index in enumerate(indexes)
        if is_number(index) and index >= there
    ]  # fmt: skip


_checks: Mapping[str, _Check] = {
    "formats": _format, "bytes": _weight, "side": _side, "sizes": _sizes, "area": _area, "aspect": _aspect,
    "fps": _fps, "seconds": _seconds, "seconds_by": _seconds, "lasts": _lasts, "holds": _holds, "shape_of": _shape_of,
    "same_aspect": _same_aspect, "same_size": _same_size, "sound": _sound,
    "frames": _frames,
}  # fmt: skip

bounds = tuple(_checks)  # the words that can refuse a file


def _fits(limits: MediaLimits, allowed: Windows, seconds: float) -> bool:
    return any(low <= seconds <= high + limits.slack for low, high in allowed)


def _softened(finding: Finding) -> Finding:
    soft = finding.code in ("media-seconds", "media-too-short")
    return replace(finding, severity=Severity.WARNING) if soft else finding


def _size(facts: MediaFacts) -> str:
    return f"{facts.width}×{facts.height}"
