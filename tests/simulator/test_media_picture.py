"""Pictures of the simulator: real, as ordered, and the same for the same order."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageFilter, ImageStat
from PIL.PngImagePlugin import PngInfo

from kling_pipe.simulator.media import PictureOrder, look, make_picture
from kling_pipe.simulator.media_load import load, note_of
from kling_pipe.simulator.media_text import width_of, wrap, write
from kling_pipe.values.media import MediaFacts, MediaType
from tests.chances import examples


def order(prompt: str = "trail shoe on wet asphalt, golden hour", **changes: object) -> PictureOrder:
    values: dict[str, object] = {"width": 340, "height": 192, "seed": 7, "label": "text-to-image · kling-v3"}
    return PictureOrder(prompt, **(values | changes))  # type: ignore[arg-type]


def difference(one: Image.Image, other: Image.Image) -> float:
    return sum(ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB"))).mean) / 3


@pytest.mark.parametrize("sides", [(340, 192), (192, 340), (300, 300), (420, 180), (341, 301)])
def test_a_picture_has_the_sides_it_was_ordered_with(sides: tuple[int, int], tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    make_picture(order(width=sides[0], height=sides[1]), str(path))
    assert look(str(path)) == MediaFacts(MediaType.IMAGE, "png", path.stat().st_size, *sides)


def test_the_extension_chooses_jpeg(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    make_picture(order(), str(path))
    assert look(str(path)) == MediaFacts(MediaType.IMAGE, "jpeg", path.stat().st_size, 340, 192)


def test_the_same_order_makes_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        make_picture(order(), str(tmp_path / name))
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize("change", [{"seed": 8}, {"number": 2}, {"prompt": "a forest in fog"}])
def test_seed_take_and_prompt_each_change_the_picture(change: dict[str, object], tmp_path: Path) -> None:
    make_picture(order(), str(tmp_path / "a.png"))
    make_picture(order(**change), str(tmp_path / "b.png"))  # type: ignore[arg-type]
    assert difference(load(str(tmp_path / "a.png")), load(str(tmp_path / "b.png"))) > 1


def test_a_golden_hour_is_warmer_than_a_winter_day(tmp_path: Path) -> None:
    warmth = []
    for name, prompt in (("a.png", "a hill at golden hour"), ("b.png", "a hill in winter snow")):
        make_picture(order(prompt), str(tmp_path / name))
        red, _, blue = ImageStat.Stat(load(str(tmp_path / name)).convert("RGB")).mean
        warmth.append(red - blue)
    assert warmth[0] > warmth[1] + 40


def test_an_image_made_from_another_is_nearer_to_it_than_to_a_stranger(tmp_path: Path) -> None:
    for name, prompt in (("in.png", "city at night, neon"), ("other.png", "a cup of coffee, white studio")):
        make_picture(order(prompt), str(tmp_path / name))
    make_picture(order("the same at dusk", references=(str(tmp_path / "in.png"),)), str(tmp_path / "out.png"))
    out = edges(tmp_path / "out.png")
    assert difference(out, edges(tmp_path / "in.png")) < difference(out, edges(tmp_path / "other.png"))


def edges(path: Path) -> Image.Image:
    return load(str(path)).convert("L").filter(ImageFilter.FIND_EDGES).filter(ImageFilter.BoxBlur(2))


def test_several_references_stand_side_by_side(tmp_path: Path) -> None:
    paths = []
    for name, colour in (("red.png", (220, 20, 20)), ("blue.png", (20, 20, 220))):
        paths.append(str(tmp_path / name))
        Image.new("RGB", (300, 300), colour).save(paths[-1])
    make_picture(order("both", references=tuple(paths)), str(tmp_path / "out.png"))
    picture = load(str(tmp_path / "out.png")).convert("RGB")
    left, right = picture.getpixel((85, 90)), picture.getpixel((255, 90))
    assert isinstance(left, tuple)
    assert isinstance(right, tuple)
    assert left[0] - left[2] > right[0] - right[2] + 60


@pytest.mark.parametrize(
    "prompt",
    ["", " ", "🚀🔥 launch", "一只猫在雪中,电影感,黄金时刻", "كلب على الشاطئ عند الغروب", "שלום עולם", "x" * 2500,
     "word " * 500, "tab\tand\nlines\x00", "e\u0301 combining", "\u202ereversed"],
)  # fmt: skip
def test_any_prompt_can_be_written(prompt: str, tmp_path: Path) -> None:
    make_picture(order(prompt), str(tmp_path / "a.png"))
    assert look(str(tmp_path / "a.png")).width == 340


def test_a_long_prompt_is_cut_with_an_ellipsis() -> None:
    lines = wrap("a quiet valley in the morning " * 80, 20, 600, 3)
    assert (len(lines), lines[-1][-1]) == (3, "…")


@examples(25)
@given(text=st.text(max_size=300), points=st.integers(11, 40), width=st.integers(120, 900), most=st.integers(1, 3))
@example(text="0 \u030000000000", points=23, width=120, most=3)
def test_no_line_is_wider_than_its_room(text: str, points: int, width: int, most: int) -> None:
    lines = wrap(text, points, width, most)
    room = [line for line in lines if write((width + 4 * points, 400), line, "").boxes]
    assert len(lines) <= most
    assert len(room) == len(lines)
    assert all(width_of(line, points) <= width for line in lines)


def test_chinese_breaks_between_any_two_signs() -> None:
    assert len(wrap("一只猫在雪中走过安静的街道" * 3, 20, 200, 3)) == 3


def test_the_tag_is_light_on_dark_at_the_head() -> None:
    writing = write((340, 192), "", "SIMULATED · x · take 1")
    (box,) = writing.boxes
    tag = Image.new("RGB", (340, 192), (128, 128, 128))
    writing.on(tag)
    dark, light = tag.crop(box).convert("L").getextrema()
    assert (box[1] < 20, dark < 60, light > 240) == (True, True, True)


def test_what_was_written_over_a_picture_is_painted_out_when_it_is_used(tmp_path: Path) -> None:
    make_picture(order("a cup"), str(tmp_path / "a.png"))
    with Image.open(tmp_path / "a.png") as raw:
        said, shown = raw.info["Comment"], raw.convert("RGB")
    clean = load(str(tmp_path / "a.png"))
    foot = (0, 180, 340, 192)
    assert said.startswith("simulated by kling-pipe: text-to-image · kling-v3; written over ")
    assert difference(clean.crop(foot), shown.crop(foot)) > 20
    assert difference(clean.crop((0, 40, 340, 140)), shown.crop((0, 40, 340, 140))) == 0


def test_a_note_with_foreign_words_is_left_alone(tmp_path: Path) -> None:
    notes = PngInfo()
    notes.add_itxt("Comment", note_of("x", (0, 0), ((0, 0, 9999, 9999),)).replace("0x0", "10x10"))
    Image.new("RGB", (20, 20), (1, 2, 3)).save(tmp_path / "a.png", pnginfo=notes)
    assert load(str(tmp_path / "a.png")).getpixel((5, 5)) == (1, 2, 3)


ODD: dict[str, tuple[Image.Image, str, tuple[int, ...]]] = {
    "cmyk": (Image.new("CMYK", (40, 30), (0, 255, 255, 0)), "JPEG", (254, 0, 0)),
    "grey": (Image.new("L", (40, 30), 90), "PNG", (90, 90, 90)),
    "sixteen": (Image.new("I;16", (40, 30), 40_000), "PNG", (156, 156, 156)),
    "palette": (Image.new("RGB", (40, 30), (0, 204, 51)).convert("P"), "GIF", (0, 204, 51)),
    "bilevel": (Image.new("1", (40, 30), 1), "PNG", (255, 255, 255)),
    "see-through": (Image.new("RGBA", (40, 30), (1, 2, 3, 4)), "PNG", (1, 2, 3, 4)),
    "grey-alpha": (Image.new("LA", (40, 30), (9, 8)), "PNG", (9, 9, 9, 8)),
}


@pytest.mark.parametrize("name", ODD)
def test_every_mode_of_picture_is_read_to_eight_bits_a_colour(name: str, tmp_path: Path) -> None:
    picture, form, colour = ODD[name]
    picture.save(tmp_path / "a", form)
    read = load(str(tmp_path / "a")).getpixel((20, 15))
    assert isinstance(read, tuple)
    assert [abs(a - b) <= 3 for a, b in zip(read, colour, strict=True)] == [True] * len(colour)


def test_a_picture_with_a_turn_in_its_notes_is_read_upright(tmp_path: Path) -> None:
    notes = Image.Exif()
    notes[0x0112] = 6
    Image.new("RGB", (400, 300)).save(tmp_path / "a.jpg", exif=notes)
    facts = look(str(tmp_path / "a.jpg"))
    assert (load(str(tmp_path / "a.jpg")).size, (facts.width, facts.height)) == ((300, 400), (300, 400))


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"<html>", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0junk", b"RIFF\0\0\0\0WEBPVP8 "]
)
def test_what_is_no_picture_is_a_value_error(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(content)
    for read in (look, load):
        with pytest.raises(ValueError, match=r"a\.png"):
            read(str(tmp_path / "a.png"))


def test_a_failed_order_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"{}")
    with pytest.raises(ValueError, match=r"bad\.png"):
        make_picture(order(references=(str(tmp_path / "bad.png"),)), str(tmp_path / "a.png"))
    assert [path.name for path in tmp_path.iterdir()] == ["bad.png"]
