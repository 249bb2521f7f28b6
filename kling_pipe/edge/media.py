"""Looks into media files, cuts out of them, converts them; a file is what its bytes say, never what its name says.

`probe` reads headers and the container's own bookkeeping, for inputs. `verify` reads every byte, for downloads that
were paid for: a header is intact in almost every damaged file.
"""

from __future__ import annotations

import os
import struct
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from types import ModuleType
from typing import TYPE_CHECKING, Literal

from kling_pipe.edge.containers import declared_bytes, has_end_mark, has_index
from kling_pipe.values.magic import head_bytes, media_types, sniff
from kling_pipe.values.media import MediaFacts, MediaType

if TYPE_CHECKING:
    from av import AudioStream, VideoFrame, VideoStream
    from av.container import InputContainer
    from PIL.Image import Image as Picture

most_pixels = 200_000_000  # a decompression bomb is refused before it is unpacked

Which = Literal["first_frame", "last_frame"]


class Unreadable(ValueError):
    """A file that cannot serve as media.

    Codes: `not-media`, `unsupported-media`, `truncated`, `damaged`, `too-many-pixels`.
    """

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


def probe(path: str) -> MediaFacts:
    """What the headers say of a whole file; raises Unreadable, or OSError when the file itself cannot be opened."""
    form = _form(path)
    _check_length(path, form)
    return _image_facts(path, form) if media_types[form] is MediaType.IMAGE else _av_facts(path, form)


def verify(path: str) -> MediaFacts:
    """Reads every byte of a file and says what it is; raises Unreadable on the slightest damage."""
    form = _form(path)
    _check_length(path, form)
    if media_types[form] is MediaType.IMAGE:
        facts = _image_facts(path, form)
        _load_every_frame(path, form)
        return facts
    facts = _av_facts(path, form)
    _read_every_packet(path, form)
    _decode_every_frame(path, form)
    return facts


def cut_frame(path: str, which: Which, to: str) -> MediaFacts:
    """Writes the exact first or last frame of a clip as PNG to `to`, atomically, and says what was written."""
    form = _form(path)
    if media_types[form] is not MediaType.VIDEO:
        raise Unreadable("unsupported-media", f"`{which}` can only be cut out of a clip, and this is a {form} file")
    with _opened(path, form) as container:
        picture = _upright(_cutters[which](container))
        comment = container.metadata.get("comment", "")
    _save_png(picture, to, comment)
    return MediaFacts(MediaType.IMAGE, "png", os.path.getsize(to), picture.width, picture.height)


def cut_sound(path: str, to: str) -> MediaFacts:
    """Writes the sound of a clip to `to` (.m4a), atomically and as it is, and says what was written."""
    import av

    form = _form(path)
    handle, temporary = tempfile.mkstemp(suffix=".m4a", dir=os.path.dirname(os.path.abspath(to)))
    os.close(handle)
    try:
        with _opened(path, form) as container:
            sound = _sound_of(container)
            with av.open(temporary, "w", format="ipod") as written:
                track = written.add_stream_from_template(sound)
                for packet in container.demux(sound):
                    if packet.dts is not None:
                        packet.stream = track
                        written.mux(packet)
        os.replace(temporary, to)
    except BaseException:
        os.unlink(temporary)
        raise
    return probe(to)


def cut_out(path: str, part: str, to: str) -> MediaFacts:
    """Writes a part of a clip, one of `cut_endings`, to `to`; its sound in another form where the ending of `to` names
    one. Raises Unreadable."""
    if part != "audio":
        return cut_frame(path, part, to)  # type: ignore[arg-type]  # the others
    return cut_sound(path, to) if to.endswith(cut_endings[part]) else convert_sound(path, to)


def thumbnail(path: str, width: int = 192, height: int = 108) -> bytes:
    """A picture, or the first frame of a clip, as a small JPEG cropped to these sides; raises Unreadable."""
    import io

    from PIL import ImageOps

    file = io.BytesIO()
    ImageOps.fit(still(path, (width * 2, height * 2)), (width, height)).save(file, "JPEG", quality=78)
    return file.getvalue()


