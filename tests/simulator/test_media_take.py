"""Clips made from other media: references in them, edits, continuations, speakers, effects, dubs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import av
import pytest
from PIL import Image, ImageChops, ImageStat

from kling_pipe.simulator.media import ClipOrder, PictureOrder, SoundOrder, look, make_clip, make_picture, make_sound
from kling_pipe.simulator.media_body import Eye
from kling_pipe.simulator.media_effect import effect_of
from kling_pipe.simulator.media_footage import footage, last_picture
from kling_pipe.simulator.media_load import load
from kling_pipe.simulator.media_recording import record
from kling_pipe.simulator.media_sprite import kinds
from kling_pipe.simulator.media_wave import heard, loudness, rate

WIDTH, HEIGHT, FPS = 340, 192, 12
BETWEEN = (0, 40, WIDTH, 132)  # below the tag, above the caption and the meter


def order(manner: str = "", seconds: float = 1, **changes: object) -> ClipOrder:
    values: dict[str, object] = {"prompt": "", "width": WIDTH, "height": HEIGHT, "fps": FPS, "seed": 3, "label": manner}
    return ClipOrder(seconds=seconds, manner=manner, **(values | changes))  # type: ignore[arg-type]


def film(path: Path, wanted: ClipOrder) -> list[Image.Image]:
    """The frames of a clip made so."""
    make_clip(wanted, str(path))
    return frames(path)


def frames(path: Path) -> list[Image.Image]:
    with av.open(str(path)) as container:
        return [frame.to_image() for frame in container.decode(video=0)]  # type: ignore[no-untyped-call]


def difference(one: Image.Image, other: Image.Image, box: tuple[int, int, int, int] = BETWEEN) -> float:
    pair = [picture.convert("RGB").resize((WIDTH, HEIGHT)).crop(box) for picture in (one, other)]
    return sum(ImageStat.Stat(ImageChops.difference(*pair)).mean) / 3


class Shelf:
    """Media to make clips from, made once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.start, self.person, self.red, self.blue = (
            str(folder / f"{name}.png") for name in ("start", "person", "red", "blue")
        )
        make_picture(PictureOrder("trail shoe on wet asphalt, golden hour", WIDTH, HEIGHT, 7, "in"), self.start)
        make_picture(PictureOrder("a hero in a teal jacket on a stage", 680, 384, 4, "in"), self.person)
        Image.new("RGB", (300, 300), (225, 20, 20)).save(self.red)
        Image.new("RGB", (300, 300), (20, 20, 225)).save(self.blue)
        self.base, self.loud = str(folder / "base.mp4"), str(folder / "loud.mp4")
        make_clip(order(seconds=1.5, prompt="a runner in the mountains, push in"), self.base)
        make_clip(order(seconds=1.5, prompt="a runner in the mountains, push in", sound=True), self.loud)
        self.speech = str(folder / "speech.wav")
        make_sound(SoundOrder("one two three four", 1.0, 5, manner="speech", form="wav"), self.speech)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return Shelf(tmp_path_factory.mktemp("take"))


def kinds_of_order(shelf: Shelf) -> dict[str, ClipOrder]:
    return {
        "omni": order("omni", references=(shelf.red, shelf.blue), prompt="by the sea"),
        "omni with start": order("omni", start=shelf.start, references=(shelf.red,)),
        "omni with clip": order("omni", base=shelf.base, prompt="a hill at night"),
        "edit": order("edit", base=shelf.base, references=(shelf.red,), prompt="make it snow"),
        "extend": order("extend", base=shelf.base, prompt="pan left"),
        "lip-sync": order("lip-sync", base=shelf.base, sound_file=shelf.speech),
        "avatar": order("avatar", start=shelf.person, sound_file=shelf.speech),
        "effect": order("effect", references=(shelf.start,), effect="pet_dance"),
        "effect for two": order("effect", references=(shelf.red, shelf.blue), effect="hug_pro"),
        "dub": order("dub", base=shelf.base, prompt="rain"),
    }


NAMES = (
    "omni", "omni with start", "omni with clip", "edit", "extend", "lip-sync", "avatar", "effect", "effect for two",
    "dub",
)  # fmt: skip
WITH_SOUND = ("lip-sync", "avatar", "dub")


