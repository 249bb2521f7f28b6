"""Clips of the simulator: as long and as large as ordered, and moving what they were given."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import av
import pytest
from PIL import Image, ImageChops, ImageFilter, ImageStat

from kling_pipe.simulator.media import ClipOrder, PictureOrder, look, make_clip, make_picture
from kling_pipe.simulator.media_camera import Move, from_start, in_scene, move_of, to_end
from kling_pipe.simulator.media_gesture import gestures_of, measure
from kling_pipe.simulator.media_load import load
from kling_pipe.simulator.media_reference import make_dancer, make_reference_clip
from kling_pipe.simulator.media_shot import shots_of
from kling_pipe.values.media import MediaFacts, MediaType

WIDTH, HEIGHT = 340, 192
BETWEEN = (0, 40, WIDTH, 140)  # below the tag, above the caption


def order(prompt: str = "slow push in", seconds: float = 1, **changes: object) -> ClipOrder:
    values: dict[str, object] = {"width": WIDTH, "height": HEIGHT, "fps": 12, "seed": 3, "label": "image-to-video"}
    return ClipOrder(prompt, seconds=seconds, **(values | changes))  # type: ignore[arg-type]


def frames(path: Path) -> list[Image.Image]:
    with av.open(str(path)) as container:
        return [frame.to_image() for frame in container.decode(video=0)]  # type: ignore[no-untyped-call]


def difference(one: Image.Image, other: Image.Image) -> float:
    pair = [picture.convert("RGB").resize((WIDTH, HEIGHT)).crop(BETWEEN) for picture in (one, other)]
    return sum(ImageStat.Stat(ImageChops.difference(*pair)).mean) / 3


@pytest.fixture
def start(tmp_path: Path) -> Path:
    make_picture(
        PictureOrder("trail shoe on wet asphalt, golden hour", WIDTH, HEIGHT, 7, "in"), str(tmp_path / "start.png")
    )
    return tmp_path / "start.png"


@pytest.fixture
def end(tmp_path: Path) -> Path:
    make_picture(PictureOrder("a cup on a green table, night", WIDTH, HEIGHT, 8, "in"), str(tmp_path / "end.png"))
    return tmp_path / "end.png"


@pytest.mark.parametrize(
    ("sides", "seconds", "fps", "sound"),
    [
        ((340, 192), 1.0, 12, False),
        ((192, 340), 0.5, 24, True),
        ((301, 300), 1.0, 10, False),
        ((420, 180), 2.5, 8, True),
    ],
)
def test_a_clip_is_as_large_and_as_long_as_ordered(
    sides: tuple[int, int], seconds: float, fps: int, sound: bool, tmp_path: Path
) -> None:
    path = tmp_path / "a.mp4"
    made = make_clip(order(seconds=seconds, width=sides[0], height=sides[1], fps=fps, sound=sound), str(path))
    even = (sides[0] & ~1, sides[1] & ~1)
    assert made == seconds
    assert look(str(path)) == MediaFacts(MediaType.VIDEO, "mp4", path.stat().st_size, *even, seconds, float(fps), sound)


def test_the_index_stands_before_the_data_so_that_a_player_can_begin_at_once(tmp_path: Path) -> None:
    make_clip(order(), str(tmp_path / "a.mp4"))
    data = (tmp_path / "a.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_a_silent_clip_has_the_same_bytes_twice(start: Path, tmp_path: Path) -> None:
    for name in ("a.mp4", "b.mp4"):
        make_clip(order(start=str(start)), str(tmp_path / name))
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


@pytest.mark.parametrize("prompt", ["slow push in", "pull out", "pan left", "tilt up", "roll", "orbit", "static", ""])
def test_a_clip_begins_on_its_start_frame_and_moves_it(prompt: str, start: Path, tmp_path: Path) -> None:
    make_clip(order(prompt, start=str(start)), str(tmp_path / "a.mp4"))
    shown, picture = frames(tmp_path / "a.mp4"), load(str(start))
    assert difference(shown[0], picture) < 4
    assert difference(shown[-1], picture) > (0.3 if prompt == "static" else 2)


def test_a_clip_ends_on_its_end_frame(start: Path, end: Path, tmp_path: Path) -> None:
    make_clip(order("pan right", start=str(start), end=str(end)), str(tmp_path / "a.mp4"))
    shown = frames(tmp_path / "a.mp4")
    near = [difference(shown[0], load(str(start))) < 4, difference(shown[-1], load(str(end))) < 4]
    far = [difference(shown[0], load(str(end))) > 15, difference(shown[-1], load(str(start))) > 15]
    assert (near, far) == ([True, True], [True, True])


def test_a_clip_with_an_end_frame_alone_ends_on_it(end: Path, tmp_path: Path) -> None:
    make_clip(order("", end=str(end)), str(tmp_path / "a.mp4"))
    shown = frames(tmp_path / "a.mp4")
    assert difference(shown[-1], load(str(end))) < 4


def test_shots_are_cut_where_their_lengths_say(tmp_path: Path) -> None:
    shots = (("static, perfume in a studio", 0.5), ("static, a hill at night", 1.0), ("static, a desert dune", 0.5))
    make_clip(order("", seconds=2, shots=shots), str(tmp_path / "a.mp4"))
    shown = frames(tmp_path / "a.mp4")
    jumps = [difference(one, other) > 12 for one, other in pairwise(shown)]
    assert [number for number, cut in enumerate(jumps) if cut] == [5, 17]


def test_the_shots_frames_add_up_to_the_clips() -> None:
    shots = shots_of(order("", seconds=5, fps=24, shots=(("a", 1.0), ("b", 1.5), ("c", 2.5))))
    assert [shot.frames for shot in shots] == [24, 36, 60]


def test_a_later_shot_of_a_start_frame_shows_the_same_picture_nearer(start: Path, tmp_path: Path) -> None:
    make_clip(order("", shots=(("static", 0.5), ("static, close", 0.5)), start=str(start)), str(tmp_path / "a.mp4"))
    shown = frames(tmp_path / "a.mp4")
    assert difference(shown[5], load(str(start))) < 5 < difference(shown[7], load(str(start)))


@pytest.mark.parametrize(
    ("mode", "size"), [("RGBA", (200, 150)), ("L", (16, 16)), ("CMYK", (900, 300)), ("RGB", (2100, 900))]
)
def test_any_picture_can_start_a_clip(mode: str, size: tuple[int, int], tmp_path: Path) -> None:
    Image.new(mode, size).save(tmp_path / "in", "PNG" if mode != "CMYK" else "JPEG")
    assert make_clip(order(start=str(tmp_path / "in")), str(tmp_path / "a.mp4")) == 1.0


def test_a_start_frame_that_is_none_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "in.png").write_bytes(b"<html>")
    with pytest.raises(ValueError, match=r"in\.png"):
        make_clip(order(start=str(tmp_path / "in.png")), str(tmp_path / "a.mp4"))
    assert [path.name for path in tmp_path.iterdir()] == ["in.png"]


def test_words_and_settings_move_the_camera() -> None:
    dice = random.Random(1)
    told = {text: move_of(text, (), dice) for text in ("push in", "pull back", "pan left", "tilt up")}
    assert told == {
        "push in": Move(zoom=0.30),
        "pull back": Move(zoom=-0.22),
        "pan left": Move(x=-0.10),
        "tilt up": Move(y=-0.09),
    }
    assert move_of("pan left", (("horizontal", 5.0), ("zoom", 0.0)), dice).x > 0


def test_a_camera_over_a_picture_begins_on_it_and_one_towards_a_picture_ends_on_it() -> None:
    move = Move(zoom=0.3, x=0.1, roll=5)
    begun, ended = from_start(move, 0, 16 / 9), to_end(move, 1)
    assert (begun.zoom, begun.x, begun.roll, ended.zoom) == (1, 0, 0, 1)
    assert in_scene(Move(zoom=-0.2), 0, 1).zoom > in_scene(Move(zoom=-0.2), 1, 1).zoom


def test_colours_come_through_the_film_as_they_were(tmp_path: Path) -> None:
    """A wrong matrix or range shifts them by 10 and more."""
    colours = ((220, 40, 30), (30, 180, 60), (20, 60, 210), (250, 250, 250), (5, 5, 5), (128, 128, 128))
    bars = Image.new("RGB", (WIDTH, HEIGHT))
    for number, colour in enumerate(colours):
        bars.paste(colour, (number * 56, 0, number * 56 + 56, HEIGHT))
    bars.save(tmp_path / "in.png")
    make_clip(order("static", start=str(tmp_path / "in.png")), str(tmp_path / "a.mp4"))
    shown = frames(tmp_path / "a.mp4")[0]
    seen = [shown.getpixel((number * 56 + 28, 100)) for number in range(len(colours))]
    far = [max(abs(a - b) for a, b in zip(one, other, strict=True)) for one, other in zip(seen, colours, strict=True)]  # type: ignore[arg-type]
    assert max(far) <= 4


def test_sound_is_music_and_not_silence(tmp_path: Path) -> None:
    make_clip(order(sound=True), str(tmp_path / "a.mp4"))
    with av.open(str(tmp_path / "a.mp4")) as container:
        levels = [max(abs(v) for v in memoryview(bytes(f.planes[0])).cast("f")) for f in container.decode(audio=0)]
    assert 0.05 < max(levels) < 0.95


@pytest.fixture(scope="module")
def dance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dance")
    make_reference_clip(str(folder / "dance.mp4"))
    make_dancer(str(folder / "dancer.png"))
    return folder


def middles(path: Path, box: tuple[int, int, int, int]) -> list[float]:
    """How far the moving parts have swayed, averaged over the body, frame by frame."""
    greys = [frame.crop(box).convert("L").resize(measure, Image.Resampling.BOX) for frame in frames(path)]
    return [sum(gesture.sway) / len(gesture.sway) for gesture in gestures_of(greys)]


def correlation(one: list[float], other: list[float]) -> float:
    def centred(values: list[float]) -> list[float]:
        return [value - sum(values) / len(values) for value in values]

    a, b = centred(one), centred(other)
    return sum(x * y for x, y in zip(a, b, strict=True)) / (sum(x * x for x in a) * sum(y * y for y in b)) ** 0.5


@pytest.mark.slow
def test_a_character_follows_the_reference_clips_motion(dance: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    made = make_clip(
        order(
            "",
            5,
            width=270,
            height=480,
            fps=24,
            motion=str(dance / "dance.mp4"),
            character=str(dance / "dancer.png"),
            keep_sound=True,
        ),
        str(path),
    )
    facts = look(str(path))
    led, followed = middles(dance / "dance.mp4", (0, 60, 360, 640)), middles(path, (0, 160, 270, 440))
    assert (made, facts.width, facts.height, facts.has_sound) == (5.0, 270, 480, True)
    assert correlation(led, followed) > 0.6


@pytest.mark.slow
def test_the_reference_is_shown_in_the_corner(dance: Path, tmp_path: Path) -> None:
    make_clip(
        order("", 1, width=270, height=480, motion=str(dance / "dance.mp4"), character=str(dance / "dancer.png")),
        str(tmp_path / "a.mp4"),
    )
    shown = frames(tmp_path / "a.mp4")[0]
    corner, other = shown.crop((200, 40, 262, 150)), shown.crop((8, 40, 70, 150))
    assert ImageStat.Stat(corner.convert("L")).mean[0] > ImageStat.Stat(other.convert("L")).mean[0] + 40


@pytest.mark.slow
def test_a_reference_shorter_than_asked_sets_the_length(dance: Path, tmp_path: Path) -> None:
    wanted = order("", 9, motion=str(dance / "dance.mp4"), character=str(dance / "dancer.png"))
    assert make_clip(wanted, str(tmp_path / "a.mp4")) == 5.0


@pytest.mark.parametrize("content", [b"", b"{}", b"\0\0\0\x18ftypmp42" + bytes(40), b"ID3" + bytes(400)])
def test_a_reference_that_is_no_clip_is_a_value_error(content: bytes, dance: Path, tmp_path: Path) -> None:
    (tmp_path / "ref.mp4").write_bytes(content)
    with pytest.raises(ValueError, match=r"ref\.mp4"):
        make_clip(order(motion=str(tmp_path / "ref.mp4"), character=str(dance / "dancer.png")), str(tmp_path / "a.mp4"))
    with pytest.raises(ValueError, match=r"ref\.mp4"):
        look(str(tmp_path / "ref.mp4"))


def test_a_film_in_which_nothing_moves_asks_for_no_gesture() -> None:
    still = Image.effect_mandelbrot(measure, (-2, -1, 1, 1), 60).filter(ImageFilter.BoxBlur(1))
    assert {(*gesture.sway, gesture.bounce, gesture.reach) for gesture in gestures_of([still] * 12)} == {(0.0,) * 10}


def test_the_shipped_reference_clip_is_small_and_long_enough(dance: Path) -> None:
    facts = look(str(dance / "dance.mp4"))
    assert (facts.width, facts.height, facts.seconds, facts.has_sound) == (360, 640, 5.0, True)
    assert facts.bytes < 250_000
    assert (dance / "dancer.png").stat().st_size < 300_000
