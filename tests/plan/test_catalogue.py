"""Settling and checking steps with the shipped catalogue: canonical models and parameters, refusals, hints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_pipe.errors import Problem, Severity
from kling_pipe.plan.catalogue import Settled
from kling_pipe.story.storyboard import InputFile, Step, Wire
from kling_pipe.values.digest import canonical
from kling_pipe.values.media import MediaType
from kling_pipe.values.span import Span
from tests.providers.kling_jobs import catalogue, step_of

shots = [{"prompt": "a", "duration": 3}, {"prompt": "b", "duration": 4}]


def settled(kind: str, model: str, parameters: Mapping[str, object], wired: Sequence[str] = ()) -> Settled:
    found = catalogue.settle(step_of(kind, model, parameters, wired))
    assert found is not None
    return found


def told(
    kind: str, model: str, parameters: Mapping[str, object], *wired: str, allow_unknown: bool = False
) -> list[str]:
    """`severity code: message (hint)` of every problem."""
    step = step_of(kind, model, parameters, wired)
    found = catalogue.check(step, catalogue.settle(step, allow_unknown=allow_unknown))
    return [f"{p.severity} {p.code}: {p.message}{f' ({p.hint})' if p.hint else ''}" for p in found]


def codes(kind: str, model: str, parameters: Mapping[str, object], *wired: str) -> list[str]:
    return [line.partition(":")[0] for line in told(kind, model, {"prompt": "x", **parameters}, *wired)]


def test_defaults_are_filled_in() -> None:
    found = settled("text-to-video", "", {"prompt": "a fox"})
    assert (found.model, found.product, found.makes, found.takes_at_once) == ("kling-v3", "video", MediaType.VIDEO, 1)
    assert found.parameters == {
        "prompt": "a fox", "duration": 5, "mode": "std", "aspect_ratio": "16:9", "sound": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "model", "written", "wired"),
    [
        ("text-to-video", "kling-v3", {"duration": 5, "mode": "std", "sound": False, "watermark": False}, []),
        ("text-to-video", "kling-v3", {"duration": 5.0, "cfg_scale": 0.5, "negative_prompt": ""}, []),
        ("text-to-video", "kling-v2-5-turbo", {"sound": False, "aspect_ratio": "16:9"}, []),
        ("text-to-image", "kling-v3", {"resolution": "1k", "elements": [], "negative_prompt": None}, []),
        ("image-to-image", "kling-v2-1", {"image_fidelity": 0.5}, ["image"]),
    ],
)
def test_an_explicit_default_and_an_omitted_one_are_the_same(
    kind: str, model: str, written: Mapping[str, object], wired: list[str]
) -> None:
    plain, explicit = (
        settled(kind, model, {"prompt": "x"}, wired),
        settled(kind, model, {"prompt": "x", **written}, wired),
    )
    assert canonical(explicit.parameters) == canonical(plain.parameters)
    assert explicit == plain


@pytest.mark.parametrize(
    ("kind", "parameters", "wired", "model"),
    [
        ("text-to-image", {}, [], "kling-v3"),
        ("image-to-image", {}, ["image"], "kling-v3"),
        ("image-to-image", {}, ["references[0]"], "kling-v3-omni"),
        ("image-to-image", {"image_reference": "face"}, ["image"], "kling-v2-1"),
        ("image-to-video", {}, ["image"], "kling-v3"),
        ("image-to-video", {"voices": ["1"]}, ["image"], "kling-v2-6"),
        ("motion-control", {}, ["image", "video"], "kling-v2-6"),
        ("motion-control", {"elements": ["1"]}, ["image", "video"], "kling-v3"),
    ],
)
def test_the_default_model_can_do_what_is_asked(
    kind: str, parameters: Mapping[str, object], wired: list[str], model: str
) -> None:
    assert settled(kind, "", {"prompt": "x", **parameters}, wired).model == model


def test_the_clip_lasts_as_long_as_its_shots() -> None:
    assert settled("text-to-video", "kling-v3", {"shots": shots}).parameters["duration"] == 7


def test_a_prompt_that_is_ignored_decides_no_key_and_is_warned_of() -> None:
    assert settled("text-to-video", "", {"shots": shots, "prompt": "a"}) == settled(
        "text-to-video", "", {"shots": shots}
    )
    assert told("text-to-video", "kling-v3", {"shots": shots, "prompt": "a"}) == [
        (
            "warning prompt-ignored: `prompt` has no effect beside a list of `shots` "
            "(write the words into the shots, or use `shots: auto`)"
        )
    ]


def test_ids_are_texts_whatever_they_were_written_as() -> None:
    found = settled("image-to-video", "", {"prompt": "x", "elements": [321922438904313987, "12"]}, ["image"])
    assert found.parameters["elements"] == ["321922438904313987", "12"]


def test_steps_of_one_shape_keep_their_own_texts() -> None:
    assert [settled("text-to-image", "", {"prompt": text}).parameters["prompt"] for text in ("a", "b")] == ["a", "b"]


def test_numbers_that_are_equal_but_not_alike_do_not_share_a_verdict() -> None:
    assert codes("text-to-video", "kling-v3", {"sound": True}) == []
    assert codes("text-to-video", "kling-v3", {"sound": 1}) == ["error not-offered"]


@pytest.mark.parametrize("name", ["kling-2.6", "kling-v2.6"])
def test_an_alias_is_noted(name: str) -> None:
    assert settled("text-to-video", name, {"prompt": "x"}).model == "kling-v2-6"
    assert told("text-to-video", name, {"prompt": "x"}) == [
        f"note model-alias: `{name}` is `kling-v2-6` here (write `model: kling-v2-6`)"
    ]


def test_a_retired_model_is_a_warning_that_names_its_successor() -> None:
    assert told("text-to-video", "kling-v1-6", {"prompt": "x"}) == [
        (
            "warning model-retired: `kling-v1-6` was retired on 2026-09-15, the service may refuse it "
            "(use its successor `kling-v3`)"
        )
    ]


def test_strangers() -> None:
    assert told("text-to-video", "kling-v33", {"prompt": "x"}) == [
        "error unknown-model: `kling-v33` is not a known model of `kling` (did you mean `kling-v3`?)"
    ]
    assert told("text-to-image", "sora", {"prompt": "x"}) == [
        (
            "error unknown-model: `sora` is not a known model of `kling` "
            "(there is `kling-v3`, `kling-v3-omni`, `kling-image-o1`, `kling-v2-1`)"
        )
    ]
    assert told("text-to-image", "kling-v2-6", {"prompt": "x"}) == [
        (
            "error model-kind: `kling-v2-6` does not serve `text-to-image` on `kling` "
            "(it serves `text-to-video`, `image-to-video`, `motion-control`; "
            "for `text-to-image` there is `kling-v3`, `kling-v3-omni`, `kling-image-o1`, `kling-v2-1`)"
        )
    ]
    (strange,) = told("assemble", "kling-v3", {})
    assert strange.startswith(
        "error kind-not-served: `kling` has no models for `assemble` (it serves `text-to-image`, `image-to-image`, "
    )


def test_an_unknown_model_passes_where_the_profile_allows_it() -> None:
    step = step_of("text-to-video", "kling-v4", {"prompt": "x", "fancy": [1]})
    found = catalogue.settle(step, allow_unknown=True)
    assert found is not None
    assert (found.model, found.parameters) == ("kling-v4", {"prompt": "x", "fancy": [1]})
    assert [problem.severity for problem in catalogue.check(step, found)] == [Severity.WARNING]
    assert catalogue.settle(step) is None


capabilities: list[tuple[str, str, dict[str, object], list[str], list[str]]] = [
    # duration, mode, ratio, resolution
    ("text-to-video", "kling-v2-6", {"duration": 7}, [], ["error out-of-range"]),
    ("text-to-video", "kling-v3", {"duration": 16}, [], ["error out-of-range"]),
    ("text-to-video", "kling-v3", {"duration": 3.5}, [], ["error out-of-range"]),
    ("text-to-video", "kling-v2-6", {"mode": "4k"}, [], ["error not-offered"]),
    ("motion-control", "kling-v3", {"mode": "4k", "character_orientation": "video"}, ["image", "video"],
     ["error not-offered"]),
    ("text-to-video", "kling-v3", {"aspect_ratio": "4:3"}, [], ["error not-offered"]),
    ("image-to-video", "kling-v3", {"aspect_ratio": "16:9"}, ["image"], ["error not-supported"]),
    ("text-to-image", "kling-image-o1", {"resolution": "4k"}, [], ["error not-offered"]),
    ("text-to-image", "kling-v3-omni", {"aspect_ratio": "auto"}, [], ["error not-offered"]),
    ("text-to-video", "kling-v2-master", {"mode": "pro"}, [], ["warning model-retired", "error not-supported"]),
    # texts
    ("text-to-video", "kling-v2-6", {"prompt": "x" * 2501}, [], ["error text-too-long"]),
    ("text-to-video", "kling-v3", {"prompt": "x" * 3072}, [], []),
    ("text-to-video", "kling-v3", {"prompt": "x" * 3073}, [], ["error text-too-long"]),
    ("image-to-video", "kling-v3-turbo", {"prompt": "x" * 2501}, ["image"], ["error text-too-long"]),
    ("text-to-video", "kling-v3", {"prompt": "x" * 2501, "negative_prompt": "y"}, [],
     ["warning not-sent", "error long-prompt-excludes"]),
    ("text-to-image", "kling-v3", {"prompt": " "}, [], ["error prompt-missing"]),
    ("image-to-video", "kling-v3", {"prompt": ""}, ["image"], ["error prompt-missing"]),
    # frames
    ("image-to-video", "kling-v2-6", {}, ["image", "image_tail"], ["error end-frame-mode"]),
    ("image-to-video", "kling-v2-6", {"mode": "pro"}, ["image", "image_tail"], []),
    ("image-to-video", "kling-v3", {}, ["image", "image_tail"], []),
    ("image-to-video", "kling-v3", {}, ["image_tail"], ["error end-frame-alone"]),
    ("image-to-video", "kling-v1-6", {"mode": "pro"}, ["image_tail"], ["warning model-retired"]),
    ("image-to-video", "kling-v1", {"duration": 10}, ["image", "image_tail"],
     ["warning model-retired", "error end-frame-duration"]),
    ("image-to-video", "kling-v3-turbo", {}, ["image", "image_tail"], ["error not-supported"]),
    ("image-to-video", "kling-v3", {}, [], ["error image-missing"]),
    # sound and voices
    ("text-to-video", "kling-v2-6", {"sound": True}, [], ["error sound-mode"]),
    ("text-to-video", "kling-v2-5-turbo", {"sound": True}, [], ["error not-offered"]),
    ("text-to-video", "kling-v3-turbo", {"sound": False}, [], ["error not-offered"]),
    ("text-to-video", "kling-v3-turbo", {"sound": True}, [], []),
    ("image-to-video", "kling-v2-6", {"sound": True, "mode": "pro"}, ["image", "image_tail"],
     ["error end-frame-sound"]),
    ("image-to-video", "kling-v2-6", {"voices": ["1"], "mode": "pro"}, ["image"], ["error voices-need-sound"]),
    ("image-to-video", "kling-v2-6", {"voices": ["1", "2", "3"], "mode": "pro", "sound": True}, ["image"],
     ["error too-many"]),
    ("image-to-video", "kling-v3", {"voices": ["1"]}, ["image"], ["error not-supported"]),
    ("text-to-video", "kling-v2-6", {"voices": ["1"], "sound": True, "mode": "pro"}, [], ["error not-supported"]),
    # elements
    ("image-to-video", "kling-v3", {"elements": ["1", "2", "3", "4"]}, ["image"], ["error too-many"]),
    ("motion-control", "kling-v2-6", {"elements": ["1"], "character_orientation": "video"}, ["image", "video"],
     ["error not-supported"]),
    ("motion-control", "kling-v3", {"elements": ["1"], "character_orientation": "image"}, ["image", "video"],
     ["warning orientation-overruled"]),
    ("motion-control", "kling-v3", {}, ["image", "video"], ["error character-orientation-missing"]),
    ("motion-control", "kling-v3", {"character_orientation": "image"}, ["image"], ["error video-missing"]),
    # shots
    ("text-to-video", "kling-v2-6", {"shots": shots}, [], ["error not-supported"]),
    ("text-to-video", "kling-v3-turbo", {"shots": "auto"}, [], ["error not-offered"]),
    ("text-to-video", "kling-v3", {"prompt": None, "shots": shots, "duration": 5}, [], ["error shots-duration"]),
    ("text-to-video", "kling-v3", {"prompt": None, "shots": [{"prompt": "x", "duration": 1}] * 7}, [],
     ["error too-many"]),
    ("text-to-video", "kling-v3", {"prompt": None, "shots": [{"prompt": "x" * 513, "duration": 3}]}, [],
     ["error text-too-long"]),
    ("text-to-video", "kling-v3-turbo", {"prompt": None, "shots": [{"prompt": "a; b", "duration": 3}]}, [],
     ["error shot-text"]),
    # camera and masks
    ("text-to-video", "kling-v3", {"camera_control": {"type": "down_back"}}, [], ["error not-supported"]),
    ("text-to-video", "kling-v1", {"camera_control": {"type": "down_back"}, "mode": "pro"}, [],
     ["warning model-retired", "error camera-mode"]),
    ("text-to-video", "kling-v1", {"camera_control": {"type": "simple", "config": {"zoom": 1, "pan": 2}}}, [],
     ["warning model-retired", "error camera-config"]),
    ("text-to-video", "kling-v1", {"camera_control": {"type": "simple", "config": {"zoom": 11}}}, [],
     ["warning model-retired", "error out-of-range"]),
    ("image-to-video", "kling-v1-5", {"mode": "pro", "camera_control": {"type": "simple", "config": {"zoom": 1}}},
     ["image", "image_tail"], ["warning model-retired", "error camera-excludes"]),
    ("image-to-video", "kling-v1-5", {"mode": "pro"}, ["image", "image_tail", "static_mask"],
     ["warning model-retired", "error masks-exclude-end-frame"]),
    ("image-to-video", "kling-v1-5", {}, ["image", "static_mask"], ["warning model-retired", "error masks-mode"]),
    ("image-to-video", "kling-v1", {"dynamic_masks": [{"trajectories": [{"x": 1, "y": 1}]}]},
     ["image", "dynamic_masks[0].mask"], ["warning model-retired", "error too-few"]),
    ("image-to-video", "kling-v3", {"dynamic_masks": [{"trajectories": []}]}, ["image", "dynamic_masks[0].mask"],
     ["error not-supported"]),
    # what may be without effect
    ("text-to-video", "kling-v3", {"cfg_scale": 0.7, "negative_prompt": "y"}, [], ["warning not-sent"] * 2),
    ("text-to-video", "kling-v2-6", {"cfg_scale": 0.7}, [], ["error not-supported"]),
    ("text-to-video", "kling-v3", {"cfg_scale": 2}, [], ["error out-of-range", "warning not-sent"]),
    # pictures
    ("image-to-image", "kling-v3", {}, [], ["error image-missing"]),
    ("image-to-image", "kling-v3", {"negative_prompt": "y"}, ["image"], ["error negative-prompt-with-image"]),
    ("image-to-image", "kling-v3", {"image_reference": "face"}, ["image"], ["error not-supported"]),
    ("image-to-image", "kling-v3", {}, ["references[0]"], ["error not-supported"]),
    ("image-to-image", "kling-v2-1", {"human_fidelity": 0.9}, ["image"], ["error human-fidelity-needs-subject"]),
    ("image-to-image", "kling-v2-1", {}, ["image", "references[0]"], ["error image-excludes-references"]),
    ("image-to-image", "kling-v2-1", {}, [f"references[{n}]" for n in range(5)], ["error too-many"]),
    ("image-to-image", "kling-v2-1", {"resolution": "2k"}, ["references[0]"], ["error multi-image-resolution"]),
    ("image-to-image", "kling-v3-omni", {"elements": ["1"]}, ["image", *(f"references[{n}]" for n in range(9))],
     ["error too-many-pictures"]),
    ("image-to-image", "kling-v3-omni", {}, ["image", *(f"references[{n}]" for n in range(9))], []),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "model", "parameters", "wired", "expected"), capabilities)
def test_what_a_model_can_and_cannot_do(
    kind: str, model: str, parameters: dict[str, object], wired: list[str], expected: list[str]
) -> None:
    assert codes(kind, model, parameters, *wired) == expected


def test_hints_name_models_that_can() -> None:
    assert told("text-to-video", "kling-v2-6", {"prompt": "x", "mode": "4k", "shots": shots, "duration": 7}) == [
        "error not-supported: `kling-v2-6` takes no `shots` in `text-to-video` (`kling-v3`, `kling-v3-turbo` take it)",
        "error out-of-range: `duration` of `kling-v2-6` is 5 or 10, not 7 (`kling-v3`, `kling-v3-turbo` take it)",
        "error not-offered: `mode` of `kling-v2-6` is one of `std`, `pro`, not `4k` (`kling-v3` takes it)",
    ]


def test_problems_stand_where_the_text_is() -> None:
    def at(line: int) -> Span:
        return Span("story.yaml", line, 5)

    wires = tuple(Wire(field, MediaType.IMAGE, InputFile(field, "/x"), at(7)) for field in ("image", "image_tail"))
    spans = {"model": at(2), "shots": at(3), "shots[1].prompt": at(4)}
    long_shots = [{"prompt": "a", "duration": 3}, {"prompt": "x" * 600, "duration": 3}]
    step = Step("clip", "image-to-video", "kling-3.0-turbo", at(1), {"shots": long_shots}, wires, spans=spans)
    found = catalogue.check(step, catalogue.settle(step))
    assert [(problem.code, problem.span and problem.span.line) for problem in found] == [
        ("model-alias", 2), ("not-supported", 7), ("text-too-long", 4),
    ]  # fmt: skip


words = st.sampled_from(["", "a", "x" * 2500, "x" * 2501, "x" * 4000])
parameter_values = st.one_of(
    st.none(), st.booleans(), st.integers(-1, 20), st.floats(allow_nan=False), words,
    st.sampled_from(["std", "pro", "4k", "auto", "16:9", "1k", "subject", "image", "video"]),
    st.lists(st.one_of(st.integers(0, 10**18), words), max_size=4),
    st.just(shots), st.dictionaries(st.sampled_from(["type", "config"]), words, max_size=2),
)  # fmt: skip
names = ["prompt", "negative_prompt", "duration", "mode", "sound", "cfg_scale", "aspect_ratio", "resolution", "shots",
         "elements", "voices", "camera_control", "dynamic_masks", "watermark", "image_reference", "human_fidelity",
         "character_orientation", "keep_original_sound", "nonsense"]  # fmt: skip
fields = ["image", "image_tail", "video", "references[0]", "references[1]", "static_mask", "dynamic_masks[0].mask"]
models = st.sampled_from(["", *(row.model for row in catalogue.rows()), "kling-2.6", "sora"])
steps = st.builds(
    step_of,
    st.sampled_from([*catalogue.kinds, "assemble"]),
    models,
    st.dictionaries(st.sampled_from(names), parameter_values, max_size=8),
    st.lists(st.sampled_from(fields), unique=True, max_size=4),
)


@given(steps, st.booleans())
def test_settling_twice_changes_nothing_and_nothing_raises(step: Step, allow_unknown: bool) -> None:
    once = catalogue.settle(step, allow_unknown=allow_unknown)
    problems: tuple[Problem, ...] = catalogue.check(step, once)
    if once is None:
        assert [problem.severity for problem in problems] == [Severity.ERROR]
        return
    again = catalogue.settle(
        Step(step.address, once.kind, once.model, step.span, once.parameters, step.wires), allow_unknown=allow_unknown
    )
    assert again == once
    assert catalogue.price(once, {}).cost or once.kind == "element"  # elements are free
    assert catalogue.expected_seconds(once) > 0
    catalogue.expected_facts(once, {})


def test_what_a_model_may_not_honour_is_not_sent_and_decides_no_key() -> None:
    written = {"prompt": "a fox", "negative_prompt": "people", "cfg_scale": 0.7}
    assert settled("text-to-video", "kling-v3", written).parameters == (
        settled("text-to-video", "kling-v3", {"prompt": "a fox"}).parameters
    )
    assert (
        settled("text-to-image", "kling-v3", {"prompt": "a", "negative_prompt": "b"}).parameters["negative_prompt"]
        == "b"
    )
