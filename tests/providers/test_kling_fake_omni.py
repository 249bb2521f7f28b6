"""What Kling's fake refuses on the path standard's omni-video: one line a rule of kling.md section 12."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.providers.kling_fake_stage import Refusal, at, image, refusing

pytestmark = pytest.mark.anyio

omni, o1 = "/omni-video/kling-3.0-omni", "/omni-video/kling-o1"
Item = dict[str, str]


def contents(*items: Item, text: str = "p", **settings: object) -> dict[str, object]:
    return {"contents": [{"type": "prompt", "text": text}, *items], "settings": settings}


def elements(*names: str) -> list[Item]:
    return [{"type": "element", "element_id": name, "id": f"e{number}"} for number, name in enumerate(names)]


picture = {"type": "refer_image", "url": at("wide.png")}
first, last = {"type": "first_frame", "url": at("wide.png")}, {"type": "last_frame", "url": at("wide.png")}
base, feature = ({"type": f"{kind}_video", "url": at("walk.mp4")} for kind in ("base", "feature"))
filmed = elements("$actor")
ratio = {"aspect_ratio": "16:9"}


@pytest.fixture(scope="module")
async def refusal(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Refusal]:
    async with refusing(tmp_path_factory.mktemp("omni")) as refused:
        yield refused


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("/omni-video/kling-3.0", contents(), "404/1203 model kling-3.0 is not supported for this API"),
        ("/text-to-video/kling-o1", {"prompt": "p"}, "404/1203 model kling-o1 is not supported for this API"),
        (omni, {}, "400/1200 contents is required"),
        (omni, contents(text=" ", **ratio), "400/1201 contents prompt text must not be blank"),
        (omni, contents(text="p" * 3073, **ratio),
         "400/1201 contents prompt text exceeds the maximum length of 3072 characters"),
        (o1, contents(text="p" * 2501, **ratio),
         "400/1201 contents prompt text exceeds the maximum length of 2500 characters"),
        (omni, contents(aspect_ratio="4:3"), "400/1201 aspect_ratio value '4:3' is invalid"),
        (o1, contents(resolution="4k", **ratio), "400/1201 video resolution value '4k' is invalid"),
        (o1, contents(audio="native", **ratio), "400/1201 audio value 'native' is invalid"),
        (omni, contents(duration="5", **ratio), "400/1201 duration value '5' is invalid"),
        (o1, contents(duration=11, **ratio), "400/1201 duration value '11' is invalid"),
        (o1, contents(duration=7, **ratio), "400/1201 duration value '7' is invalid"),
        (o1, contents(first, duration=7), "400/1201 duration value '7' is invalid"),
        (omni, contents(), "400/1200 settings.aspect_ratio is required"),
        (omni, contents(picture), "400/1200 settings.aspect_ratio is required"),
        (omni, contents({"type": "voice", "voice_id": "1", "id": "v"}, **ratio),
         "400/1201 contents type value 'voice' is invalid"),
        (omni, contents({"type": "refer_image", "url": image}, **ratio),
         "400/1201 contents refer_image[0] url must be a URL"),
        (omni, contents({"type": "refer_image"}, **ratio), "400/1200 contents refer_image url is required"),
        (omni, contents({**picture, "id": "a"}, {**picture, "id": "a"}, **ratio),
         "400/1201 contents id value 'a' is used twice"),
        (omni, contents(base, feature), "400/1201 contents must have at most one of feature_video and base_video"),
        (omni, contents(base, first), "400/1201 contents first_frame and last_frame cannot be used with base_video"),
        (omni, contents(base, multi_shot=True), "400/1201 multi_shot must not be true with base_video"),
        (omni, contents(base, audio="native"), "400/1201 audio value 'native' is invalid with base_video"),
        (omni, contents(feature, audio="original"), "400/1201 audio value 'original' is invalid with feature_video"),
        (omni, contents(feature, multi_shot=False), "400/1201 multi_shot must not be false with feature_video"),
        (omni, contents(last), "400/1201 contents last_frame requires first_frame"),
        (omni, contents(first, *elements("1", "2", "3", "4")),
         "400/1201 contents must have at most 3 elements with first_frame"),
        (omni, contents(*[picture] * 5, *elements("$mira", "2", "3"), **ratio),
         "400/1201 the total of refer_image and multi-image elements cannot exceed 7"),
        (omni, contents(*[picture] * 3, base, *elements("1", "2")),
         "400/1201 the total of refer_image and multi-image elements cannot exceed 4"),
        (omni, contents(*[picture] * 5, *filmed, **ratio),
         "400/1201 the total of refer_image and multi-image elements cannot exceed 4"),
        (omni, contents(*elements("$actor", "$actor", "$actor", "$actor"), **ratio),
         "400/1201 video character elements cannot exceed 3"),
        (omni, contents(base, *elements("$actor", "$actor")), "400/1201 video character elements cannot exceed 1"),
        (omni, contents(picture, base, *filmed),
         "400/1201 video character elements and refer_image cannot be used together with a video"),
        (omni, contents({**base, "url": at("film.mp4")}),
         "400/1201 contents base_video url duration is invalid: 16.5s, expected 3s to 15.5s"),
        (omni, contents({**base, "url": at("panorama.mp4")}),
         "400/1201 contents base_video url aspect ratio is invalid, expected 0.4 to 2"),
        (o1, contents({**base, "url": at("large.mp4")}),
         "400/1201 contents base_video url resolution is invalid: 3840x2160, sides must be 700px to 2160px"),
        (o1, contents(*filmed, **ratio), "400/1201 model kling-o1 supports multi-image elements only"),
        (o1, contents(first, last, picture),
         "400/1201 contents first_frame and last_frame exclude refer_image and element"),
        (o1, contents(first, last, *elements("1")),
         "400/1201 contents first_frame and last_frame exclude refer_image and element"),
        (o1, contents(first, last, feature), "400/1201 contents last_frame cannot be used with feature_video"),
        (omni, contents(text="shot 1, 2, a; shot 2, 2, b", **ratio),
         "400/1201 the sum of shot durations must be equal to duration"),
    ],
)  # fmt: skip
async def test_a_path_omni_rule_is_kept(refusal: Refusal, path: str, body: object, expected: str) -> None:
    assert await refusal(path, body) == expected
