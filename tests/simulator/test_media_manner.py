"""Pictures made from others: larger, dressed, from another side, as a mask."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from kling_pipe.simulator.media import PictureOrder, look, make_picture
from kling_pipe.simulator.media_angle import angles
from kling_pipe.simulator.media_body import body_in
from kling_pipe.simulator.media_expand import place_of
from kling_pipe.simulator.media_load import load
from kling_pipe.simulator.media_mask import Sight, clothes_in

WIDE, TALL = 216, 384


def order(manner: str, *references: Path, **changes: object) -> PictureOrder:
    values: dict[str, object] = {"prompt": "", "width": WIDE, "height": TALL, "seed": 7, "label": manner}
    paths = tuple(str(path) for path in references)
    return PictureOrder(references=paths, manner=manner, **(values | changes))  # type: ignore[arg-type]


def made(path: Path, wanted: PictureOrder) -> Image.Image:
    """The picture as it is shown, writing included."""
    make_picture(wanted, str(path))
    with Image.open(path) as picture:
        return picture.convert("RGB")


def difference(one: Image.Image, other: Image.Image) -> float:
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("manner") / "person.png"
    make_picture(PictureOrder("a hero in a teal jacket on a stage", WIDE * 2, TALL * 2, 4, "in"), str(path))
    return path


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("manner") / "scene.png"
    make_picture(PictureOrder("hills at golden hour", 400, 300, 4, "in"), str(path))
    return path


@pytest.fixture(scope="module")
def garment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("manner") / "garment.png"
    picture = Image.new("RGB", (320, 320), (250, 250, 250))
    picture.paste((230, 30, 200), (80, 60, 240, 270))
    picture.save(path)
    return path


@pytest.mark.parametrize("manner", ["expand", "try-on", "angle", "segment"])
@pytest.mark.parametrize("sides", [(340, 192), (192, 340), (301, 300)])
def test_it_has_the_sides_it_was_ordered_with(
    manner: str, sides: tuple[int, int], person: Path, scene: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.png"
    changes = {"width": sides[0], "height": sides[1], "margins": (0.2, 0.1, 0.0, 0.5)}
    make_picture(order(manner, person, scene, **changes), str(path))
    facts = look(str(path))
    assert (facts.format, facts.width, facts.height) == ("png", *sides)


@pytest.mark.parametrize("manner", ["expand", "try-on", "angle", "segment"])
def test_the_same_order_makes_the_same_bytes(manner: str, person: Path, scene: Path, tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        make_picture(order(manner, person, scene, margins=(0.0, 0.0, 0.3, 0.3)), str(tmp_path / name))
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize("manner", ["expand", "try-on", "angle"])
@pytest.mark.parametrize("change", [{"seed": 9}, {"number": 2}])
def test_takes_differ_in_more_than_their_tag(
    manner: str, change: dict[str, object], person: Path, scene: Path, tmp_path: Path
) -> None:
    below = (0, 40, WIDE, TALL)
    one = made(tmp_path / "a.png", order(manner, person, scene, margins=(0.0, 0.0, 0.3, 0.3)))
    other = made(tmp_path / "b.png", order(manner, person, scene, margins=(0.0, 0.0, 0.3, 0.3), **change))
    assert difference(one.crop(below), other.crop(below)) > 0.02


@pytest.mark.parametrize("manner", ["expand", "try-on", "angle", "segment"])
def test_it_says_in_the_picture_that_it_is_simulated(manner: str, person: Path, tmp_path: Path) -> None:
    picture = made(tmp_path / "a.png", order(manner, person))
    tag = picture.crop((8, 8, 120, 24)).convert("L")
    assert (tag.getextrema()[0] < 80, tag.getextrema()[1] > 235) == (True, True)


@pytest.mark.slow
@pytest.mark.parametrize(
    "margins", [(0, 0, 0.5, 0.5), (0.5, 0, 0, 0), (0, 1, 0.2, 0), (0.1, 0.2, 0.3, 0.4), (0, 2, 0, 0)]
)
def test_an_expanded_picture_holds_the_picture_where_the_margins_say(
    margins: tuple[float, float, float, float], scene: Path, tmp_path: Path
) -> None:
    up, down, left, right = margins
    size = round(400 * (1 + left + right)), round(300 * (1 + up + down))
    box = place_of(size, margins)
    picture = made(tmp_path / "a.png", order("expand", scene, width=size[0], height=size[1], margins=margins))
    inner = load(str(scene)).crop((30, 60, 370, 240))
    shown = picture.crop((box[0] + 30, box[1] + 60, box[0] + 370, box[1] + 240))
    assert box == (round(400 * left), round(300 * up), round(400 * left) + 400, round(300 * up) + 300)
    assert difference(shown, inner) < 1


def test_what_is_painted_on_goes_on_where_the_picture_ends(scene: Path, tmp_path: Path) -> None:
    picture = made(tmp_path / "a.png", order("expand", scene, width=800, height=300, margins=(0, 0, 0.5, 0.5)))
    inside, outside = picture.crop((200, 60, 204, 230)), picture.crop((195, 60, 199, 230))
    assert difference(inside, outside) < 4
    assert ImageStat.Stat(picture.crop((0, 60, 190, 230)).convert("L")).stddev[0] > 5


@pytest.mark.slow
def test_a_garment_is_worn_on_the_trunk_and_nowhere_else(person: Path, garment: Path, tmp_path: Path) -> None:
    before = load(str(person)).convert("RGB").resize((WIDE * 2, TALL * 2))
    after = made(tmp_path / "a.png", order("try-on", person, garment, width=WIDE * 2, height=TALL * 2))
    trunk = clothes_in(Sight.of(before), top=True).point([255 if value > 250 else 0 for value in range(256)])
    red, green, blue = ImageStat.Stat(after, trunk).mean
    face = body_in(before)
    assert face is not None
    head = (int(face.x - 20), int(face.y - 20), int(face.x + 20), int(face.y + 20))
    assert (red > green + 80, blue > green + 60) == (True, True)
    assert difference(before.crop(head), after.crop(head)) < 1


@pytest.mark.slow
def test_nine_angles_are_nine_pictures(person: Path, tmp_path: Path) -> None:
    shown = [made(tmp_path / "a.png", order("angle", person, number=number)) for number in range(1, 10)]
    apart = [difference(one, other) for at, one in enumerate(shown) for other in shown[:at]]
    assert len(angles) == 9
    assert min(apart) > 3


def share(mask: Image.Image, box: tuple[int, int, int, int]) -> float:
    return ImageStat.Stat(mask.convert("L").crop(box)).mean[0] / 255


def test_masks_are_white_inside_and_black_outside(person: Path, tmp_path: Path) -> None:
    size = {"width": WIDE * 2, "height": TALL * 2}
    masks = {
        name: made(tmp_path / "a.png", order("segment", person, prompt=name, **size))
        for name in ("object", "head", "face", "cloth")
    }
    body = body_in(load(str(person)).convert("RGB"))
    assert body is not None
    unit = int(body.height)
    x, y = int(body.x), int(body.y)
    face = (x - unit // 60, y, x + unit // 60, y + unit // 40)
    hair = (x - unit // 60, y - unit // 15, x + unit // 60, y - unit // 20)
    trunk = (x - unit // 25, y + unit // 5, x + unit // 25, y + unit // 3)
    corner = (4, TALL, 60, TALL * 2 - 4)
    seen = {name: [round(share(mask, box), 2) for box in (face, hair, trunk, corner)] for name, mask in masks.items()}
    assert seen == {"object": [1, 1, 1, 0], "head": [1, 1, 0, 0], "face": [1, 0, 0, 0], "cloth": [0, 0, 1, 0]}


def test_a_mask_follows_the_figure_as_it_was_drawn(tmp_path: Path) -> None:
    """The same figure before two places: what differs between them is the place, and the mask leaves just that out."""
    sight = Sight.of(made(tmp_path / "a.png", PictureOrder("a woman in a red dress, studio", 432, 768, 3, "in")))
    inside = clothes_in(sight).point([255 if value > 250 else 0 for value in range(256)])
    red, green, blue = ImageStat.Stat(sight.picture, inside).mean
    assert sight.has_skirt
    assert red > green + 60
    assert red > blue + 60


def test_a_mask_of_a_thing_lies_on_the_thing(tmp_path: Path) -> None:
    Image.new("RGB", (400, 300), (240, 240, 240)).save(tmp_path / "in.png")
    picture = Image.open(tmp_path / "in.png").convert("RGB")
    picture.paste((40, 90, 160), (140, 110, 270, 240))
    picture.save(tmp_path / "in.png")
    mask = made(tmp_path / "a.png", order("segment", tmp_path / "in.png", prompt="object", width=400, height=300))
    assert share(mask, (150, 120, 260, 230)) == 1
    assert share(mask, (0, 60, 125, 300)) == 0
    assert share(mask, (285, 60, 400, 300)) == 0


@pytest.mark.parametrize(
    ("prompt", "found"),
    [
        ("a hero in a teal jacket on a stage", True),
        ("a runner in the mountains at sunrise", True),
        ("portrait of a king at golden hour", True),
        ("a child in a snowy forest", True),
        ("trail shoe on wet asphalt, golden hour", False),
        ("a cup of coffee on a table, white studio", False),
        ("city at night, neon, rain", False),
    ],
)
def test_somebody_is_found_where_somebody_stands(prompt: str, found: bool, tmp_path: Path) -> None:
    make_picture(PictureOrder(prompt, 680, 384, 4, "in"), str(tmp_path / "a.png"))
    assert (body_in(load(str(tmp_path / "a.png"))) is not None) == found


def test_a_reference_that_is_no_picture_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"{}")
    with pytest.raises(ValueError, match=r"bad\.png"):
        make_picture(order("expand", tmp_path / "bad.png"), str(tmp_path / "a.png"))
    assert [path.name for path in tmp_path.iterdir()] == ["bad.png"]