def still(path: str, least: tuple[int, int] | None = None) -> Picture:
    """A picture, or the first frame of a clip, upright and on white, where `least` is set perhaps no larger than that;
    raises Unreadable, or OSError when it cannot be opened."""
    form = _form(path)
    if media_types[form] is MediaType.VIDEO:
        with _opened(path, form) as container:
            return _seen(_upright(_first(container)))
    if media_types[form] is not MediaType.IMAGE:
        raise Unreadable("unsupported-media", f"a {form} file cannot be seen")
    with _picture(path, form) as picture:
        if least is not None:
            picture.draft("RGB", least)
        return _seen(picture)


def _seen(picture: Picture) -> Picture:
    from PIL import Image, ImageOps

    upright = ImageOps.exif_transpose(picture)
    if upright.mode in ("RGB", "L"):
        return upright.convert("RGB")
    clear = Image.new("RGB", upright.size, "white")
    seen = upright.convert("RGBA")
    clear.paste(seen, mask=seen.getchannel("A"))
    return clear


cut_endings = {"first_frame": ".png", "last_frame": ".png", "audio": ".m4a"}


@contextmanager
def opened_picture(path: str) -> Iterator[Picture]:
    """A picture, open as long as the block lasts; raises Unreadable."""
    with _picture(path, _form(path)) as picture:
        yield picture


def convert_picture(path: str, to: str) -> None:
    """Writes a picture in the form that the ending of `to` names (.png, .jpg, .webp), atomically."""
    with _picture(path, _form(path)) as picture:
        whole = picture.convert("RGB") if to.endswith(".jpg") else picture.copy()
    handle, temporary = tempfile.mkstemp(suffix=os.path.splitext(to)[1], dir=os.path.dirname(os.path.abspath(to)))
    try:
        with os.fdopen(handle, "wb") as file:
            whole.save(file, _pillow_names[os.path.splitext(to)[1]], quality=95)
        os.replace(temporary, to)
    except BaseException:
        os.unlink(temporary)
        raise


_pillow_names = {".png": "PNG", ".jpg": "JPEG", ".webp": "WEBP"}


def convert_sound(path: str, to: str) -> MediaFacts:
    """Writes a sound, or that of a clip, in the form that the ending of `to` names (.mp3, .wav, .m4a), atomically, to
    the same bytes each time."""
    import av

    form, (container_form, codec, bits) = _form(path), _sound_forms[os.path.splitext(to)[1]]
    handle, temporary = tempfile.mkstemp(suffix=os.path.splitext(to)[1], dir=os.path.dirname(os.path.abspath(to)))
    os.close(handle)
    try:
        with _opened(path, form) as container:
            sound = _sound_of(container)
            with av.open(temporary, "w", format=container_form, options={"fflags": "+bitexact"}) as written:
                track = written.add_stream(codec, rate=sound.rate if sound.rate in _sound_rates else 48_000)
                assert isinstance(track, av.AudioStream)
                track.layout = "mono" if sound.channels == 1 else "stereo"
                if bits:
                    track.bit_rate = bits
                for frame in container.decode(sound):
                    frame.pts = None  # the encoder counts on without gaps
                    written.mux(track.encode(frame))
                written.mux(track.encode(None))
        os.replace(temporary, to)
    except BaseException:
        os.unlink(temporary)
        raise
    return probe(to)


_sound_forms = {
    ".mp3": ("mp3", "libmp3lame", 192_000),
    ".wav": ("wav", "pcm_s16le", 0),
    ".m4a": ("ipod", "aac", 192_000),
}
_sound_rates = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)  # that MP3 and AAC both have


# what it is


def _form(path: str) -> str:
    with open(path, "rb") as file:
        head = file.read(head_bytes)
    if not head:
        raise Unreadable("truncated", "the file is empty", _copy_again)
    form = sniff(head)
    if form in media_types:
        return form
    if form in ("html", "json", "xml", ""):
        found = {"": "bytes of no known media type"}.get(form, f"{_articles.get(form, 'a')} {form.upper()} text")
        hint = "open the file in an editor: a failed download often holds the server's error page"
        raise Unreadable("not-media", f"expected a picture, clip or sound, found {found}", hint)
    hint = "convert it to PNG, JPEG, WebP, MP4, MOV, WAV, MP3 or M4A"
    raise Unreadable("unsupported-media", f"`{form}` files cannot be used", hint)


