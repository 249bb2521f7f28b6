"""What pictures, clips and sounds a wired field takes, as a catalogue's `media` say it.

    type          image, video or audio
    formats       as probed, such as jpeg or m4a
    bytes         at most so many
    side          [least] or [least, most] pixels of each side
    sizes         [[width, height], …] and no others
    area          at most so many pixels
    aspect        [narrowest, widest], width by height
    fps           [least, most], or {one_of: [24, 30]}; a rate such as 23.976 counts as 24
    seconds       [least, most], or several such windows
    seconds_by    {parameter: p, value: windows, …}: windows by a parameter's value
    slack         seconds that a file may run over a window
    lasts         {parameter: n, …}: at least n seconds longer than the parameter says
    holds         {sum: [parameters], minus: [parameters], with: parameter}: at least the seconds they come to
    shape_of      a parameter with a ratio that the file should have (a warning)
    same_aspect   a wired field whose ratio it must have
    same_size     wired fields that must be of one size
    sound         true: a clip that is silent is refused
    frames        a parameter whose marked frames the clip must have
    narrowed      [{when: conditions, hint: text, …}]: further bounds where the conditions hold

How files are judged by them: catalogue_bounds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kling_pipe.plan.catalogue_data import Data, mapping, mappings, media_type, number, sequence, text, texts
from kling_pipe.plan.catalogue_rules import Condition, View, compile_conditions
from kling_pipe.values.media import MediaType

Windows = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Further bounds of a field, where `when` holds."""

    when: Condition
    limits: MediaLimits
    hint: str

    @staticmethod
    def of(data: Data, line: Data, name: str) -> Narrowed:
        limits = MediaLimits.of({"type": data.get("type"), **line}, name)
        return Narrowed(compile_conditions(mapping(line, "when")), limits, text(line, "hint"))


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """What one wired field takes; None and empty mean no bound."""

    name: str
    data: Data
    type: MediaType
    formats: tuple[str, ...]
    bytes: int | None
    side: tuple[float | None, float | None]
    sizes: tuple[tuple[int, int], ...]
    area: float | None
    aspect: tuple[float | None, float | None]
    fps: tuple[float | None, float | None]
    fps_list: tuple[float, ...]
    seconds: Windows
    seconds_parameter: str
    seconds_by: Mapping[str, Windows]
    slack: float
    lasts: Mapping[str, float]
    holds: Data
    shape_of: str
    same_aspect: str
    same_size: tuple[str, ...]
    sound: bool
    frames: str
    narrowed: tuple[Narrowed, ...]

    @staticmethod
    def of(data: Data, name: str = "") -> MediaLimits:
        most, by, fps = number(data, "bytes"), mapping(data, "seconds_by"), data.get("fps")
        return MediaLimits(
            name=name,
            data=data,
            type=media_type(data, "type"),
            formats=texts(data, "formats"),
            bytes=None if most is None else int(most),
            side=_pair(data, "side"),
            sizes=tuple((int(width), int(height)) for width, height in windows(data, "sizes")),
            area=number(data, "area"),
            aspect=_pair(data, "aspect"),
            fps=(None, None) if isinstance(fps, Mapping) else _pair(data, "fps"),
            fps_list=_numbers(fps, "one_of") if isinstance(fps, Mapping) else (),
            seconds=windows(data, "seconds"),
            seconds_parameter=text(by, "parameter"),
            seconds_by={str(key): windows(by, key) for key in by if key != "parameter"},
            slack=number(data, "slack") or 0.0,
            lasts={key: number(mapping(data, "lasts"), key) or 0.0 for key in mapping(data, "lasts")},
            holds=mapping(data, "holds"),
            shape_of=text(data, "shape_of"),
            same_aspect=text(data, "same_aspect"),
            same_size=texts(data, "same_size"),
            sound=data.get("sound") is True,
            frames=text(data, "frames"),
            narrowed=tuple(Narrowed.of(data, line, name) for line in mappings(data, "narrowed")),
        )

    def windows_for(self, view: View) -> tuple[Windows, str]:
        """The windows of seconds that count, and the parameter's value they belong to."""
        if not self.seconds_parameter:
            return self.seconds, ""
        chosen = str(view.get(self.seconds_parameter, ""))
        return self.seconds_by.get(chosen, ()), chosen


def field_name(field: str) -> str:
    """A wired field without its index: `references[0]` is `references`, `masks[1].mask` is `masks.mask`."""
    head, bracket, rest = field.partition("[")
    return head + rest.partition("]")[2] if bracket else head


def a_medium(type_: MediaType) -> str:
    """`a picture`, `a clip`, `sound`."""
    return {MediaType.IMAGE: "a picture", MediaType.VIDEO: "a clip", MediaType.AUDIO: "sound"}.get(type_, f"a {type_}")


def windows(data: Data, key: str) -> Windows:
    """`[a, b]` as one window, `[[a, b], [c, d]]` as several."""
    values = sequence(data, key)
    if values and all(isinstance(value, list | tuple) for value in values):
        return tuple(_both(key, tuple(value)) for value in values if isinstance(value, list | tuple))
    return (_both(key, values),) if values else ()


def _pair(data: Data, key: str) -> tuple[float | None, float | None]:
    values = sequence(data, key)
    found = [float(value) if isinstance(value, int | float) else None for value in values]
    return (found[0] if found else None, found[1] if len(found) > 1 else None)


def _numbers(data: Data, key: str) -> tuple[float, ...]:
    return tuple(float(value) for value in sequence(data, key) if isinstance(value, int | float))


def _both(key: str, values: tuple[object, ...]) -> tuple[float, float]:
    numbers = [float(value) for value in values if isinstance(value, int | float)]
    if len(numbers) != 2:
        raise ValueError(f"`{key}` needs a least and a most")
    return (numbers[0], numbers[1])
