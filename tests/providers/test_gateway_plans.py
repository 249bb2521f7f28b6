"""What is said of a gateway's steps before anything is bought; gateway.md sections 3, 7 and 9."""

from __future__ import annotations

from pathlib import Path

import pytest

from kling_pipe.api.checking import check
from kling_pipe.api.options import Options
from kling_pipe.api.planning import plan
from kling_pipe.errors import Failure, TextFailure
from kling_pipe.plan.plan import Plan

board = """\
storyboard: 1
provider: gateway
steps:
  hero: {kind: text-to-image, MODELprompt: A trail shoe}
  clip: {kind: image-to-video, image: steps.hero, prompt: It turns}
"""
uploads = "    uploads: {directory: ./served, base_url: 'https://media.example.org'}\n"


def written(folder: Path, *, model: str = "", models: str = "", more: str = "", text: str = board) -> str:
    (folder / "story.yaml").write_text(text.replace("MODEL", f"model: {model}, " if model else ""), "utf-8")
    own = f"    models: {models}\n" if models else ""
    profile = "profiles:\n  gateway:\n    base_url: https://gateway.example.com\n"
    (folder / "kling-pipe.yaml").write_text(profile + own + more, "utf-8")
    return str(folder / "story.yaml")


def codes(path: str, *, simulate: bool = False) -> list[str]:
    """`severity code` of everything `validate` and `plan` say."""
    options = Options(simulate=simulate)
    found = list(check(path, options).problems)
    try:
        found += plan(path, options).problems
    except TextFailure as failure:
        found += failure.problems
    return list(dict.fromkeys(f"{one.severity} {one.code}" for one in found))


def planned(path: str) -> Plan:
    return plan(path, Options(simulate=True)).plan


def test_a_pictures_assumed_id_is_told_once_and_not_where_the_profile_says_it(tmp_path: Path) -> None:
    several = board + "  other: {kind: text-to-image, prompt: A boot}\n"
    assert codes(written(tmp_path, text=several)) == ["note model-id-assumed"]
    notes = plan(written(tmp_path, text=several), Options()).problems
    assert [(one.code, one.hint) for one in notes] == [
        ("model-id-assumed", "name the id in the profile: `models: {text-to-image/kling-v3: ID}`")
    ]
    assert codes(written(tmp_path, text=several, models="{kling-v3: our-k3}")) == []


def test_a_model_that_nobody_knows_is_taken_at_the_profiles_word(tmp_path: Path) -> None:
    with pytest.raises(Failure) as raised:
        plan(written(tmp_path, model="sora-2"), Options())
    assert raised.value.code == "unknown-model"
    named = written(tmp_path, model="sora-2", models="{sora-2: sora-two}")
    assert codes(named) == ["warning unknown-model"]
    assert planned(named).members["hero"].model == "sora-2"
    allowed = written(tmp_path, model="sora-2", more="    allow_unknown_models: true\n")
    assert codes(allowed) == ["warning unknown-model", "note model-id-assumed"]


def test_a_picture_in_bytes_only_cannot_begin_a_clip_without_an_uploader(tmp_path: Path) -> None:
    gpt = "{text-to-image/kling-v3: gpt-image-1}"
    assert codes(written(tmp_path, models=gpt)) == ["warning needs-uploader", "error needs-url"]
    assert codes(written(tmp_path, models=gpt, more=uploads)) == []
    assert codes(written(tmp_path, models=gpt), simulate=True) == []


def test_one_id_for_all_tiers_is_refused_and_one_for_a_tier_is_taken(tmp_path: Path) -> None:
    named = "{text-to-image/kling-v3: k3, image-to-video/kling-v3: our-kling}"
    assert codes(written(tmp_path, models=named)) == ["error tier-untold"]
    assert codes(written(tmp_path, models="{text-to-image/kling-v3: k3, kling-v3-std-silent: our-kling}")) == []


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("kind: text-to-video, shots: [{prompt: a, duration: 3}]", ["error shots-need-picture"]),
        ("kind: text-to-video, prompt: a, mode: 4k", ["error not-offered"]),
        ("kind: text-to-video, prompt: a, duration: 16", ["error out-of-range"]),
        ("kind: text-to-video, prompt: a, duration: 2", ["error out-of-range"]),
        ("kind: text-to-video, prompt: a, model: kling-v2-6", ["error unknown-model"]),
        ("kind: image-to-video, image_tail: steps.hero, prompt: a", ["error end-frame-alone"]),
        ("kind: image-to-video, image: steps.hero, prompt: a, voices: ['1'], sound: true", ["error not-supported"]),
        ("kind: image-to-video, image: steps.hero, shots: [{prompt: a, duration: 3}], prompt: b",
         ["warning prompt-ignored"]),
        ("kind: image-to-video, image: steps.hero, prompt: a, aspect_ratio: '16:9'", ["warning ratio-of-picture"]),
        ("kind: text-to-image, prompt: a, negative_prompt: b", ["error not-supported"]),
        ("kind: lip-sync, video: steps.clip, audio: ./a.mp3", ["error kind-not-served"]),
    ],
)  # fmt: skip
def test_what_a_gateway_does_not_do_is_said_at_plan_time(tmp_path: Path, step: str, told: list[str]) -> None:
    text = board + f"  it: {{{step}}}\n"
    (tmp_path / "a.mp3").write_bytes(b"")
    found = codes(written(tmp_path, text=text, models="{kling-v3: k3}"))
    beside = ("file", "media", "only-some-steps")
    assert [one for one in found if not any(word in one for word in beside)] == told


def test_prices_of_ones_own_take_the_place_of_the_list(tmp_path: Path) -> None:
    own = "    prices: {kling-v3: {image-to-video: 0.05 USD a second}}\n"
    before, after = (planned(written(tmp_path, more=more)).members["clip"].price for more in ("", own))
    assert before is not None
    assert after is not None
    assert (str(before.cost), before.exact, str(after.cost), after.exact) == ("0.42 USD", False, "0.25 USD", True)