_articles = {"html": "an", "xml": "an"}
_copy_again = "copy or download the file again"


def _check_length(path: str, form: str) -> None:
    size, declared = os.path.getsize(path), declared_bytes(path, form)
    if size < declared:
        raise Unreadable("truncated", f"the {form} file has {size} of {declared} bytes", _copy_again)
    if not has_end_mark(path, form):
        raise Unreadable("truncated", f"the {form} file has no end mark", _copy_again)


# pictures


def _pillow() -> ModuleType:
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # the guard below answers with a code; Pillow's own would warn first
    return Image


@contextmanager
def _picture(path: str, form: str) -> Iterator[Picture]:
    """An opened picture; whatever Pillow raises while it is used becomes Unreadable."""
    try:
        with _pillow().open(path, formats=[form.upper()]) as picture:
            if picture.width * picture.height > most_pixels:
                hint = f"at most {most_pixels // 1_000_000} megapixels are opened"
                raise Unreadable("too-many-pixels", f"the picture claims {picture.width}×{picture.height} pixels", hint)
            yield picture
    except Unreadable:
        raise
    except (OSError, ValueError, SyntaxError, EOFError, struct.error, IndexError, TypeError) as error:
        # Pillow has no class of its own for damaged files; its format readers raise all of these
        code = "truncated" if _speaks_of_an_end(error) else "damaged"
        raise Unreadable(code, f"the {form} file cannot be read: {_one_line(error)}", _copy_again) from None


def _image_facts(path: str, form: str) -> MediaFacts:
    with _picture(path, form) as picture:
        width, height = picture.size
        if picture.getexif().get(_orientation_tag, 1) >= 5:  # shown turned by a quarter
            width, height = height, width
    return MediaFacts(MediaType.IMAGE, form, os.path.getsize(path), width, height)


_orientation_tag = 0x0112


def _load_every_frame(path: str, form: str) -> None:
    with _picture(path, form) as picture:
        for number in range(getattr(picture, "n_frames", 1)):
            picture.seek(number)
            picture.load()


def _speaks_of_an_end(error: Exception) -> bool:
    text = str(error).lower()
    return isinstance(error, EOFError) or any(word in text for word in ("truncat", "not enough", "eof", "bytes not"))


def _one_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")


def _save_png(picture: Picture, to: str, comment: str) -> None:
    from PIL.PngImagePlugin import PngInfo

    notes = PngInfo()
    if comment:
        notes.add_itxt("Comment", comment)
    handle, temporary = tempfile.mkstemp(suffix=".png", dir=os.path.dirname(os.path.abspath(to)))
    try:
        with os.fdopen(handle, "wb") as file:
            picture.save(file, "PNG", compress_level=3, pnginfo=notes)
        os.replace(temporary, to)
    except BaseException:
        os.unlink(temporary)
        raise


# clips and sounds


def _sound_of(container: InputContainer) -> AudioStream:
    if not container.streams.audio:
        raise Unreadable("no-sound", "the clip is silent", "give its step a sound: `sound: true`")
    return container.streams.audio[0]


@contextmanager
def _opened(path: str, form: str) -> Iterator[InputContainer]:
    """An opened container; whatever FFmpeg says while it is used becomes Unreadable."""
    import av

    try:
        with av.open(path, format=_demuxers[form]) as container:
            if not container.streams.video and not container.streams.audio:
                raise Unreadable("damaged", f"the {form} file holds neither picture nor sound")
            for stream in (*container.streams.video, *container.streams.audio):
                if getattr(stream, "codec_context", None) is None:
                    raise Unreadable("damaged", f"the {form} file holds a track of no known codec")
            yield container
    except Unreadable:
        raise
    except (av.FFmpegError, EOFError, StopIteration) as error:
        raise Unreadable("damaged", f"the {form} file cannot be read: {_said(error)}") from None


_demuxers = {"mp4": "mp4", "mov": "mov", "m4a": "mp4", "webm": "webm", "wav": "wav", "mp3": "mp3", "aac": "aac"}


def _said(error: Exception) -> str:
    return str(getattr(error, "strerror", "") or _one_line(error)).lower()