def test_all_of_them_are_tested(shelf: Shelf) -> None:
    assert tuple(kinds_of_order(shelf)) == NAMES


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("sides", "fps"), [((340, 192), 12), ((192, 340), 24)])
def test_it_is_as_large_and_as_long_as_ordered(
    name: str, sides: tuple[int, int], fps: int, shelf: Shelf, tmp_path: Path
) -> None:
    wanted = replace(kinds_of_order(shelf)[name], width=sides[0], height=sides[1], fps=fps, seconds=0.75)
    made = make_clip(wanted, str(tmp_path / "a.mp4"))
    facts = look(str(tmp_path / "a.mp4"))
    assert made == 0.75
    assert (facts.format, facts.width, facts.height) == ("mp4", *sides)
    assert (facts.seconds, facts.fps, facts.has_sound) == (0.75, float(fps), name in WITH_SOUND)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in NAMES if name not in WITH_SOUND])
def test_a_silent_one_has_the_same_bytes_twice(name: str, shelf: Shelf, tmp_path: Path) -> None:
    for file in ("a.mp4", "b.mp4"):
        make_clip(kinds_of_order(shelf)[name], str(tmp_path / file))
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("name", WITH_SOUND)
def test_one_with_sound_shows_the_same_pictures_twice(name: str, shelf: Shelf, tmp_path: Path) -> None:
    shown = [film(tmp_path / file, kinds_of_order(shelf)[name]) for file in ("a.mp4", "b.mp4")]
    assert [frame.tobytes() for frame in shown[0]] == [frame.tobytes() for frame in shown[1]]


@pytest.mark.parametrize("name", ["omni with start", "avatar", "effect"])
def test_it_begins_on_its_start_picture_and_moves_it(name: str, shelf: Shelf, tmp_path: Path) -> None:
    wanted = kinds_of_order(shelf)[name]
    shown = film(tmp_path / "a.mp4", wanted)
    picture = (
        load(wanted.start or wanted.references[0]).convert("RGB").resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    )
    assert difference(shown[0], picture) < 4
    assert difference(shown[-1], picture) > 1


def colour(picture: Image.Image, part: tuple[float, float]) -> tuple[int, int, int]:
    red, green, blue = picture.getpixel((int(part[0] * picture.width), int(part[1] * picture.height)))  # type: ignore[misc]
    return red, green, blue


def is_red(seen: tuple[int, int, int]) -> bool:
    return seen[0] > 150 and seen[1] < 90 and seen[2] < 90


def is_blue(seen: tuple[int, int, int]) -> bool:
    return seen[2] > 150 and seen[0] < 90 and seen[1] < 90


def test_references_hang_large_in_a_scene_from_the_first_frame_on(shelf: Shelf, tmp_path: Path) -> None:
    shown = film(tmp_path / "a.mp4", kinds_of_order(shelf)["omni"])
    places = ((0.28, 0.45), (0.72, 0.45))
    assert [(is_red(colour(one, places[0])), is_blue(colour(one, places[1]))) for one in shown] == [(True, True)] * 12
    assert difference(shown[0], shown[-1]) > 0.5


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6, 7])
@pytest.mark.parametrize("sides", [(340, 192), (192, 340)])
def test_any_number_of_references_finds_room(count: int, sides: tuple[int, int], shelf: Shelf, tmp_path: Path) -> None:
    wanted = order(
        "omni", 0.1, references=(shelf.red,) * count, width=sides[0], height=sides[1], prompt="by the sea, night"
    )
    frame = film(tmp_path / "a.mp4", wanted)[0]
    reddish = ImageChops.subtract(frame.getchannel("R"), frame.getchannel("G")).point(
        [255 if v > 120 else 0 for v in range(256)]
    )
    share = ImageStat.Stat(reddish).mean[0] / 255
    left, top, right, bottom = reddish.getbbox() or (0, 0, 0, 0)
    assert 0.05 < share < 0.6
    assert (left > 0, top > 0, right < sides[0], bottom < sides[1] * 0.86) == (True,) * 4


def test_references_beside_a_start_picture_come_up_after_it(shelf: Shelf, tmp_path: Path) -> None:
    shown = film(tmp_path / "a.mp4", order("omni", 1.2, start=shelf.start, references=(shelf.red,)))
    corner = (0.92, 0.86)
    assert (is_red(colour(shown[0], corner)), is_red(colour(shown[-1], corner))) == (False, True)


