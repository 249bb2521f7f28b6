"""What Picsart's models.yaml takes and refuses, and that adapter, table and page agree. picsart.md sections 6 to 8."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from kling_pipe.errors import Severity
from kling_pipe.providers.picsart.adapter import PicsartProvider
from kling_pipe.providers.picsart.fake import PicsartFake
from kling_pipe.providers.table import table
from kling_pipe.story.kinds import kinds
from kling_pipe.values.answer import Refusal
from kling_pipe.values.media import MediaFacts
from tests.providers.kling_jobs import catalogue as native
from tests.providers.kling_paper_jobs import facts_of
from tests.providers.picsart_jobs import catalogue, http, step_of

rows = catalogue.rows()
offers = [(row.model, kind.kind) for row in rows for kind in row.kinds]
effects = [name for names in catalogue.offers() if names.kind == "effects" for name in names.known["effect"].values()]
one_picture, two_pictures = effects


def said(kind: str, model: str, parameters: Mapping[str, Any], wired: Sequence[str] = ()) -> list[str]:
    """Errors, and warnings with their severity before them."""
    step = step_of(kind, model, parameters, wired)
    found = catalogue.check(step, catalogue.settle(step))
    words = {Severity.ERROR: "", Severity.WARNING: "warning "}
    return [words[problem.severity] + problem.code for problem in found if problem.severity in words]


def test_the_table_leads_to_adapter_models_and_fake() -> None:
    entry = table["picsart"]
    assert isinstance(entry.adapter(None), PicsartProvider)
    assert entry.load_fake() is PicsartFake
    assert entry.profile.type == "picsart"


def test_kinds_make_what_the_table_of_kinds_says_and_run_in_the_same_pool() -> None:
    for offer in catalogue.offers():
        kind = kinds[offer.kind]
        assert (offer.product, offer.makes) == (kind.product, kind.makes)


def test_every_model_is_named_as_natively_and_by_each_id_of_picsarts() -> None:
    native_names = {(row.model, row.product) for row in native.rows()}
    assert {(row.model, row.product) for row in rows} <= native_names
    ids = {row.model for row in rows if not row.aliases} | {alias for row in rows for alias in row.aliases}
    assert {
        "kling-v3-turbo", "kling-video-o1", "kling-motion-control-v3", "kling-motion-control", "kling-avatar",
        "kling-video-effects", "kling-3.0-image", "kling-o1-image", "kling-v2-new-image", "kling-v2-image",
        "kling-v2-1-image", "kling-v1-5-image", "kling-multi-image", "kling-multi-image-v2-1", "kling-t2a", "kling-v2a",
    } <= ids  # fmt: skip


@pytest.mark.parametrize(("model", "kind"), offers)
def test_every_model_and_kind_has_a_route_and_a_price_that_says_it_is_none_of_picsarts(model: str, kind: str) -> None:
    assert not isinstance(http.route(kind, model, {}, (), None), Refusal)
    settled = catalogue.settle(step_of(kind, model, {}))
    assert settled is not None
    price = catalogue.price(settled, {})
    assert price.cost.usd > 0
    assert "stand" in price.reason


def test_every_kind_has_a_default_model() -> None:
    for name in catalogue.kinds:
        assert sum(kind.default for row in rows for kind in row.kinds if kind.kind == name) == 1


p, shots = {"prompt": "x"}, [{"prompt": "a", "duration": 3}]


@pytest.mark.parametrize(
    ("kind", "model", "parameters", "wired", "expected"),
    [
        # Lengths: section 7 over section 6.
        *(("text-to-video", model, {**p, "duration": seconds}, (), expected)
          for model in ("kling-v3", "kling-v3-turbo")
          for seconds, expected in ((3, []), (4, []), (15, []), (2, ["out-of-range"]), (16, ["out-of-range"]))),
        ("omni-video", "", {**p, "duration": 11}, (), []),
        ("text-to-video", "kling-v2-6", {**p, "duration": 10}, (), []),
        ("text-to-video", "kling-v2-6", {**p, "duration": 6}, (), ["out-of-range"]),
        ("omni-video", "kling-video-o1", {**p, "duration": 6}, (), ["out-of-range"]),
        # Modes, ratios, resolutions.
        ("text-to-video", "kling-v3", {**p, "mode": "4k"}, (), []),
        ("text-to-video", "kling-v2-6", {**p, "mode": "4k"}, (), ["not-offered"]),
        ("text-to-video", "kling-v3-turbo", {**p, "mode": "4k"}, (), ["not-offered"]),
        ("text-to-video", "kling-v3", {**p, "aspect_ratio": "4:3"}, (), ["not-offered"]),
        ("text-to-image", "kling-v3-omni", {**p, "resolution": "4k"}, (), []),
        ("text-to-image", "kling-image-o1", {**p, "resolution": "4k"}, (), ["not-offered"]),
        ("text-to-image", "kling-v2", {**p, "resolution": "2k"}, (), ["not-offered"]),
        ("text-to-image", "", {**p, "aspect_ratio": "21:9"}, (), []),
        ("text-to-image", "", {**p, "aspect_ratio": "auto"}, (), ["not-offered"]),
        ("text-to-video", "kling-v3", {"prompt": "x" * 2501}, (), ["text-too-long"]),
        # V3 Turbo has a prompt, a start frame and a mask, and nothing else of V3.
        ("text-to-video", "kling-v3-turbo", {**p, "sound": True}, (), ["not-supported"]),
        ("text-to-video", "kling-v3-turbo", {"shots": shots}, (), ["not-supported"]),
        ("image-to-video", "kling-v3-turbo", p, ("image", "image_tail"), ["not-supported"]),
        ("image-to-video", "kling-v3-turbo", {**p, "elements": ["1"]}, ("image",), ["not-supported"]),
        # End frames.
        ("image-to-video", "kling-v3", p, ("image", "image_tail"), ["end-frame-mode"]),
        ("image-to-video", "kling-v3", {**p, "mode": "pro"}, ("image", "image_tail"), []),
        ("image-to-video", "kling-v3", {**p, "mode": "4k"}, ("image", "image_tail"), []),
        ("image-to-video", "kling-v3", {**p, "mode": "pro", "sound": True}, ("image", "image_tail"),
         ["end-frame-sound"]),
        ("image-to-video", "kling-v2-6", p, ("image", "image_tail"), ["end-frame-mode"]),
        ("image-to-video", "kling-v3", {**p, "mode": "pro"}, ("image_tail",), ["image-missing"]),
        # Voices need sound, which is on unless it is switched off.
        ("text-to-video", "kling-v3", {**p, "voices": ["v"]}, (), []),
        ("text-to-video", "kling-v3", {**p, "voices": ["v"], "sound": False}, (), ["voices-need-sound"]),
        ("text-to-video", "kling-v3", {**p, "voices": ["u", "v", "w"]}, (), ["too-many"]),
        ("text-to-video", "kling-v2-6", {**p, "voices": ["v"]}, (), ["not-supported"]),
        # Shots: not with frames, not of every model, and cut freely by V3 alone.
        ("text-to-video", "kling-v3", {"shots": shots}, (), []),
        ("text-to-video", "kling-v3", {**p, "shots": "auto"}, (), []),
        ("image-to-video", "kling-v3", {"shots": shots}, ("image",), ["not-supported"]),
        ("omni-video", "", {"shots": shots}, (), []),
        ("omni-video", "", {**p, "shots": "auto"}, (), ["not-offered"]),
        ("omni-video", "", {"shots": shots}, ("image",), ["shots-with-frames"]),
        ("omni-video", "", {"shots": shots}, ("references[0]",), []),
        ("omni-video", "", {"shots": shots, "refer_type": "feature"}, ("video",), ["shots-with-clip"]),
        ("text-to-video", "kling-v3", {"shots": [{"prompt": "x" * 513, "duration": 3}]}, (), ["text-too-long"]),
        ("text-to-video", "kling-v3", {"shots": [{"prompt": "x", "duration": 2}] * 7}, (), ["too-many"]),
        # Omni: pictures, clips, elements.
        ("omni-video", "", p, tuple(f"references[{n}]" for n in range(10)), []),
        ("omni-video", "", p, ("image", *(f"references[{n}]" for n in range(10))), ["too-many-pictures"]),
        ("omni-video", "", {**p, "elements": ["1", "2", "3", "4"]}, (), ["too-many"]),
        ("omni-video", "", p, ("video",), []),
        ("omni-video", "", p, ("image_tail",), ["end-frame-alone"]),
        ("omni-video", "", {**p, "mode": "4k"}, ("video",), ["clip-excludes-mode"]),
        ("omni-video", "", {**p, "sound": True}, ("video",), ["clip-excludes-sound"]),
        ("omni-video", "", {**p, "duration": 5}, ("video",), ["warning not-sent"]),
        ("omni-video", "", {**p, "aspect_ratio": "1:1"}, ("image",), ["warning not-sent"]),
        ("omni-video", "kling-video-o1", p, ("references[0]",), ["not-supported"]),
        ("omni-video", "kling-video-o1", p, ("video",), ["not-supported"]),
        # Steps of numbers.
        ("text-to-video", "kling-v2-6", {**p, "cfg_scale": 0.7}, (), []),
        ("text-to-video", "kling-v2-6", {**p, "cfg_scale": 0.75}, (), ["out-of-range"]),
        ("text-to-video", "kling-v3", {**p, "cfg_scale": 0.7}, (), ["not-supported"]),
        ("text-to-audio", "", {**p, "duration": 3.5}, (), []),
        ("text-to-audio", "", {**p, "duration": 3.2}, (), ["out-of-range"]),
        ("text-to-audio", "", {**p, "duration": 10.5}, (), ["out-of-range"]),
        ("image-to-image", "kling-v2", {**p, "image_fidelity": 0.35}, ("image",), []),
        ("image-to-image", "kling-v2", {**p, "image_fidelity": 0.33}, ("image",), ["out-of-range"]),
        ("image-to-image", "kling-v2", {**p, "human_fidelity": 1.05}, ("image",), ["out-of-range"]),
        # Pictures from pictures.
        ("image-to-image", "kling-v2-new", {**p, "image_reference": "face"}, ("image",), []),
        ("image-to-image", "kling-v2-new", p, (), ["image-missing"]),
        ("image-to-image", "kling-v2", {**p, "image_reference": "face"}, ("image",), ["not-supported"]),
        ("image-to-image", "kling-v2", {**p, "negative_prompt": "text"}, ("image",), []),
        ("image-to-image", "kling-v3-omni", {**p, "negative_prompt": "text"}, ("image",), ["not-supported"]),
        ("image-to-image", "kling-v2-1", p, ("image", "references[0]"), ["image-excludes-references"]),
        ("image-to-image", "kling-v2-1", {}, ("references[0]", "style_image"), []),
        ("image-to-image", "kling-v2-1", {}, ("style_image",), ["prompt-missing", "references-missing"]),
        ("image-to-image", "kling-v2-1", {}, tuple(f"references[{n}]" for n in range(5)), ["too-many"]),
        ("image-to-image", "kling-v2-1", {**p, "negative_prompt": "x"}, ("references[0]",),
         ["multi-image-takes-no-fidelity"]),
        ("image-to-image", "", p, tuple(f"references[{n}]" for n in range(10)), []),
        ("image-to-image", "", p, ("image", *(f"references[{n}]" for n in range(10))), ["too-many-pictures"]),
        ("text-to-image", "kling-v1-5", p, (), ["model-kind"]),
        ("text-to-image", "kling-v2-new", p, (), ["model-kind"]),
        ("text-to-image", "kling-v3", p, (), ["model-kind"]),
        # What no payload has.
        ("text-to-video", "kling-v3", {**p, "watermark": True}, (), ["not-offered"]),
        ("text-to-video", "kling-v3", {**p, "watermark": False}, (), []),
        ("video-to-audio", "", {"bgm_prompt": "piano"}, ("video",), ["not-supported"]),
        ("motion-control", "", {"character_orientation": "video", "elements": ["1"]}, ("image", "video"),
         ["not-supported"]),
        ("lip-sync", "", {}, ("video",), ["kind-not-served"]),
    ],
)  # fmt: skip
def test_what_is_taken(
    kind: str, model: str, parameters: Mapping[str, Any], wired: Sequence[str], expected: list[str]
) -> None:
    assert said(kind, model, parameters, wired) == expected


def test_all_effects_of_the_page_are_known_and_no_other() -> None:
    assert (len(one_picture), len(two_pictures)) == (251, 15)
    assert {"let's_ride", "3d_cartoon_2", "korean_baseball", "emoji"} <= set(one_picture)
    for effect in one_picture:
        assert said("effects", "", {"effect": effect}, ("images[0]",)) == []
    for effect in two_pictures:
        assert said("effects", "", {"effect": effect}, ("images[0]", "images[1]")) == []
    assert said("effects", "", {"effect": "pet_diving"}, ("images[0]",)) == ["not-offered"]
    assert said("effects", "", {"effect": "kiss_pro"}, ("images[0]",)) == ["effect-pictures"]
    assert said("effects", "", {"effect": "emoji"}, ("images[0]", "images[1]")) == ["effect-pictures"]


@pytest.mark.parametrize(
    ("orientation", "seconds", "fine"),
    [("image", 10, True), ("image", 11, False), ("video", 30, True), ("video", 31, False)],
)  # fmt: skip
def test_the_clip_to_be_followed_is_as_long_as_section_6_says(orientation: str, seconds: int, fine: bool) -> None:
    step = step_of("motion-control", "", {"character_orientation": orientation}, ("image", "video"))
    settled = catalogue.settle(step)
    assert settled is not None
    facts = facts_of("video")
    longer = MediaFacts(facts.type, facts.format, facts.bytes, facts.width, facts.height, float(seconds), 24.0)
    assert (catalogue.check_material(step, settled, "video", longer, {}) == ()) is fine


def test_the_mode_and_what_else_clients_disagree_about_is_always_settled() -> None:
    told = {}
    for model, kind in offers:
        settled = catalogue.settle(step_of(kind, model, {}))
        assert settled is not None
        told[f"{kind} {model}"] = {key: settled.parameters.get(key) for key in ("mode", "sound", "duration")}
    assert told["text-to-video kling-v3"] == {"mode": "std", "sound": True, "duration": 5}
    assert told["omni-video kling-v3-omni"] == {"mode": "std", "sound": False, "duration": 5}
    clips = [values for name, values in told.items() if name.partition(" ")[0].endswith(("video", "control", "avatar"))]
    assert all(values["mode"] == "std" for values in clips)