def _av_facts(path: str, form: str) -> MediaFacts:
    if not has_index(path, form):
        raise Unreadable("truncated", f"the {form} file has no index (`moov`), so its end is missing", _copy_again)
    with _opened(path, form) as container:
        size = os.path.getsize(path)
        has_sound = bool(container.streams.audio)
        if media_types[form] is MediaType.AUDIO or not container.streams.video:
            kind, form = MediaType.AUDIO, {"mp4": "m4a"}.get(form, form)
            return MediaFacts(kind, form, size, seconds=_seconds(container), has_sound=has_sound)
        video = container.streams.video[0]
        width, height = _shown_sides(container, video)
        return MediaFacts(MediaType.VIDEO, form, size, width, height, _seconds(container),
                          round(float(video.average_rate or 0), 3), has_sound)  # fmt: skip


def _seconds(container: InputContainer) -> float:
    """The pictures' length where there are pictures: sound is often some milliseconds longer."""
    stream = (container.streams.video or container.streams.audio)[0]
    if stream.duration and stream.time_base:
        return round(float(stream.duration * stream.time_base), 3)
    return round((container.duration or 0) / 1_000_000, 3)


def _shown_sides(container: InputContainer, video: VideoStream) -> tuple[int, int]:
    """Phones store upright clips lying, with a note to turn them: only a decoded frame tells."""
    width, height = video.width, video.height
    if not width or not height:
        raise Unreadable("damaged", "the clip declares no picture size")
    frame = next(container.decode(video), None)
    if frame is None:
        raise Unreadable("truncated", "the clip holds no picture")
    return (height, width) if frame.rotation % 180 else (width, height)


def _read_every_packet(path: str, form: str) -> None:
    with _opened(path, form) as container:
        ends: dict[int, Fraction] = {}
        for packet in container.demux():
            if packet.is_corrupt:
                raise Unreadable("truncated", f"the {form} file breaks off inside its data")
            if packet.pts is not None and packet.stream.time_base:
                end = (packet.pts + (packet.duration or 0)) * packet.stream.time_base
                ends[packet.stream.index] = max(end, ends.get(packet.stream.index, Fraction(0)))
        for stream in (*container.streams.video, *container.streams.audio):
            if not stream.duration or not stream.time_base:
                continue
            declared = (stream.duration + (stream.start_time or 0)) * stream.time_base
            end = ends.get(stream.index, Fraction(0))
            if end < declared - _slack:
                raise Unreadable(
                    "truncated", f"the {form} file ends after {float(end):.2f} s of {float(declared):.2f} s"
                )


_slack = Fraction(12, 100)  # three pictures at 25 a second: encoders round durations; boxes are counted elsewhere


def _decode_every_frame(path: str, form: str) -> None:
    with _opened(path, form) as container:
        streams = (*container.streams.video, *container.streams.audio)
        for stream in streams:
            # the deblocking filter smooths what was decoded; without it damage is found as before, a third sooner
            stream.codec_context.options = {"err_detect": "explode", "skip_loop_filter": "all"}
        decoded = {stream.index: 0 for stream in streams}
        for packet in container.demux(streams):
            decoded[packet.stream.index] += len(packet.decode())
        if not all(decoded.values()):
            raise Unreadable("damaged", f"the {form} file holds a track that cannot be decoded")


def _first(container: InputContainer) -> VideoFrame:
    return next(container.decode(video=0))


def _last(container: InputContainer) -> VideoFrame:
    """Decodes from the last key frame on; from the beginning where that finds nothing."""
    frames: list[VideoFrame] = []
    for start in (max(0, (container.duration or 0) - 500_000), 0):
        container.seek(start)
        for frame in container.decode(video=0):
            frames[:] = [frame]
        if frames:
            return frames[0]
    raise Unreadable("truncated", "the clip holds no picture")


_cutters: dict[str, Callable[[InputContainer], VideoFrame]] = {"first_frame": _first, "last_frame": _last}


def _upright(frame: VideoFrame) -> Picture:
    picture: Picture = frame.to_image()  # type: ignore[no-untyped-call]  # PyAV leaves this one untyped
    return picture.rotate(frame.rotation, expand=True) if frame.rotation else picture
