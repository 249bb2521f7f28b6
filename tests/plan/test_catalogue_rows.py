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
            ("watermark", "true, false"), ("prompt", "2500 characters"), ("negative_prompt", "2500 characters"),
            ("duration", "5, 10"), ("mode", "std, pro"), ("sound", "true, false"), ("voices", "2 at most"),
        ),
        prices=(
            "voices: pro 1.2 units a second", "sound: true: pro 1 units a second", "std 0.3, pro 0.5 units a second",
        ),
        pack="video",
        price_source="Kling API reference, likely",
        typical_seconds=80.0,
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

    assert able("sound") == ["kling-v3", "kling-v3-turbo", "kling-v2-6"]
    assert able("shots") == ["kling-v3", "kling-v3-turbo"]
    assert able("auto-shots") == ["kling-v3"]
    assert able("end-frame") == ["kling-v3", "kling-v2-6", "kling-v2-5-turbo"]
    assert able("4k") == ["kling-v3-omni", "kling-v3"]
    assert able("references") == ["kling-v3-omni", "kling-image-o1", "kling-v2-1"]
    assert able("camera") == []
    assert set(capability_words) == {word for found in catalogue.rows() for word in found.can}