def test_a_cut_out_reference_stands_without_a_card(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
    picture.paste((225, 20, 20, 255), (60, 20, 140, 180))
    picture.save(tmp_path / "cut.png")
    frame = film(tmp_path / "a.mp4", order("omni", 0.1, references=(str(tmp_path / "cut.png"),), prompt="night, hill"))[
        0
    ]
    white = frame.convert("L").crop((100, 30, 240, 130)).point([255 if v > 235 else 0 for v in range(256)])
    assert is_red(colour(frame, (0.5, 0.45)))
    assert ImageStat.Stat(white).mean[0] < 2


def test_a_clip_that_leads_is_shown_in_the_corner(shelf: Shelf, tmp_path: Path) -> None:
    shown = film(tmp_path / "a.mp4", kinds_of_order(shelf)["omni with clip"])
    corner, other = (250, 34, 330, 74), (10, 34, 90, 74)
    light = [ImageStat.Stat(shown[0].crop(box).convert("L")).mean[0] for box in (corner, other)]
    assert light[0] > light[1] + 40
    assert difference(shown[0], shown[-1], corner) > 1


def test_an_edit_shows_the_base_clip_in_another_light(shelf: Shelf, tmp_path: Path) -> None:
    shown, base = film(tmp_path / "a.mp4", kinds_of_order(shelf)["edit"]), frames(Path(shelf.base))
    apart = [difference(one, other) for one, other in zip(shown, base, strict=False)]
    strangers = difference(shown[0], Image.open(shelf.start))
    assert min(apart) > 6
    assert max(apart) < strangers


def test_two_edits_of_one_clip_differ_by_their_words(shelf: Shelf, tmp_path: Path) -> None:
    snow = film(tmp_path / "a.mp4", order("edit", 0.2, base=shelf.base, prompt="winter, snow"))
    neon = film(tmp_path / "b.mp4", order("edit", 0.2, base=shelf.base, prompt="neon night"))
    assert difference(snow[0], neon[0]) > 12


def test_a_continuation_begins_where_the_base_clip_ends(shelf: Shelf, tmp_path: Path) -> None:
    shown, base = film(tmp_path / "a.mp4", kinds_of_order(shelf)["extend"]), frames(Path(shelf.base))
    assert difference(shown[0], base[-1]) < 4
    assert difference(shown[0], base[0]) > 2 * difference(shown[0], base[-1])
    assert difference(shown[-1], shown[0]) > 3


def test_a_continuation_that_is_told_its_first_frame_begins_on_that(shelf: Shelf, tmp_path: Path) -> None:
    shown = film(tmp_path / "a.mp4", order("extend", 0.5, base=shelf.base, start=shelf.start))
    without_inset = (0, 40, 240, 132)
    assert difference(shown[0], load(shelf.start).convert("RGB"), without_inset) < 4


@pytest.mark.parametrize("manner", ["dub", "lip-sync"])
def test_the_base_clips_frames_are_kept(manner: str, shelf: Shelf, tmp_path: Path) -> None:
    shown, base = (
        film(tmp_path / "a.mp4", order(manner, base=shelf.base, sound_file=shelf.speech)),
        frames(Path(shelf.base)),
    )
    assert max(difference(one, other) for one, other in zip(shown, base, strict=False)) < 3


def test_a_base_clips_caption_does_not_shine_through(shelf: Shelf, tmp_path: Path) -> None:
    """Its foot is painted over from above, so nothing as white as letters is left there."""
    foot = (0, HEIGHT - 16, WIDTH, HEIGHT)
    shown, base = film(tmp_path / "a.mp4", order("dub", 0.2, base=shelf.base, prompt="")), frames(Path(shelf.base))
    assert base[0].crop(foot).convert("L").getextrema()[1] > 220
    assert shown[0].crop(foot).convert("L").getextrema()[1] < 200


def test_the_last_frame_stays_where_the_base_clip_is_too_short(shelf: Shelf, tmp_path: Path) -> None:
    shown = film(tmp_path / "a.mp4", order("dub", 2.5, base=shelf.base))
    assert len(shown) == 30
    assert difference(shown[-1], frames(Path(shelf.base))[-1]) < 3


@pytest.mark.parametrize("manner", ["edit", "dub", "lip-sync", "avatar"])
def test_an_order_without_seconds_is_as_long_as_what_it_is_made_from(manner: str, shelf: Shelf, tmp_path: Path) -> None:
    wanted = order(manner, 0, base=shelf.base, start=shelf.person, sound_file=shelf.speech)
    assert make_clip(wanted, str(tmp_path / "a.mp4")) == (1.0 if manner == "avatar" else 1.5)


def levels(path: Path, parts: int) -> list[float]:
    """How loud a clip is in each tenth of a second, in parts of full scale."""
    wave = heard(str(path))
    step = rate // 10
    return [max(map(abs, wave[at * step : (at + 1) * step]), default=0) / 32_768 for at in range(parts)]


@pytest.mark.parametrize("manner", ["", "avatar", "dub", "lip-sync", "omni"])
def test_a_sound_is_heard_from_its_second_on_for_as_long_as_it_lasts(manner: str, shelf: Shelf, tmp_path: Path) -> None:
    wanted = order(manner, 2.0, base=shelf.base, start=shelf.start, sound_file=shelf.speech, insert=0.6)
    make_clip(wanted, str(tmp_path / "a.mp4"))
    heard_there = levels(tmp_path / "a.mp4", 19)
    assert max(heard_there[:5]) < 0.01
    assert max(heard_there[6:16]) > 0.3
    assert max(heard_there[17:]) < 0.02


@pytest.mark.parametrize("form", ["mp3", "wav", "mp4"])
def test_sound_is_read_from_any_form(form: str, shelf: Shelf, tmp_path: Path) -> None:
    path = str(tmp_path / f"in.{form}")
    if form == "mp4":
        make_clip(order(seconds=1.0, sound=True), path)
    else:
        make_sound(SoundOrder("bell", 1.0, 3, form=form), path)
    make_clip(order("dub", 1.0, base=shelf.base, sound_file=path), str(tmp_path / "a.mp4"))
    assert max(levels(tmp_path / "a.mp4", 10)) > 0.03


def test_a_dub_without_a_file_sounds_as_the_recording_of_the_same_words_does(shelf: Shelf, tmp_path: Path) -> None:
    make_clip(order("dub", 1.5, base=shelf.base, prompt="footsteps", seed=9), str(tmp_path / "a.mp4"))
    own = record(SoundOrder("footsteps", 1.5, 9, source=shelf.base))
    one, other = loudness(heard(str(tmp_path / "a.mp4")), 20, 29), loudness(own, 20, 29)
    assert max(abs(a - b) for a, b in zip(one, other, strict=True)) < 0.25


def test_a_clips_own_sound_is_kept_where_that_is_asked_for(shelf: Shelf, tmp_path: Path) -> None:
    kept = {
        name: look_of(tmp_path, order("edit", 0.5, base=base, keep_sound=keep))
        for name, base, keep in (("kept", shelf.loud, True), ("not", shelf.loud, False), ("none", shelf.base, True))
    }
    assert kept == {"kept": True, "not": False, "none": False}


def look_of(folder: Path, wanted: ClipOrder) -> bool:
    make_clip(wanted, str(folder / "a.mp4"))
    return look(str(folder / "a.mp4")).has_sound


def test_somebody_who_speaks_is_heard_above_the_clips_own_sound(shelf: Shelf, tmp_path: Path) -> None:
    make_clip(order("lip-sync", 1.5, base=shelf.loud, sound_file=shelf.speech, insert=0.5), str(tmp_path / "a.mp4"))
    there = levels(tmp_path / "a.mp4", 14)
    assert 0.005 < max(there[1:4]) < max(there[5:])


LARGE: dict[str, object] = {"width": 680, "height": 384, "fps": 24}


@pytest.mark.slow
def test_a_meter_moves_as_the_speech_is_loud(shelf: Shelf, tmp_path: Path) -> None:
    wanted = order("avatar", 1.5, start=shelf.person, sound_file=shelf.speech, insert=0.4, **LARGE)
    shown = film(tmp_path / "a.mp4", wanted)
    meter = (8, 340, 150, 372)
    still = [difference_of(one, shown[0], meter) for one in shown[1:8]]
    moved = [difference_of(one, shown[0], meter) for one in shown[12:30]]
    assert max(still) < 2 < max(moved)


@pytest.mark.slow
def test_a_mouth_opens_in_the_face_that_is_found(shelf: Shelf, tmp_path: Path) -> None:
    loud = film(tmp_path / "a.mp4", order("lip-sync", 1.2, base=shelf.base, sound_file=shelf.speech, **LARGE))
    body = Eye(loud[0]).find()
    assert body is not None
    mouth = (int(body.x - 20), int(body.y), int(body.x + 40), int(body.y + 40))
    dumb = film(tmp_path / "b.mp4", order("dub", 1.2, base=shelf.base, sound_file=shelf.speech, **LARGE))
    apart = [difference_of(one, other, mouth) for one, other in zip(loud, dumb, strict=True)]
    assert max(apart) > max(3, 2 * apart[-1])


def difference_of(one: Image.Image, other: Image.Image, box: tuple[int, int, int, int]) -> float:
    return sum(ImageStat.Stat(ImageChops.difference(one.crop(box), other.crop(box))).mean) / 3


def test_two_pictures_of_an_effect_begin_side_by_side(shelf: Shelf, tmp_path: Path) -> None:
    shown = film(tmp_path / "a.mp4", kinds_of_order(shelf)["effect for two"])
    assert (is_red(colour(shown[0], (0.2, 0.5))), is_blue(colour(shown[0], (0.8, 0.5)))) == (True, True)
    assert difference(shown[0], shown[-1]) > 2


@pytest.mark.parametrize(
    ("name", "sprite"),
    [("kiss_pro", "heart"), ("snowglobe", "flake"), ("dollar_rain", "coin"), ("spring_bloom", "petal"),
     ("car_explosion", "spark"), ("happy_birthday", "confetti"), ("pet_wizard", "star"), ("shark_alert", "bubble")],
)  # fmt: skip
def test_an_effect_brings_what_its_name_says(name: str, sprite: str) -> None:
    assert effect_of(name).sprite == sprite


def test_an_unknown_effect_is_always_the_same_one() -> None:
    assert effect_of("qwertz") == effect_of("qwertz")
    assert effect_of("qwertz").sprite in kinds


@pytest.mark.parametrize(
    ("name", "word"),
    [("heart", "kiss"), ("star", "wizard"), ("coin", "money"), ("flake", "frost"), ("petal", "bloom"),
     ("spark", "lightning"), ("confetti", "party"), ("bubble", "fish")],
)  # fmt: skip
def test_everything_that_flies_is_seen(name: str, word: str, shelf: Shelf, tmp_path: Path) -> None:
    shown = film(tmp_path / "a.mp4", order("effect", 1.5, references=(shelf.blue,), effect=word))
    assert effect_of(word).sprite == name
    assert difference(shown[-1], shown[0]) > 0.5


def turned(path: Path) -> None:
    """Writes into a clip's header that it lies and is to be shown a quarter to the right, as phones do."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 40  # behind version, times, number, length, layer and volume
    matrix = (0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)
    data[at : at + 36] = b"".join(value.to_bytes(4, "big", signed=True) for value in matrix)
    path.write_bytes(bytes(data))


def test_a_base_clip_that_lies_is_stood_up(tmp_path: Path) -> None:
    lying = Image.new("RGB", (340, 192), (20, 20, 20))
    lying.paste((225, 20, 20), (0, 0, 100, 192))  # its left becomes the top
    lying.save(tmp_path / "in.png")
    make_clip(order("", 0.5, start=str(tmp_path / "in.png"), prompt="static", label=""), str(tmp_path / "in.mp4"))
    turned(tmp_path / "in.mp4")
    upright = [
        next(footage(str(tmp_path / "in.mp4"), 12, 1, (192, 340))).picture(),
        last_picture(str(tmp_path / "in.mp4")),
    ]
    assert [one.size for one in upright] == [(192, 340)] * 2
    assert [(is_red(colour(one, (0.5, 0.2))), is_red(colour(one, (0.5, 0.7)))) for one in upright] == [
        (True, False)
    ] * 2


@pytest.mark.parametrize(
    ("manner", "field"),
    [
        ("lip-sync", "base"),
        ("lip-sync", "sound_file"),
        ("omni", "references"),
        ("omni", "base"),
        ("edit", "references"),
    ],
)
def test_a_file_that_is_none_leaves_nothing_behind(manner: str, field: str, shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "bad.x").write_bytes(b"<html>")
    bad = str(tmp_path / "bad.x")
    given: dict[str, object] = {"base": shelf.base, "sound_file": shelf.speech, "references": (shelf.red,)}
    with pytest.raises(ValueError, match=r"bad\.x"):
        make_clip(
            order(manner, 0.3, **(given | {field: (bad,) if field == "references" else bad})), str(tmp_path / "a.mp4")
        )
    assert [path.name for path in tmp_path.iterdir()] == ["bad.x"]


def test_an_unknown_manner_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        make_clip(order("sculpt"), str(tmp_path / "a.mp4"))
    assert list(tmp_path.iterdir()) == []
