"""What real pictures and clips may be, by the limits of the shipped catalogue. Facts: kling.md section 10."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kling_pipe.plan.catalogue_bounds import judge
from kling_pipe.plan.catalogue_media import MediaLimits
from kling_pipe.story.storyboard import StepOutput
from kling_pipe.values.media import MediaFacts, MediaType
from tests.providers.kling_jobs import catalogue, step_of

picture = MediaFacts(MediaType.IMAGE, "png", 1000, 1280, 720)
clip = MediaFacts(MediaType.VIDEO, "mp4", 1000, 1280, 720, 5.041)
masks = ["image", "static_mask", "dynamic_masks[0].mask", "dynamic_masks[1].mask"]


def told(kind: str, model: str, field: str, facts: MediaFacts, wired: list[str] | None = None,
         others: dict[str, MediaFacts] | None = None, **parameters: object) -> list[str]:  # fmt: skip
    step = step_of(kind, model, {"prompt": "x", **parameters}, wired or [field])
    settled = catalogue.settle(step)
    assert settled is not None
    found = catalogue.check_material(step, settled, field, facts, others or {})
    return [f"{p.code}: {p.message}{f' ({p.hint})' if p.hint else ''}" for p in found]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (picture, []),
        (replace(picture, format="jpeg", bytes=10_000_000, width=300, height=300), []),
        (replace(picture, width=1000, height=400), []),
        (replace(picture, width=400, height=1000), []),
        (replace(picture, width=0, height=0, bytes=0), []),
        (replace(picture, format="webp"), ["media-format: `image` takes jpeg or png, not webp (convert it to jpeg)"]),
        (replace(picture, bytes=10_400_000),
         ["media-bytes: `image` is 10.4 MB, at most 10 MB are taken (make the file smaller)"]),
        (replace(picture, width=299, height=400),
         ["media-side: `image` is 299×400, each side needs at least 300 pixels (take a larger one, or enlarge it)"]),
        (replace(picture, width=1001, height=400),
         ["media-aspect: `image` is 1001×400, its sides may be 1:2.5 to 2.5:1 (crop it)"]),
        (clip, ["media-type: `image` takes a picture, not a clip"]),
    ],
)  # fmt: skip
def test_pictures(facts: MediaFacts, expected: list[str]) -> None:
    assert told("image-to-video", "kling-v3", "image", facts) == expected


def test_the_path_model_takes_larger_pictures() -> None:
    assert told("image-to-video", "kling-v3-turbo", "image", replace(picture, bytes=50_000_000)) == []


@pytest.mark.parametrize(
    ("seconds", "orientation", "expected"),
    [
        (5.041, "image", []),
        (10.041, "image", []),
        (30.0, "video", []),
        (2.9, "video", [("media-seconds: `video` lasts 2.90 seconds, expected 3 to 30 with "
                        "`character_orientation: video` "
                        "(cut or lengthen the clip)")]),
        (12.0, "image", [("media-seconds: `video` lasts 12.00 seconds, expected 3 to 10 with "
                         "`character_orientation: image` "
                         "(set `character_orientation: video`)")]),
    ],
)  # fmt: skip
def test_reference_clips_last_as_long_as_the_orientation_allows(
    seconds: float, orientation: str, expected: list[str]
) -> None:
    facts = replace(clip, seconds=seconds)
    assert told("motion-control", "kling-v2-6", "video", facts, character_orientation=orientation) == expected


def test_reference_clips_have_sides_within_bounds() -> None:
    assert told("motion-control", "kling-v2-6", "video", replace(clip, width=320, height=3900)) == [
        "media-side: `video` is 320×3900, each side needs at least 340 pixels (take a larger one, or enlarge it)",
        "media-side: `video` is 320×3900, each side has at most 3850 pixels (scale it down)",
    ]


def test_masks_are_of_the_pictures_ratio_and_of_one_size() -> None:
    half, square = replace(picture, width=640, height=360), replace(picture, width=600, height=600)
    others = {"image": picture, "dynamic_masks[0].mask": half, "dynamic_masks[1].mask": picture}
    assert told("image-to-video", "kling-v1", "dynamic_masks[0].mask", half, masks, others) == []
    assert told("image-to-video", "kling-v1", "dynamic_masks[1].mask", picture, masks, others) == [
        (
            "mask-size: `dynamic_masks[1].mask` is 1280×720 and `dynamic_masks[0].mask` is 640×360, "
            "masks must be of one size"
        )
    ]
    assert told("image-to-video", "kling-v1", "static_mask", square, ["image", "static_mask"], {"image": picture}) == [
        (
            "mask-aspect: `static_mask` is 600×600, its ratio must be that of `image`, 1280×720 "
            "(make the mask from the picture itself)"
        )
    ]


def test_a_field_the_model_does_not_take_is_not_judged_twice() -> None:
    assert told("image-to-video", "kling-v3-turbo", "image_tail", clip) == []


def judged(data: dict[str, object], facts: MediaFacts, **view: object) -> list[str]:
    """What is said of a file by limits of the test's own."""
    return [f"{one.code}: {one.message}" for one in judge(MediaLimits.of(data, "own"), "video", facts, view, {})]


