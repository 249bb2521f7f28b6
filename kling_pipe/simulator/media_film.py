"""Films: pictures as colour planes, put on film frame by frame, and films read back.

A clip is composed in the encoder's own planes (limited range, BT.709): a camera move is then a crop or a resize of one
byte a pixel, several times cheaper than moving RGB and converting every frame. Pillow's own YCbCr is full range, which
players show with wrong contrast.
"""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from types import TracebackType
from typing import Protocol, Self, cast

import av
from av.audio.stream import AudioStream
from av.video.stream import VideoStream
from PIL import Image

_limited_709 = (
    0.18259, 0.61423, 0.06201, 16.0, -0.10064, -0.33857, 0.43922, 128.0, 0.43922, -0.39894, -0.04027, 128.0,
)  # fmt: skip
_from_limited_709 = (
    1.16438, 0.0, 1.79274, -248.101, 1.16438, -0.21325, -0.53291, 76.878, 1.16438, 2.11240, 0.0, -289.018,
)  # fmt: skip
_sound_rate = 44_100


Mesh = list[tuple[tuple[int, int, int, int], tuple[float, ...]]]


@dataclass(frozen=True, slots=True)
class Planes:
    """A picture as luma, two half-size colour planes and, where it can be seen through, masks in both sizes."""

    luma: Image.Image
    blue: Image.Image
    red: Image.Image
    mask: Image.Image | None = None
    half_mask: Image.Image | None = None

    @staticmethod
    def of(picture: Image.Image) -> Planes:
        luma, blue, red = picture.convert("RGB").convert("RGB", _limited_709).split()
        half = (max(1, (luma.width + 1) // 2), max(1, (luma.height + 1) // 2))
        if "A" not in picture.getbands():
            return Planes(luma, _halved(blue, half), _halved(red, half))
        mask = picture.getchannel("A")
        return Planes(luma, _halved(blue, half), _halved(red, half), mask, _halved(mask, half))

    @property
    def size(self) -> tuple[int, int]:
        return self.luma.size

    def copy(self) -> Planes:
        return Planes(self.luma.copy(), self.blue.copy(), self.red.copy())

    def crop(self, left: int, top: int, size: tuple[int, int]) -> Planes:
        """A part in whole pixels; its colours may lie half a pixel off, which nobody sees."""
        box = (left, top, left + size[0], top + size[1])
        half = (left // 2, top // 2, left // 2 + size[0] // 2, top // 2 + size[1] // 2)
        return self._each(lambda plane: plane.crop(box), lambda plane: plane.crop(half))

    def view(self, box: tuple[float, float, float, float], size: tuple[int, int]) -> Planes:
        """A part stretched to a size; the box is clamped, because a hair outside is an error."""
        box = _inside(box, self.size)
        if abs(box[2] - box[0] - size[0]) < 0.01 and abs(box[3] - box[1] - size[1]) < 0.01:
            return self.crop(round(box[0]), round(box[1]), size)
        half = _inside((box[0] / 2, box[1] / 2, box[2] / 2, box[3] / 2), self.blue.size)
        small = (size[0] // 2, size[1] // 2)
        way = Image.Resampling.BILINEAR
        return self._each(lambda plane: plane.resize(size, way, box), lambda plane: plane.resize(small, way, half))

    def turned(self, centre: tuple[float, float], zoom: float, degrees: float, size: tuple[int, int]) -> Planes:
        """A part magnified and rotated in one go, so that what lies outside the frame fills its corners."""
        turn = math.radians(degrees)
        a, b = math.cos(turn) / zoom, math.sin(turn) / zoom

        def change(half: int) -> _Change:
            wide, tall = size[0] // half, size[1] // half
            x, y = centre[0] / half, centre[1] / half
            data = (a, b, x - a * wide / 2 - b * tall / 2, -b, a, y + b * wide / 2 - a * tall / 2)
            way, bilinear = Image.Transform.AFFINE, Image.Resampling.BILINEAR
            return lambda plane: plane.transform((wide, tall), way, data, bilinear)

        return self._each(change(1), change(2))

    def bent(self, mesh: Mesh) -> Planes:
        """Stretched piece by piece: boxes of the result and the corners they are taken from."""
        half = [(_divided(box), tuple(value / 2 for value in corners)) for box, corners in mesh]
        way, bilinear = Image.Transform.MESH, Image.Resampling.BILINEAR
        return self._each(
            lambda plane: plane.transform(plane.size, way, mesh, bilinear),
            lambda plane: plane.transform(plane.size, way, half, bilinear),
        )

    def paste(self, other: Planes, left: int = 0, top: int = 0) -> None:
        """Lays another picture on this one, through its mask; places are rounded to even pixels."""
        at, half = (left & ~1, top & ~1), (left // 2, top // 2)
        self.luma.paste(other.luma, at, other.mask)
        self.blue.paste(other.blue, half, other.half_mask)
        self.red.paste(other.red, half, other.half_mask)

    def picture(self, less: int = 1) -> Image.Image:
        """The planes as an RGB picture, so many times smaller."""
        luma = self.luma.reduce(less) if less > 1 else self.luma
        way = Image.Resampling.BILINEAR
        colours = (
            plane if plane.size == luma.size else plane.resize(luma.size, way) for plane in (self.blue, self.red)
        )
        return Image.merge("RGB", (luma, *colours)).convert("RGB", _from_limited_709)

    def blend(self, other: Planes, part: float) -> Planes:
        """`part` of the other picture in this one."""
        return Planes(*(Image.blend(a, b, part) for a, b in zip(self.three, other.three, strict=True)))

    @property
    def three(self) -> tuple[Image.Image, Image.Image, Image.Image]:
        return self.luma, self.blue, self.red

    def _each(self, full: _Change, half: _Change) -> Planes:
        mask = full(self.mask) if self.mask else None
        return Planes(
            full(self.luma), half(self.blue), half(self.red), mask, half(self.half_mask) if self.half_mask else None
        )


@dataclass(frozen=True, slots=True)
class Care:
    """How much time the encoder takes for how small a file."""

    preset: str
    crf: int


_plain, _quick = Care("veryfast", 23), Care("ultrafast", 25)  # small clips are for tests and crash scripts: time counts


@dataclass(frozen=True, slots=True)
class Reel:
    """What a film is wrapped in and written with."""

    wrapper: str
    pictures: str
    sound: str
    sound_rate: int
    sound_pieces: int  # samples in each
    options: tuple[tuple[str, str], ...] = ()


_film_reel = Reel("mp4", "libx264", "aac", _sound_rate, 1024, (("movflags", "+faststart"),))
_reels = {
    ".mov": Reel("mov", "libx264", "aac", _sound_rate, 1024),
    ".webm": Reel("webm", "libvpx-vp9", "libopus", 48_000, 960),
}


class Film:
    """A file being written: H.264, or VP9 where its name ends in `.webm`. It appears under its name only when whole."""

    def __init__(
        self, path: str, size: tuple[int, int], fps: int, note: str, *, sound: bool, care: Care | None = None
    ) -> None:
        self.path, self.size, self.fps = path, size, fps
        folder = os.path.dirname(os.path.abspath(path))
        self._reel = reel = _reels.get(os.path.splitext(path)[1], _film_reel)
        handle, self._temporary = tempfile.mkstemp(suffix=f".{reel.wrapper}", dir=folder)
        os.close(handle)
        # faststart re-opens its output by name, so only a real file will do
        self._container = av.open(self._temporary, "w", format=reel.wrapper, options=dict(reel.options))
        self._container.metadata["comment"] = note
        self._video = self._picture_stream(care or (_quick if size[0] * size[1] < 250_000 else _plain))
        self._audio = self._sound_stream() if sound else None
        self._frames = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._container.mux(self._video.encode(None))
                if self._audio is not None:
                    self._container.mux(self._audio.encode(None))
            self._container.close()
            if kind is None:
                os.chmod(self._temporary, 0o644)
                os.replace(self._temporary, self.path)
        finally:
            if os.path.exists(self._temporary):
                os.unlink(self._temporary)

    @property
    def seconds(self) -> float:
        return round(self._frames / self.fps, 3)

    def add(self, planes: Planes) -> None:
        """One frame more."""
        frame = av.VideoFrame(*self.size, "yuv420p")
        for target, source in zip(frame.planes, planes.three, strict=True):
            fitted = (
                source if source.width == target.line_size else source.crop((0, 0, target.line_size, source.height))
            )
            target.update(fitted.tobytes())
        frame.pts, frame.time_base = self._frames, Fraction(1, self.fps)
        frame.color_range, frame.colorspace = 1, 1
        self._frames += 1
        self._container.mux(self._video.encode(frame))

    def add_sound(self, samples: bytes) -> None:
        """Signed 16-bit mono samples at 44.1 kHz, once for the whole film."""
        if self._audio is None:
            return
        resampler = self._resampler()
        frame = av.AudioFrame(format="s16", layout="mono", samples=len(samples) // 2)
        frame.planes[0].update(samples.ljust(frame.planes[0].buffer_size, b"\0"))
        frame.sample_rate, frame.pts, frame.time_base = _sound_rate, 0, Fraction(1, _sound_rate)
        for piece in (*resampler.resample(frame), *resampler.resample(None)):
            self._container.mux(self._audio.encode(piece))

    def add_sound_frames(self, frames: Iterator[av.AudioFrame]) -> None:
        """Decoded sound of another film, cut at this film's end."""
        if self._audio is None:
            return
        resampler, rate = self._resampler(), self._reel.sound_rate
        at = 0
        for frame in frames:
            frame.pts = None
            for piece in resampler.resample(frame):
                if at / rate >= self.seconds:
                    return
                piece.pts, piece.time_base = at, Fraction(1, rate)
                at += piece.samples
                self._container.mux(self._audio.encode(piece))

    def _picture_stream(self, care: Care) -> VideoStream:
        stream = cast(VideoStream, self._container.add_stream(self._reel.pictures, rate=self.fps))
        stream.width, stream.height, stream.pix_fmt = *self.size, "yuv420p"
        stream.time_base = Fraction(1, self.fps)
        # the same bytes on every machine: one thread, no code paths chosen by the processor
        stream.options = _options[self._reel.pictures](care)
        context = stream.codec_context
        context.thread_count = 1
        context.color_range, context.colorspace = 1, 1
        context.color_primaries, context.color_trc = 1, 1
        return stream

    def _sound_stream(self) -> AudioStream:
        stream = cast(AudioStream, self._container.add_stream(self._reel.sound, rate=self._reel.sound_rate))
        stream.layout = "stereo"
        stream.bit_rate = 128_000
        return stream

    def _resampler(self) -> av.AudioResampler:
        form = "fltp" if self._reel.sound == "aac" else "flt"
        return av.AudioResampler(
            format=form, layout="stereo", rate=self._reel.sound_rate, frame_size=self._reel.sound_pieces
        )


def _plain_options(care: Care) -> dict[str, object]:
    return {
        "preset": care.preset, "crf": str(care.crf),
        "x264-params": "threads=1:lookahead-threads=1:cpu-independent=1:keyint=48", "threads": "1",
    }  # fmt: skip


def _web_options(care: Care) -> dict[str, object]:
    return {"deadline": "realtime", "cpu-used": "8", "crf": "36", "b": "0", "g": "48", "threads": "1"}


_options = {"libx264": _plain_options, "libvpx-vp9": _web_options}


@contextmanager
def opened(path: str, *, pictures: bool = True) -> Iterator[av.container.InputContainer]:
    """A film to read, or with `pictures` false also a sound; raises ValueError when it is none."""
    name = os.path.basename(path)
    try:
        with av.open(path) as container:
            if pictures and not container.streams.video:
                raise ValueError(f"`{name}` holds no pictures")
            for stream in (*container.streams.video, *container.streams.audio):
                if getattr(stream, "codec_context", None) is None:
                    raise ValueError(f"`{name}` holds a track of no known codec")
            yield container
    except av.FFmpegError as error:
        raise ValueError(f"`{name}` cannot be read as a clip: {error.strerror}") from None


def comment_of(container: av.container.InputContainer) -> str:
    """What a film says of itself; WebM writes its names in capitals."""
    return container.metadata.get("comment") or container.metadata.get("COMMENT") or ""


def picture_seconds(container: av.container.InputContainer) -> float:
    """The length of a film's pictures."""
    stream = container.streams.video[0]
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return (container.duration or 0) / 1_000_000


def frames_at(container: av.container.InputContainer, fps: int, count: int) -> Iterator[av.VideoFrame]:
    """The frame shown at each of `count` instants; the last one stays when the film is shorter."""
    shown: av.VideoFrame | None = None
    number, first = 0, None
    for frame in container.decode(video=0):
        time = frame.time or 0.0
        first = time if first is None else first
        while shown is not None and number < count and number / fps < time - first - 1e-6:
            yield shown
            number += 1
        shown = frame
        if number >= count:
            return
    while shown is not None and number < count:
        yield shown
        number += 1


def _divided(box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    left, top, right, bottom = box
    return left // 2, top // 2, right // 2, bottom // 2


class _Change(Protocol):
    """What is done to one plane."""

    def __call__(self, plane: Image.Image, /) -> Image.Image: ...


def _halved(plane: Image.Image, size: tuple[int, int]) -> Image.Image:
    return (
        plane.reduce(2) if plane.width % 2 == 0 and plane.height % 2 == 0 else plane.resize(size, Image.Resampling.BOX)
    )


def _inside(box: tuple[float, float, float, float], size: tuple[int, int]) -> tuple[float, float, float, float]:
    left, top = min(max(0.0, box[0]), size[0] - 1.0), min(max(0.0, box[1]), size[1] - 1.0)
    return left, top, max(left + 1.0, min(float(size[0]), box[2])), max(top + 1.0, min(float(size[1]), box[3]))
