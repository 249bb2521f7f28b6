"""Rows for people: what each model can, in words that filters know."""

from __future__ import annotations

from kling_pipe.plan.catalogue_rows import KindRow, ModelRow, capability_words
from tests.providers.kling_jobs import catalogue


def row(model: str, product: str) -> ModelRow:
    return next(row for row in catalogue.rows() if (row.model, row.product) == (model, product))


def kind(model: str, name: str) -> KindRow:
    return next(kind for row in catalogue.rows() if row.model == model for kind in row.kinds if kind.kind == name)


def test_a_kind_row_whole() -> None:
    assert kind("kling-v2-6", "image-to-video") == KindRow(
        kind="image-to-video",
        can=("sound", "silence", "end-frame", "voices", "negative-prompt"),
        default=False,
        durations=(5, 10),
        modes=("std", "pro"),
        resolutions=("720p", "1080p"),
        aspect_ratios=(),
        prompt_max=2500,
        inputs=("image", "image_tail"),
        parameters=(
            ("watermark", "true, false"), ("prompt", "at most 2500 characters"),
            ("negative_prompt", "at most 2500 characters"), ("duration", "5, 10"), ("mode", "std, pro"),
            ("sound", "true, false"), ("voices", "at most 2, wired or by their ids"),
        ),
        prices=(
            "voices: pro 1.2 units a second", "sound: true: pro 1 unit a second", "std 0.3, pro 0.5 units a second",
        ),
        pack="video",
        price_source="Kling API reference, likely",
        typical_seconds=80.0,
        counts={"voices": 2},
        units=("0.3", "1.2", "a second"),
    )  # fmt: skip


def test_a_model_of_two_products_has_two_rows() -> None:
    assert [kind.kind for kind in row("kling-v3", "image").kinds] == ["text-to-image", "image-to-image"]
    assert [kind.kind for kind in row("kling-v3", "video").kinds] == [
        "text-to-video",
        "image-to-video",
        "motion-control",
    ]


def test_model_facts() -> None:
    found = row("kling-v2-1", "video")
    assert (found.provider, found.state, found.retired_on, found.successor, found.takes_at_once) == (
        "kling", "retired", "2026-09-15", "kling-v3", 1,
    )  # fmt: skip
    assert row("kling-v3", "video").names == ("kling-3.0",)
    assert row("kling-v3", "image").takes_at_once == 9


def test_who_can_what() -> None:
    def able(word: str) -> list[str]:
        return [found.model for found in catalogue.rows() if word in found.can and found.state == "current"]

    assert able("sound") == ["kling-v3", "kling-v3-turbo", "kling-v3-omni", "kling-v2-6"]
    assert able("shots") == ["kling-v3", "kling-v3-turbo", "kling-v3-omni"]
    assert able("auto-shots") == ["kling-v3", "kling-v3-omni"]
    assert able("end-frame") == ["kling-v3", "kling-v3-omni", "kling-video-o1", "kling-v2-6", "kling-v2-5-turbo"]
    assert able("4k") == ["kling-v3-omni", "kling-v3", "kling-v3-omni"]
    assert able("camera") == []
    assert able("voices") == ["kling-v2-6"]
    assert set(capability_words) == {word for found in catalogue.rows() for word in found.can}


def test_prices_that_a_kind_cannot_lead_to_are_not_shown() -> None:
    assert kind("kling-v3-omni", "multi-image-to-video").prices == (
        "sound: true: std 0.8, pro 1, 4k 3 units a second", "std 0.6, pro 0.8, 4k 3 units a second",
    )  # fmt: skip
    assert kind("kling-lip-sync", "lip-sync").prices == (
        "0.5 units for every 5 seconds of the clip that are begun", "and 0.05 more", "and 0.05 more with text",
    )  # fmt: skip


def test_names_elsewhere_say_what_they_mean() -> None:
    assert dict(row("kling-v3", "video").tiers)["kling-v3-pro-audio"] == "mode: pro, sound: true"


def test_counts() -> None:
    assert kind("kling-v3-omni", "omni-video").counts == {"references": 7, "elements": 7}
    assert kind("kling-v3", "image-to-video").takes("elements", 3)
    assert not kind("kling-v3", "image-to-video").takes("elements", 4)