clip_of_any_kind: dict[str, object] = {"type": "video"}


@pytest.mark.parametrize(
    ("bound", "facts", "expected"),
    [
        ({"area": 8_294_400}, replace(clip, width=3840, height=2160), []),
        ({"area": 8_294_400}, replace(clip, width=4000, height=2160),
         ["media-area: `video` is 4000×2160, it may have at most 8,294,400 pixels"]),
        ({"seconds": [[2, 5], [7, 10]], "slack": 0.05}, replace(clip, seconds=5.041), []),
        ({"seconds": [[2, 5], [7, 10]]}, replace(clip, seconds=6.0),
         ["media-seconds: `video` lasts 6.00 seconds, expected 2 to 5 or 7 to 10"]),
        ({"seconds": [3, 10], "slack": 0.05}, replace(clip, seconds=2.99),
         ["media-seconds: `video` lasts 2.99 seconds, expected 3 to 10"]),
        ({"seconds": [3, 10]}, replace(clip, seconds=0.0), []),
        ({"fps": {"one_of": [24, 30]}}, replace(clip, fps=23.976), []),
        ({"fps": {"one_of": [24, 30]}}, replace(clip, fps=25.0),
         ["media-fps: `video` has 25 frames a second, expected 24 or 30"]),
        ({"fps": [24, 60]}, replace(clip, fps=59.94), []),
        ({"fps": [24, 60]}, replace(clip, fps=0.0), []),
        ({"sizes": [[1920, 1080]]}, replace(clip, width=1080, height=1920),
         ["media-size: `video` is 1080×1920, it must be 1920×1080"]),
    ],
)  # fmt: skip
def test_bounds(bound: dict[str, object], facts: MediaFacts, expected: list[str]) -> None:
    assert judged({**clip_of_any_kind, **bound}, facts) == expected


def test_a_file_lasts_as_long_as_parameters_say() -> None:
    assert judged({**clip_of_any_kind, "lasts": {"start": 2}}, clip, start=3) == []
    assert judged({**clip_of_any_kind, "lasts": {"start": 2}}, clip, start=3.5) == [
        "media-too-short: `video` lasts 5.04 seconds, it must last at least 2 seconds after `start: 3.5`"
    ]
    holds = {"sum": ["start", "end"], "minus": ["crop"], "with": "end"}
    assert judged({**clip_of_any_kind, "holds": holds}, clip, start=9) == []
    assert judged({**clip_of_any_kind, "holds": holds}, clip, start=1, end=6, crop=2) == []
    assert judged({**clip_of_any_kind, "holds": holds}, clip, start=1, end=6) == [
        "media-too-short: `video` lasts 5.04 seconds, `start` + `end` − `crop` is 7"
    ]


def test_what_speech_will_last_is_a_guess_and_no_error() -> None:
    step = step_of("lip-sync", "", {}, ["video", "audio"])
    made = replace(step, wires=(step.wires[0], replace(step.wires[1], reference=StepOutput("line"))))
    settled = catalogue.settle(step)
    assert settled is not None
    short = MediaFacts(MediaType.AUDIO, "mp3", 1000, seconds=1.0)
    found = [catalogue.check_material(one, settled, "audio", short, {}) for one in (step, made)]
    assert [str(problem.severity) for problems in found for problem in problems] == ["error", "warning"]
