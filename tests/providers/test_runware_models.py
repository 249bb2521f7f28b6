"""What Runware's models.yaml says: every model of the page in the house's words, in agreement with the adapter."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kling_pipe.plan.catalogue_data import mapping
from kling_pipe.plan.catalogue_parts import Parts
from kling_pipe.providers.runware import sizes
from kling_pipe.providers.runware.adapter import RunwareProvider
from kling_pipe.providers.runware.fake import RunwareFake
from kling_pipe.providers.table import table
from kling_pipe.story.kinds import kinds
from kling_pipe.values.job import Route
from kling_pipe.values.media import MediaFacts, MediaType
from kling_pipe.values.wire import Json
from tests.providers.kling_jobs import catalogue as native
from tests.providers.runware_jobs import catalogue, facts_of, folder, provider, step_of, told_of

said = {"prompt": "a small boat on a calm sea"}
# runware.md sections 10 and 11.
of_the_page = {
    "klingai:kling-image@o1", "klingai:kling-image@3", "klingai:kling-image@o3", "klingai:1@1", "klingai:1@2",
    "klingai:2@1", "klingai:2@2", "klingai:3@1", "klingai:3@2", "klingai:4@3", "klingai:5@1", "klingai:5@2",
    "klingai:5@3", "klingai:6@0", "klingai:6@1", "klingai:kling-video@2.6-pro", "klingai:kling-video@3-standard",
    "klingai:kling-video@3-pro", "klingai:7@1", "klingai:kling@o1-standard", "klingai:kling@o1",
    "klingai:kling-video@o3-standard", "klingai:kling-video@o3-pro", "klingai:avatar@2.0-standard",
    "klingai:avatar@2.0-pro",
}  # fmt: skip
newer = {
    "klingai:kling-video@2.6-standard", "klingai:kling-video@3-4k", "klingai:kling-video@o3-4k",
    "klingai:kling-video@3.0-turbo",
}  # fmt: skip


def test_the_table_leads_to_adapter_models_and_fake() -> None:
    entry = table["runware"]
    assert isinstance(entry.adapter(None), RunwareProvider)
    assert entry.load_fake() is RunwareFake
    assert entry.read("models.yaml").startswith("# What Runware offers of Kling")


def test_every_model_of_the_page_is_offered_and_reached() -> None:
    spelt = {name for offer in catalogue.offers() for name in offer.naming.spellings if name.startswith("klingai:")}
    assert spelt == of_the_page | newer
    reached = set()
    for offer in catalogue.offers():
        for mode in offer.fields.get("mode", {}).get("values", [""]):  # type: ignore[attr-defined]
            route = provider.route(offer.kind, offer.model, {"mode": mode}, (), None)
            assert isinstance(route, Route)
            reached.add(route.endpoint)
    assert reached == of_the_page | newer


def test_kinds_make_what_the_table_of_kinds_says() -> None:
    offered = {offer.kind: (offer.product, offer.makes) for offer in catalogue.offers()}
    assert offered == {kind: (kinds[kind].product, kinds[kind].makes) for kind in catalogue.kinds}


def test_names_are_the_native_ones() -> None:
    known = {(row.model, row.product) for row in native.rows()}
    assert {(row.model, row.product) for row in catalogue.rows()} <= known


def test_a_name_means_the_same_model_here_and_natively() -> None:
    meant = {(name, offer.kind): offer.model for offer in native.offers() for name in offer.naming.spellings}
    ours = {(name, offer.kind): offer.model for offer in catalogue.offers() for name in offer.naming.spellings}
    assert {key: model for key, model in ours.items() if meant.get(key, model) != model} == {}


def test_every_kind_has_a_default_model_that_is_current() -> None:
    rows = [(row, kind) for row in catalogue.rows() for kind in row.kinds]
    for name in catalogue.kinds:
        assert [row.state for row, kind in rows if kind.kind == name and kind.default] == ["current"]


def test_every_row_and_every_price_names_its_origin() -> None:
    rows = catalogue.rows()
    assert all(row.source == "Runware model pages" and row.grade in ("sure", "likely") for row in rows)
    assert {kind.currency for row in rows for kind in row.kinds} == {"USD"}
    assert all(kind.prices and kind.price_source for row in rows for kind in row.kinds)


def test_sizes_are_the_same_in_both_places() -> None:
    data = mapping(Parts.load(lambda name: (folder / name).read_text("utf-8")).shared, "sizes")

    def listed(name: str) -> dict[str, dict[str, tuple[object, ...]]]:
        tables = mapping(data, name)
        return {key: {ratio: tuple(size) for ratio, size in tables[key].items()} for key in tables}  # type: ignore[attr-defined]

    assert listed("picture") == sizes.pictures
    by_mode = {mode: sizes.clip_sizes("kling-v3", mode, is_older=False) for mode in ("std", "pro", "4k")}
    assert listed("clip") == {"720p": by_mode["std"], "1080p": by_mode["pro"], "2160p": by_mode["4k"]}
    older = {
        size: sizes.clip_sizes("kling-v2-5-turbo", "pro", is_older=True, resolution=size) for size in ("720p", "1080p")
    }
    assert listed("older-clip") == older


prices = [
    ("text-to-video", "kling-v3", {"duration": 10}, "0.84"), ("text-to-video", "kling-v3", {"sound": True}, "0.63"),
    ("text-to-video", "kling-v3", {"mode": "pro"}, "0.56"),
    ("text-to-video", "kling-v3", {"mode": "pro", "sound": True}, "0.84"),
    ("omni-video", "kling-v3-omni", {"mode": "std"}, "0.42"), ("omni-video", "kling-v3-omni", {}, "0.56"),
    ("omni-video", "kling-v3-omni", {"sound": True}, "0.7"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "model", "parameters", "usd"), prices)
def test_published_prices_are_taken_as_they_are(kind: str, model: str, parameters: Json, usd: str) -> None:
    settled = catalogue.settle(step_of(kind, model, {**said, **parameters}))
    assert settled is not None
    price = catalogue.price(settled, {})
    assert (price.cost.usd, price.cost.units, price.reason) == (Decimal(usd), (), "")
    assert (price.source, price.as_of) == ("Runware model pages, likely", "2026-10-12")


stand_ins = [
    ("text-to-image", "kling-v3", {}, "0.028", "2026-09-20"),
    ("text-to-image", "kling-v3-omni", {"resolution": "4k"}, "0.056", "2026-09-20"),
    ("text-to-video", "kling-v2-6", {}, "0.35", "2026-09-20"),
    ("text-to-video", "kling-v3", {"mode": "4k"}, "2.1", "2026-10-12"),
    ("text-to-video", "kling-v1", {}, "0.63", "2026-10-12"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "model", "parameters", "usd", "day"), stand_ins)
def test_what_nobody_published_says_what_stands_in(kind: str, model: str, parameters: Json, usd: str, day: str) -> None:
    settled = catalogue.settle(step_of(kind, model, {**said, **parameters}))
    assert settled is not None
    price = catalogue.price(settled, {})
    assert (price.cost.usd, price.as_of) == (Decimal(usd), day)
    assert "only the answer's `cost` is sure" in price.reason


refused = [
    # What a model has no field for.
    ("text-to-video", "klingai:1@1", {**said, "sound": True}, [], ["not-offered"]),
    ("image-to-video", "klingai:2@1", said, ["image"], ["not-supported"]),
    ("image-to-video", "klingai:5@1", {"negative_prompt": "text"}, ["image"], ["not-supported"]),
    ("text-to-video", "klingai:kling-video@3-pro", {**said, "cfg_scale": 0.4}, [], ["not-supported"]),
    ("text-to-image", "kling-v3", {**said, "negative_prompt": "text"}, [], ["not-supported"]),
    ("text-to-image", "kling-v3", {**said, "watermark": True}, [], ["not-offered"]),
    ("text-to-video", "kling-v3", {**said, "shots": "auto"}, [], ["not-offered"]),
    # Workflows that a model does not serve.
    ("text-to-video", "kling-v2-1", said, [], ["model-kind"]),
    ("text-to-video", "klingai:6@0", said, [], ["not-offered"]),
    ("text-to-video", "klingai:kling-video@2.6-standard", said, [], ["not-offered"]),
    ("image-to-video", "klingai:1@1", {}, ["image", "image_tail"], ["not-supported"]),
    ("image-to-video", "klingai:5@1", {}, ["image", "image_tail"], ["end-frame-mode"]),
    ("image-to-video", "kling-v3", said, ["image_tail"], ["end-frame-alone"]),
    # Lengths of words and clips.
    ("text-to-video", "klingai:1@1", {"prompt": "x"}, [], ["text-too-short"]),
    ("text-to-image", "kling-image-o1", {"prompt": "ab"}, [], ["text-too-short"]),
    ("text-to-video", "kling-v3", {"shots": [{"prompt": "a", "duration": 3}]}, [], ["text-too-short"]),
    ("text-to-image", "kling-v3", {"prompt": "x" * 2501}, [], ["text-too-long"]),
    ("text-to-video", "kling-v3", {"prompt": "x" * 2501}, [], ["text-too-long"]),
    ("text-to-video", "klingai:3@2", {**said, "duration": 8}, [], ["out-of-range"]),
    ("text-to-video", "kling-v3", {**said, "duration": 16}, [], ["out-of-range"]),
    ("text-to-video", "kling-video-o1", {**said, "duration": 7}, [], ["out-of-range"]),
    ("omni-video", "kling-video-o1", {**said, "duration": 7}, [], ["duration-of-text"]),
    ("omni-video", "kling-video-o1", {**said, "duration": 7}, ["image"], ["duration-of-text"]),
    # References, clips and what excludes what.
    ("image-to-image", "kling-v3", said, ["image", "references[0]"], ["too-many-pictures"]),
    ("omni-video", "kling-v3-omni", said, ["video", *(f"references[{n}]" for n in range(5))], ["too-many-pictures"]),
    ("omni-video", "kling-video-o1", said, ["video", *(f"references[{n}]" for n in range(5))], ["too-many-pictures"]),
    ("omni-video", "kling-v3-omni", {**said, "sound": True}, ["video"], ["clip-excludes-sound"]),
    ("omni-video", "kling-v3-omni", {"shots": [{"prompt": "aa", "duration": 3}], "refer_type": "feature"}, ["video"],
     ["shots-with-clip"]),
    ("omni-video", "kling-v3-omni", {**said, "keep_original_sound": True}, [], ["original-sound-needs-clip"]),
    ("omni-video", "kling-video-o1", {**said, "refer_type": "feature"}, ["video"], ["references-missing"]),
    ("omni-video", "kling-video-o1", said, ["image", "references[0]"], ["frames-exclude"]),
    ("omni-video", "kling-video-o1", {**said, "fast": True}, [], ["fast-edits-only"]),
    ("omni-video", "klingai:kling@o1-standard", {**said, "fast": True}, ["video"], ["fast-edits-only"]),
    ("omni-video", "kling-v3-omni", {**said, "fast": True}, ["video"], ["not-supported"]),
    ("text-to-video", "kling-v2-6", {**said, "voices": ["a"], "sound": False}, [], ["voices-need-sound"]),
    ("motion-control", "klingai:kling-video@2.6-pro", {"character_orientation": "image"}, ["image", "video"],
     ["prompt-missing"]),
    ("lip-sync", "kling-lip-sync", {"text": "hello", "voice": "v"}, ["video"],
     ["not-supported", "not-supported", "audio-missing"]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "model", "parameters", "wired", "codes"), refused)
def test_what_a_model_cannot_do_is_told_before_anything_is_sent(
    kind: str, model: str, parameters: Json, wired: list[str], codes: list[str]
) -> None:
    assert sorted(told_of(kind, model, parameters, wired)) == sorted(codes)


def image(**facts: int) -> MediaFacts:
    return MediaFacts(MediaType.IMAGE, "png", **{"bytes": 1000, "width": 900, "height": 900, **facts})


def video(seconds: float, bytes: int = 1000, width: int = 1280, height: int = 720) -> MediaFacts:  # noqa: A002
    return MediaFacts(MediaType.VIDEO, "mp4", bytes, width, height, seconds)


files = [
    ("image-to-video", "klingai:1@1", {}, "image", image(width=299), ["media-side"]),
    ("image-to-video", "klingai:6@0", {}, "image", image(width=2049), ["media-side"]),
    ("image-to-video", "klingai:6@0", {}, "image", image(bytes=20_000_001), ["media-bytes"]),
    ("image-to-video", "kling-v3", said, "image", image(width=4096, height=4096), []),
    ("image-to-video", "kling-v3", said, "image", image(width=1000, height=399), ["media-aspect"]),
    ("image-to-video", "kling-v3", said, "image", image(bytes=10_000_001), ["media-bytes"]),
    ("omni-video", "kling-video-o1", said, "image", image(bytes=32_000_001), ["media-bytes"]),
    ("omni-video", "kling-v3-omni", said, "video", video(10.04), []),
    ("omni-video", "kling-v3-omni", said, "video", video(11), ["media-seconds"]),
    ("omni-video", "kling-v3-omni", said, "video", video(5, width=719), ["media-side"]),
    ("omni-video", "kling-video-o1", {**said, "fast": True}, "video", video(18), []),
    ("omni-video", "kling-video-o1", {**said, "fast": True}, "video", video(5), ["media-seconds"]),
    ("omni-video", "kling-video-o1", said, "video", video(18), ["media-seconds"]),
    ("motion-control", "kling-v2-6", {"character_orientation": "image"}, "video", video(30), []),
    ("motion-control", "kling-v2-6", {"character_orientation": "image"}, "video", video(5, bytes=100_000_001),
     ["media-bytes"]),
    ("lip-sync", "kling-lip-sync", {}, "video", video(61, width=500), ["media-seconds", "media-side"]),
    ("avatar", "kling-avatar", {}, "audio", MediaFacts(MediaType.AUDIO, "mp3", 5_000_001, seconds=301),
     ["media-bytes", "media-seconds"]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "model", "parameters", "field", "facts", "codes"), files)
def test_limits_of_files(
    kind: str, model: str, parameters: Json, field: str, facts: MediaFacts, codes: list[str]
) -> None:
    step = step_of(kind, model, parameters, [field])
    settled = catalogue.settle(step)
    assert settled is not None
    found = catalogue.check_material(step, settled, field, facts, {})
    assert sorted(problem.code for problem in found) == codes


def test_a_clip_is_as_large_as_it_was_asked_for() -> None:
    def sides(kind: str, model: str, parameters: Json, wired: list[str]) -> tuple[int, int]:
        settled = catalogue.settle(step_of(kind, model, parameters, wired))
        assert settled is not None
        facts = catalogue.expected_facts(settled, {field: facts_of(field) for field in wired})
        return facts.width, facts.height

    assert sides("text-to-video", "klingai:6@1", {**said, "resolution": "720p"}, []) == (1280, 720)
    assert sides("text-to-video", "klingai:6@1", {**said, "aspect_ratio": "1:1"}, []) == (1080, 1080)
    assert sides("image-to-video", "klingai:2@2", {"aspect_ratio": "9:16"}, ["image"]) == (1080, 1920)
    assert sides("image-to-video", "kling-v3", said, ["image"]) == (1280, 720)
    assert sides("image-to-image", "kling-v3-omni", {**said, "resolution": "2k"}, ["references[0]"]) == (2720, 1536)
