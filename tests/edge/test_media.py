"""Files are what their bytes say, and no damage passes `verify`."""

from __future__ import annotations

import io
import random
import struct
import wave
import zlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from kling_pipe.edge.media import Unreadable, convert_sound, cut_frame, cut_out, probe, thumbnail, verify
from kling_pipe.simulator.media import ClipOrder, PictureOrder, make_clip, make_picture
from kling_pipe.values.media import MediaFacts, MediaType
from tests.chances import examples


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One good file of every kind, named without an extension."""
    folder = tmp_path_factory.mktemp("shelf")
    make_picture(PictureOrder("a hill", 340, 192, 1, "x"), str(folder / "png"))
    with Image.open(folder / "png") as picture:
        rgb = picture.convert("RGB")
        rgb.save(folder / "jpeg", "JPEG")
        rgb.save(folder / "webp", "WEBP")
        rgb.quantize(64).save(folder / "gif", "GIF", save_all=True, append_images=[rgb.rotate(180).quantize(64)])
    make_clip(ClipOrder("sea, pan left", 340, 192, 2.0, fps=24, sound=True), str(folder / "mp4"))
    make_clip(ClipOrder("sea, pan left", 340, 192, 2.0, fps=24), str(folder / "silent"))
    transcode(folder / "silent", folder / "mov", "mov", "libx264")
    transcode(folder / "silent", folder / "webm", "webm", "libvpx-vp9")
    tone(folder / "wav")
    for name, form, codec in (("mp3", "mp3", "libmp3lame"), ("m4a", "ipod", "aac"), ("aac", "adts", "aac")):
        recode_sound(folder / "wav", folder / name, form, codec)
    return folder


def tone(path: Path) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(44_100)
        dice = random.Random(1)
        file.writeframes(struct.pack("<88200h", *(dice.randrange(-9000, 9000) for _ in range(88_200))))


def transcode(source: Path, target: Path, form: str, codec: str) -> None:
    with av.open(str(source)) as old, av.open(str(target), "w", format=form) as new:
        stream = new.add_stream(codec, rate=24)
        stream.width, stream.height, stream.pix_fmt = 340, 192, "yuv420p"
        if codec == "libvpx-vp9":
            stream.options = {"deadline": "realtime", "cpu-used": "8"}
        for number, frame in enumerate(old.decode(video=0)):
            frame.pts, frame.time_base = number, Fraction(1, 24)
            new.mux(stream.encode(frame))
        new.mux(stream.encode(None))


def recode_sound(source: Path, target: Path, form: str, codec: str) -> None:
    with av.open(str(source)) as old, av.open(str(target), "w", format=form) as new:
        stream = new.add_stream(codec, rate=44_100)
        for frame in old.decode(audio=0):
            frame.pts = None
            new.mux(stream.encode(frame))
        new.mux(stream.encode(None))


KINDS = ("png", "jpeg", "webp", "gif", "mp4", "mov", "webm", "wav", "mp3", "m4a", "aac")
CHECKED: dict[str, Callable[[str], MediaFacts]] = {"probe": probe, "verify": verify}


@pytest.mark.parametrize("way", CHECKED)
@pytest.mark.parametrize("kind", KINDS)
def test_a_good_file_is_known_by_its_bytes(kind: str, way: str, shelf: Path) -> None:
    facts = CHECKED[way](str(shelf / kind))
    images, sounds = KINDS[:4], KINDS[7:]
    size = (shelf / kind).stat().st_size
    if kind in images:
        assert facts == MediaFacts(MediaType.IMAGE, kind, size, 340, 192)
    elif kind in sounds:
        assert (facts.type, facts.format, facts.has_sound) == (MediaType.AUDIO, kind, True)
        assert facts.seconds == pytest.approx(2.0, abs=0.12)
    else:
        assert facts == MediaFacts(MediaType.VIDEO, kind, size, 340, 192, 2.0, 24.0, kind == "mp4")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "truncated"),
        (b'{"code": 1200}', "not-media"),
        (b"<!DOCTYPE html><html>", "not-media"),
        (b"\xef\xbb\xbf <?xml version='1.0'?><Error/>", "not-media"),
        (b"hello", "not-media"),
        (bytes(4096), "not-media"),
        (b"BM" + bytes(60), "unsupported-media"),
        (b"\0\0\0\x18ftypheic", "unsupported-media"),
        (b"\0\0\0\x18ftypavif", "unsupported-media"),
        (b"RIFF\0\0\0\0AVI LIST", "unsupported-media"),
        (b"\x1a\x45\xdf\xa3matroska", "unsupported-media"),
        (b"OggS", "unsupported-media"),
    ],
)
@pytest.mark.parametrize("way", CHECKED)
def test_what_is_no_usable_media_is_told_apart(content: bytes, code: str, way: str, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(content)
    assert code_of(CHECKED[way], tmp_path / "a.png") == code


def code_of(way: Callable[[str], MediaFacts], path: Path) -> str:
    try:
        way(str(path))
    except Unreadable as error:
        return error.code if error.message and not error.message.endswith(".") else f"badly said: {error.message}"
    return "good"


def test_a_missing_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        probe(str(tmp_path / "none.png"))


def cut(share: float) -> Callable[[bytes], bytes]:
    return lambda data: data[: int(len(data) * share)]


def last_bytes_missing(data: bytes) -> bytes:
    return data[:-24]


def middle_overwritten(data: bytes) -> bytes:
    """Noise over a sixth of the payload, well behind every header."""
    noise = random.Random(5).randbytes(len(data) // 6)
    return data[: len(data) // 2] + noise + data[len(data) // 2 + len(noise) :]


# AAC without a container and MP3 without a length in front do not know their end; a whole block less cannot be seen.
# a row of stack.md "Probing" each: what the damage is called, or that only a full read finds it
DAMAGED: dict[tuple[str, str], tuple[Callable[[bytes], bytes], set[str]]] = {
    **{(kind, "cut at 60 %"): (cut(0.6), {"truncated", "damaged"}) for kind in KINDS if kind not in ("aac", "webm")},
    **{
        (kind, "last bytes missing"): (last_bytes_missing, {"truncated"})
        for kind in ("png", "webp", "mp4", "mov", "m4a", "wav")
    },
    **{(kind, "overwritten"): (middle_overwritten, {"damaged", "truncated"}) for kind in ("png", "mp4", "mov")},
    ("webm", "cut at 60 %"): (cut(0.6), {"truncated", "damaged"}),
}


@pytest.mark.parametrize(("kind", "what"), DAMAGED)
def test_a_damaged_file_does_not_pass_verification(kind: str, what: str, shelf: Path, tmp_path: Path) -> None:
    damage, codes = DAMAGED[kind, what]
    (tmp_path / "a").write_bytes(damage((shelf / kind).read_bytes()))
    assert code_of(verify, tmp_path / "a") in codes


@pytest.mark.parametrize("kind", KINDS)
@examples(8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 0.999), noise=st.binary(max_size=40))
def test_any_cut_and_any_noise_end_in_facts_or_in_unreadable(
    kind: str, share: float, noise: bytes, shelf: Path, tmp_path: Path
) -> None:
    (tmp_path / "a").write_bytes(cut(share)((shelf / kind).read_bytes()) + noise)
    for way in CHECKED.values():
        assert code_of(way, tmp_path / "a") in {"good", "truncated", "damaged", "not-media", "unsupported-media"}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["png", "webp", "mp4", "mov", "wav"])
def test_no_cut_at_all_passes_verification(kind: str, shelf: Path, tmp_path: Path) -> None:
    data = (shelf / kind).read_bytes()
    passed = []
    for length in sorted({*range(0, len(data), max(1, len(data) // 40)), *range(len(data) - 12, len(data))}):
        (tmp_path / "a").write_bytes(data[:length])
        if code_of(verify, tmp_path / "a") == "good":
            passed.append(length)
    assert passed == []


def test_padding_and_a_stranger_behind_a_clip_are_no_damage(shelf: Path, tmp_path: Path) -> None:
    for tail in (bytes(64), b"some camera's own words"):
        (tmp_path / "a").write_bytes((shelf / "mp4").read_bytes() + tail)
        assert code_of(verify, tmp_path / "a") == "good"


def test_a_picture_that_unpacks_to_a_mountain_is_refused_unopened(tmp_path: Path) -> None:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )
    (tmp_path / "a.png").write_bytes(bomb)
    assert (code_of(probe, tmp_path / "a.png"), code_of(verify, tmp_path / "a.png")) == ("too-many-pixels",) * 2


def test_a_picture_with_a_turn_in_its_notes_has_the_sides_it_is_shown_with(tmp_path: Path) -> None:
    notes = Image.Exif()
    notes[0x0112] = 8
    Image.new("RGB", (400, 300)).save(tmp_path / "a.jpg", exif=notes)
    facts = probe(str(tmp_path / "a.jpg"))
    assert (facts.width, facts.height) == (300, 400)


@pytest.mark.parametrize(("which", "number"), [("first_frame", 0), ("last_frame", -1)])
def test_a_cut_frame_is_the_frame_itself(which: str, number: int, shelf: Path, tmp_path: Path) -> None:
    with av.open(str(shelf / "mp4")) as container:
        whole = [frame.to_image() for frame in container.decode(video=0)]  # type: ignore[no-untyped-call]
    facts = cut_frame(str(shelf / "mp4"), which, str(tmp_path / "a.png"))  # type: ignore[arg-type]
    with Image.open(tmp_path / "a.png") as cut_out:
        apart = ImageStat.Stat(ImageChops.difference(cut_out.convert("RGB"), whole[number])).sum
    assert apart == [0, 0, 0]
    assert facts == probe(str(tmp_path / "a.png"))


def test_a_frame_is_cut_to_the_same_bytes_each_time(shelf: Path, tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        cut_frame(str(shelf / "silent"), "last_frame", str(tmp_path / name))
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_no_frame_is_cut_out_of_a_picture_or_a_broken_clip(shelf: Path, tmp_path: Path) -> None:
    (tmp_path / "broken").write_bytes((shelf / "mp4").read_bytes()[:3000])
    codes = []
    for path in (shelf / "png", shelf / "wav", tmp_path / "broken"):
        with pytest.raises(Unreadable) as caught:
            cut_frame(str(path), "last_frame", str(tmp_path / "out.png"))
        codes.append(caught.value.code)
    assert codes == ["unsupported-media", "unsupported-media", "truncated"] or codes[2] == "damaged"
    assert [path.name for path in tmp_path.iterdir()] == ["broken"]


def test_the_sound_of_a_clip_is_cut_out_as_it_is(shelf: Path, tmp_path: Path) -> None:
    facts = cut_out(str(shelf / "mp4"), "audio", str(tmp_path / "sound.m4a"))
    assert (facts.type, facts.format, facts.has_sound) == (MediaType.AUDIO, "m4a", True)
    assert facts.seconds == pytest.approx(2.0, abs=0.1)
    assert verify(str(tmp_path / "sound.m4a")) == facts


def test_a_silent_clip_has_no_sound_to_cut_out(shelf: Path, tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="silent"):
        cut_out(str(shelf / "silent"), "audio", str(tmp_path / "sound.m4a"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("source", ["wav", "mp3", "m4a", "aac", "mp4"])
@pytest.mark.parametrize("form", ["mp3", "wav", "m4a"])
def test_a_sound_is_written_in_the_form_its_name_asks_for(source: str, form: str, shelf: Path, tmp_path: Path) -> None:
    target, again = tmp_path / f"a.{form}", tmp_path / f"b.{form}"
    facts = convert_sound(str(shelf / source), str(target))
    convert_sound(str(shelf / source), str(again))
    assert (facts.type, facts.format, facts.has_sound) == (MediaType.AUDIO, form, True)
    assert facts.seconds == pytest.approx(2.0, abs=0.12)
    assert verify(str(target)) == facts
    assert again.read_bytes() == target.read_bytes()


def test_a_sound_of_a_rate_that_no_player_expects_is_converted_too(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "odd"), "wb") as file:
        file.setnchannels(6)
        file.setsampwidth(2)
        file.setframerate(96_000)
        file.writeframes(bytes(6 * 2 * 9_600))
    for form in ("mp3", "wav", "m4a"):
        convert_sound(str(tmp_path / "odd"), str(tmp_path / f"a.{form}"))
        with av.open(str(tmp_path / f"a.{form}")) as container:
            sound = container.streams.audio[0]
            assert (sound.rate, sound.channels) == (48_000, 2)


@pytest.mark.parametrize("form", ["mp3", "wav", "m4a"])
def test_a_silent_clip_is_no_sound_in_any_form(form: str, shelf: Path, tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="silent"):
        cut_out(str(shelf / "silent"), "audio", str(tmp_path / f"sound.{form}"))
    assert list(tmp_path.iterdir()) == []


def test_a_thumbnail_is_a_small_jpeg(tmp_path: Path) -> None:
    tall = tmp_path / "tall.png"
    Image.new("RGBA", (300, 900), (255, 0, 0, 128)).save(tall)
    with Image.open(io.BytesIO(thumbnail(str(tall)))) as small:
        assert (small.format, small.size, small.mode) == ("JPEG", (192, 108), "RGB")
        red, green, blue = small.getpixel((5, 5))
        assert (red > 240, 110 < green < 145, 110 < blue < 145) == (True, True, True)


def test_what_cannot_be_seen_has_no_thumbnail(tmp_path: Path) -> None:
    page = tmp_path / "page.png"
    page.write_bytes(b"<!DOCTYPE html>")
    with pytest.raises(Unreadable):
        thumbnail(str(page))
