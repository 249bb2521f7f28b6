"""Whether a real picture or clip may go into a wired field: formats, bytes, sides, aspect, seconds, masks that fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kling_pipe.plan.catalogue_data import Data, mapping, media_type, number, sequence, text, texts
from kling_pipe.plan.catalogue_rules import Finding, View
from kling_pipe.values.media import MediaFacts, MediaType

_aspect_slack = 0.01  # a ratio is compared to a hundredth: sides are whole pixels


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """What one wired field takes; None means no bound."""

    type: MediaType
    formats: tuple[str, ...]
    bytes: int | None
    side: tuple[float | None, float | None]
    aspect: tuple[float | None, float | None]
    seconds_parameter: str = ""
    seconds: Mapping[str, tuple[float, float]] | None = None
    slack: float = 0.0
    same_aspect: str = ""
    same_size: tuple[str, ...] = ()

    @staticmethod
    def of(data: Data) -> MediaLimits:
        most, by = number(data, "bytes"), mapping(data, "seconds_by")
        return MediaLimits(
            type=media_type(data, "type"),
            formats=texts(data, "formats"),
            bytes=None if most is None else int(most),
            side=_pair(data, "side"),
            aspect=_pair(data, "aspect"),
            seconds_parameter=text(by, "parameter"),
            seconds={key: _both(by, key) for key in by if key != "parameter"},
            slack=number(data, "slack") or 0.0,
            same_aspect=text(data, "same_aspect"),
            same_size=texts(data, "same_size"),
        )

    def find(self, field: str, facts: MediaFacts, view: View, others: Mapping[str, MediaFacts]) -> tuple[Finding, ...]:
        """What is wrong with one material; facts that are 0 are not known and not judged."""
        if facts.type is not self.type:
            return (Finding("media-type", f"`{field}` takes {_a(self.type)}, not {_a(facts.type)}", field),)
        return (
            *self._format(field, facts),
            *self._weight(field, facts),
            *self._sides(field, facts),
            *self._time(field, facts, view),
            *self._company(field, facts, others),
        )

    def _format(self, field: str, facts: MediaFacts) -> tuple[Finding, ...]:
        if facts.format in self.formats:
            return ()
        formats = " or ".join(self.formats)
        message = f"`{field}` takes {formats}, not {facts.format}"
        return (Finding("media-format", message, field, f"convert it to {self.formats[0]}"),)

    def _weight(self, field: str, facts: MediaFacts) -> tuple[Finding, ...]:
        if self.bytes is None or facts.bytes <= self.bytes:
            return ()
        message = f"`{field}` is {facts.bytes / 1e6:.1f} MB, at most {self.bytes / 1e6:.0f} MB are taken"
        return (Finding("media-bytes", message, field, "make the file smaller"),)

    def _sides(self, field: str, facts: MediaFacts) -> tuple[Finding, ...]:
        if not (facts.width and facts.height):
            return ()
        size, found = f"{facts.width}×{facts.height}", []
        low, high = self.side
        if low is not None and min(facts.width, facts.height) < low:
            message = f"`{field}` is {size}, each side needs at least {low:g} pixels"
            found.append(Finding("media-side", message, field, "take a larger one, or enlarge it"))
        if high is not None and max(facts.width, facts.height) > high:
            message = f"`{field}` is {size}, each side has at most {high:g} pixels"
            found.append(Finding("media-side", message, field, "scale it down"))
        ratio, (narrow, wide) = facts.width / facts.height, self.aspect
        if narrow is not None and wide is not None and not narrow - 1e-9 <= ratio <= wide + 1e-9:
            message = f"`{field}` is {size}, its sides may be 1:{1 / narrow:g} to {wide:g}:1"
            found.append(Finding("media-aspect", message, field, "crop it"))
        return tuple(found)

    def _time(self, field: str, facts: MediaFacts, view: View) -> tuple[Finding, ...]:
        chosen = str(view.get(self.seconds_parameter, ""))
        span = (self.seconds or {}).get(chosen)
        if span is None or not facts.seconds or span[0] - self.slack <= facts.seconds <= span[1] + self.slack:
            return ()
        message = (
            f"`{field}` lasts {facts.seconds:.2f} seconds, expected {span[0]:g} to {span[1]:g} "
            f"with `{self.seconds_parameter}: {chosen}`"
        )
        fitting = [
            name
            for name, (least, most) in (self.seconds or {}).items()
            if least - self.slack <= facts.seconds <= most + self.slack
        ]
        hint = f"set `{self.seconds_parameter}: {fitting[0]}`" if fitting else "cut or lengthen the clip"
        return (Finding("media-seconds", message, field, hint),)

    def _company(self, field: str, facts: MediaFacts, others: Mapping[str, MediaFacts]) -> tuple[Finding, ...]:
        if not (facts.width and facts.height):
            return ()
        found = []
        picture = others.get(self.same_aspect)
        if (
            picture
            and picture.width
            and abs(picture.width / picture.height - facts.width / facts.height) > _aspect_slack
        ):
            message = (
                f"`{field}` is {facts.width}×{facts.height}, its ratio must be that of `{self.same_aspect}`, "
                f"{picture.width}×{picture.height}"
            )
            found.append(Finding("mask-aspect", message, field, "make the mask from the picture itself"))
        peers = [(name, peer) for name, peer in others.items() if name < field and field_name(name) in self.same_size]
        for name, peer in peers:
            if peer.width and (peer.width, peer.height) != (facts.width, facts.height):
                message = (
                    f"`{field}` is {facts.width}×{facts.height} and `{name}` is {peer.width}×{peer.height}, "
                    "masks must be of one size"
                )
                found.append(Finding("mask-size", message, field))
        return tuple(found)


def field_name(field: str) -> str:
    """A wired field without its index: `references[0]` is `references`, `masks[1].mask` is `masks.mask`."""
    head, bracket, rest = field.partition("[")
    return head + rest.partition("]")[2] if bracket else head


def _a(type_: MediaType) -> str:
    return {MediaType.IMAGE: "a picture", MediaType.VIDEO: "a clip", MediaType.AUDIO: "sound"}.get(type_, f"a {type_}")


def _pair(data: Data, key: str) -> tuple[float | None, float | None]:
    values = sequence(data, key)
    found = [float(value) if isinstance(value, int | float) else None for value in values]
    return (found[0] if found else None, found[1] if len(found) > 1 else None)


def _both(data: Data, key: str) -> tuple[float, float]:
    low, high = _pair(data, key)
    if low is None or high is None:
        raise ValueError(f"`{key}` needs a least and a most")
    return (low, high)
