"""What Runware's fake takes and refuses, model by model: one line a rule of runware.md sections 6 and 9 to 11."""

from __future__ import annotations

import copy
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from kling_pipe.providers.runware.fake_models import clip_models, picture_models
from tests.providers.runware_fake_stage import Stage, at, runware_at
from tests.providers.runware_tasks import first, good, old_both, old_first, two_shots

pytestmark = pytest.mark.anyio

GONE = object()


@pytest.fixture(scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with runware_at(tmp_path_factory.mktemp("rules")) as stage:
        yield stage


def filled(task: Any) -> Any:
    """A task whose files have addresses."""
    if isinstance(task, str):
        return at(task[1:]) if task.startswith("$") else task
    if isinstance(task, dict):
        return {name: filled(value) for name, value in task.items()}
    return [filled(one) for one in task] if isinstance(task, list) else task


def changed(name: str, changes: dict[str, Any]) -> dict[str, Any]:
    """A good task with other parameters; names with dots lead inside, `GONE` takes one away."""
    task = copy.deepcopy(good[name])
    for path, value in changes.items():
        *way, last = path.split(".")
        holder = task
        for step in way:
            holder = holder.setdefault(step, {})
        if value is GONE:
            del holder[last]
        else:
            holder[last] = value
    found: dict[str, Any] = filled(task)
    return found


def test_every_model_has_a_good_task() -> None:
    assert {task["model"] for task in good.values()} == {*clip_models, *picture_models}
    assert len(clip_models) + len(picture_models) == 25 + 4


@pytest.mark.parametrize("name", good)
async def test_a_good_task_is_made(stage: Stage, name: str) -> None:
    task = {**filled(good[name]), "taskUUID": stage.uuid(), "deliveryMethod": "async", "includeCost": True}
    ack = await stage.post(task)
    assert ack == {"data": [{"taskType": task["taskType"], "taskUUID": task["taskUUID"]}]}, ack
    stage.clock.advance(5000)
    items = (await stage.poll(task["taskUUID"]))["data"]
    assert [item["status"] for item in items] == ["success"] * task.get("numberResults", 1)
    assert sum(item["cost"] for item in items) == pytest.approx(float(str(stage.world.bills()[-1]["units"])))


kling = "providerSettings.klingai"
size = {"width": 1280, "height": 720}
no_size = {"width": GONE, "height": GONE}
refused: list[tuple[str, dict[str, Any], str]] = [
    ("o1 picture", {"positivePrompt": GONE}, "missingPositivePrompt positivePrompt"),
    ("o1 picture", {"positivePrompt": "xx"}, "invalidPositivePrompt positivePrompt"),
    ("3 picture", {"positivePrompt": ""}, "invalidPositivePrompt positivePrompt"),
    ("3 picture", {"positivePrompt": "x" * 2501}, "invalidPositivePrompt positivePrompt"),
    ("3 picture", {"negativePrompt": "rain"}, "unknownParameter negativePrompt"),
    ("3 picture", {"seed": 3}, "unknownParameter seed"),
    ("3 picture", {"width": "2048"}, "invalidWidth width"),
    ("3 picture", {"width": 2048, "height": 1024}, "invalidWidth width"),
    ("3 picture", {"height": GONE}, "missingHeight height"),
    ("3 picture", {"width": GONE}, "missingWidth width"),
    ("3 picture", no_size, "missingWidth width"),
    ("3 picture", {**no_size, "resolution": "1k"}, "missingWidth width"),
    ("3 picture", {"width": 4096, "height": 4096}, "invalidWidth width"),
    ("3 picture", {"resolution": "2k"}, "incompatibleParameters resolution"),
    ("3 picture of one", {"resolution": GONE}, "missingResolution resolution"),
    ("3 picture of one", {"resolution": "4k"}, "unsupportedResolution resolution"),
    ("3 picture of one", {"inputs.referenceImages": ["$wide.png"] * 2},
     "invalidReferenceImages inputs.referenceImages"),
    ("3 picture of one", {"inputs.referenceImages": []}, "invalidReferenceImages inputs.referenceImages"),
    ("o1 picture of references", {"inputs.referenceImages": ["$wide.png"] * 11},
     "invalidReferenceImages inputs.referenceImages"),
    ("3 picture of one", {"inputs.referenceImages": ["$dance.mp4"]},
     "invalidReferenceImages inputs.referenceImages[0]"),
    ("3 picture of one", {"inputs.referenceImages": ["$scan.tiff"]},
     "invalidReferenceImages inputs.referenceImages[0]"),
    ("3 picture of one", {"inputs.referenceVideos": []}, "unknownParameter inputs.referenceVideos"),
    ("3 picture", {"outputFormat": "GIF"}, "invalidOutputFormat outputFormat"),
    ("3 picture", {"outputType": "url"}, "invalidOutputType outputType"),
    ("3 picture", {"outputQuality": 19}, "invalidOutputQuality outputQuality"),
    ("3 picture", {"outputQuality": 100}, "invalidOutputQuality outputQuality"),
    ("3 picture", {"deliveryMethod": "stream"}, "invalidDeliveryMethod deliveryMethod"),
    ("3 picture", {"numberResults": 0}, "invalidNumberResults numberResults"),
    ("3 picture", {"webhookURL": "here"}, "invalidWebhookURL webhookURL"),
    ("1.0 std", {"uploadEndpoint": ""}, "invalidUploadEndpoint uploadEndpoint"),
    ("3 picture", {"ttl": 59}, "invalidTtl ttl"),
    ("3 picture", {"includeCost": "true"}, "invalidIncludeCost includeCost"),
    ("3 picture", {"providerSettings": {}}, "unknownParameter providerSettings"),
    ("3 picture", {"model": GONE}, "missingModel model"),
    ("3 picture", {"model": 3}, "invalidModel model"),
    ("3 picture", {"model": "klingai:kling-image@4"}, "unknownModel model"),
    ("3 picture", {"model": "klingai-image-3-0"}, "unknownModel model"),
    ("3 picture", {"model": "klingai:1@1"}, "unsupportedModel model"),
    ("1.0 std", {"model": "klingai:kling-image@3"}, "unsupportedModel model"),
    ("1.0 std", {"positivePrompt": "x"}, "invalidPositivePrompt positivePrompt"),
    ("1.0 std", {"positivePrompt": GONE}, "missingPositivePrompt positivePrompt"),
    ("1.0 std", {"negativePrompt": "x"}, "invalidNegativePrompt negativePrompt"),
    ("1.0 std", {"CFGScale": 1.1}, "invalidCFGScale CFGScale"),
    ("1.0 std", {"CFGScale": True}, "invalidCFGScale CFGScale"),
    ("1.0 std", {"duration": 7}, "invalidDuration duration"),
    ("1.0 std", {"duration": "5"}, "invalidDuration duration"),
    ("1.0 std", {"duration": GONE}, "missingDuration duration"),
    ("1.0 std", {"width": 1920, "height": 1080}, "invalidWidth width"),
    ("1.0 std", {"deliveryMethod": "sync"}, "invalidDeliveryMethod deliveryMethod"),
    ("1.0 std", {"outputType": "base64Data"}, "invalidOutputType outputType"),
    ("1.0 std", {"outputFormat": "PNG"}, "invalidOutputFormat outputFormat"),
    ("1.0 std", {kling + ".sound": True}, "unknownParameter providerSettings"),
    ("1.0 std frame", {"frameImages": GONE, "inputs.frameImages": first}, "unknownParameter inputs.frameImages"),
    ("1.0 std frame", {"frameImages": old_both}, "unsupportedFrame frameImages[1].frame"),
    ("1.0 std frame", {"frameImages": []}, "invalidFrameImages frameImages"),
    ("1.0 std frame", {"frameImages": old_first * 2}, "invalidFrame frameImages[1].frame"),
    ("1.0 std frame", {"frameImages": [{"inputImage": "$wide.png"}]}, "missingFrame frameImages[0].frame"),
    ("1.0 std frame", {"frameImages": first}, "unknownParameter frameImages[0].image"),
    ("2.1 pro", {"frameImages": old_both[1:]}, "invalidFrameImages frameImages"),
    ("1.5 std", {"frameImages": GONE}, "missingFrameImages frameImages"),
    ("1.5 std", {"positivePrompt": "a boat"}, "unknownParameter positivePrompt"),
    ("2.1 pro", {"negativePrompt": "rain"}, "unknownParameter negativePrompt"),
    ("2.5 std", size, "unknownParameter width"),
    ("2.5 std", {"frameImages": GONE}, "missingFrameImages frameImages"),
    ("2.5 std", {"inputs.frameImages": first}, "incompatibleParameters frameImages"),
    ("2.6", {"frameImages": old_first}, "unknownParameter frameImages"),
    ("2.6", size, "invalidWidth width"),
    ("2.6", no_size, "missingWidth width"),
    ("2.6", {"duration": 15}, "invalidDuration duration"),
    ("2.6", {kling + ".keepOriginalSound": True}, "incompatibleParameters klingai.keepOriginalSound"),
    ("2.6", {kling + ".characterOrientation": "image"},
     "incompatibleParameters klingai.characterOrientation"),
    ("2.6", {kling + ".multiPrompt": two_shots}, "unknownParameter klingai.multiPrompt"),
    ("2.6", {kling + ".sound": "on"}, "invalidSound klingai.sound"),
    ("2.6", {"providerSettings": {"google": {}}}, "mismatchProviderSettingsProvider providerSettings"),
    ("2.6", {"providerSettings": []}, "invalidProviderSettings providerSettings"),
    ("2.6 frames", {"width": 1920, "height": 1080}, "incompatibleParameters width"),
    ("2.6 frames", {"positivePrompt": GONE}, "missingPositivePrompt positivePrompt"),
    ("2.6 voices", {"inputs.referenceVoices": ["$talk.m4a"]}, "invalidReferenceVoices inputs.referenceVoices[0]"),
    ("2.6 voices", {"inputs.referenceVoices": ["$line.mp3"]}, "invalidReferenceVoices inputs.referenceVoices[0]"),
    ("2.6 voices", {"inputs.referenceVoices": ["$plain.mp4"]}, "invalidReferenceVoices inputs.referenceVoices[0]"),
    ("2.6 motion", {"inputs.referenceVideos": ["$dance.mp4"] * 2}, "invalidReferenceVideos inputs.referenceVideos"),
    ("2.6 motion", {"inputs.referenceVideos": ["$brief.mp4"]}, "invalidReferenceVideos inputs.referenceVideos[0]"),
    ("2.6 motion", {"inputs.referenceVideos": ["$half-minute.mp4"]},
     "invalidReferenceVideos inputs.referenceVideos[0]"),
    ("2.6 motion", {"inputs.referenceVideos": ["$narrow.mp4"]}, "invalidReferenceVideos inputs.referenceVideos[0]"),
    ("2.6 motion", {"inputs.referenceVideos": ["$vast.mp4"]}, "invalidReferenceVideos inputs.referenceVideos[0]"),
    ("2.6 motion", {"inputs.referenceVideos": ["$huge.mp4"]}, "maxFileSizeExceeded inputs.referenceVideos[0]"),
    ("2.6 motion", {kling + ".characterOrientation": "left"},
     "invalidCharacterOrientation klingai.characterOrientation"),
    ("2.6 motion", {"width": 1920, "height": 1080}, "incompatibleParameters width"),
    ("2.6 motion", {"positivePrompt": GONE}, "missingPositivePrompt positivePrompt"),
    ("2.6 std motion", {"inputs.referenceVideos": GONE}, "incompatibleParameters klingai.characterOrientation"),
    ("2.6 std motion", {"inputs.referenceVideos": GONE, "providerSettings": GONE},
     "missingReferenceVideos inputs.referenceVideos"),
    ("2.6 std motion", {"duration": 5}, "unknownParameter duration"),
    ("3.0 std", {"width": 1920, "height": 1080}, "invalidWidth width"),
    ("3.0 std", {"duration": 2}, "invalidDuration duration"),
    ("3.0 std", {"duration": 16}, "invalidDuration duration"),
    ("3.0 std", {"duration": 5.5}, "invalidDuration duration"),
    ("3.0 std", {"CFGScale": 0.5}, "unknownParameter CFGScale"),
    ("3.0 std", {"inputs.referenceImages": ["$wide.png"]}, "unknownParameter inputs.referenceImages"),
    ("3.0 std", {kling + ".shotType": "customize"}, "missingMultiPrompt klingai.multiPrompt"),
    ("3.0 std", {"resolution": "720p"}, "unknownParameter resolution"),
    ("3.0 std shots", {kling + ".shotType": GONE}, "missingShotType klingai.shotType"),
    ("3.0 std shots", {kling + ".shotType": "intelligence"}, "invalidShotType klingai.shotType"),
    ("3.0 std shots", {"positivePrompt": "a boat"}, "incompatibleParameters positivePrompt"),
    ("3.0 std shots", {"duration": 9}, "incompatibleParameters duration"),
    ("3.0 std shots", {kling + ".multiPrompt": two_shots * 4}, "invalidMultiPrompt klingai.multiPrompt"),
    ("3.0 std shots", {kling + ".multiPrompt": two_shots * 2}, "invalidMultiPrompt klingai.multiPrompt"),
    ("3.0 std shots", {kling + ".multiPrompt": []}, "invalidMultiPrompt klingai.multiPrompt"),
    ("3.0 std shots", {kling + ".multiPrompt": [{"prompt": "a door", "duration": "x"}]},
     "invalidDuration klingai.multiPrompt[0].duration"),
    ("3.0 std shots", {kling + ".multiPrompt": [{"prompt": "a door", "duration": 2}]},
     "invalidMultiPrompt klingai.multiPrompt"),
    ("3.0 pro frames", {"width": 1920, "height": 1080}, "incompatibleParameters width"),
    ("3.0 pro frames", {"inputs.frameImages": [{"image": "$small.png", "frame": "first"}]},
     "invalidImage inputs.frameImages[0].image"),
    ("3.0 pro frames", {"inputs.frameImages": [{"image": "$thin.png", "frame": "first"}]},
     "invalidImage inputs.frameImages[0].image"),
    ("3.0 pro frames", {"inputs.frameImages": [{"image": "$eleven.png", "frame": "first"}]},
     "maxFileSizeExceeded inputs.frameImages[0].image"),
    ("3.0 turbo", {kling + ".sound": True}, "unknownParameter providerSettings"),
    ("3.0 turbo", {"resolution": "720p"}, "unsupportedResolution resolution"),
    ("3.0 turbo", no_size, "missingWidth width"),
    ("3.0 turbo shots", {"duration": 8}, "invalidPositivePrompt positivePrompt"),
    ("3.0 turbo shots", {"positivePrompt": "shot 2, 3, a; shot 1, 4, b;"}, "invalidPositivePrompt positivePrompt"),
    ("lips", {"inputs": GONE}, "missingVideo inputs.video"),
    ("lips", {"inputs.audio": GONE}, "missingAudio inputs.audio"),
    ("lips", {"positivePrompt": "hello"}, "unknownParameter positivePrompt"),
    ("lips", {"duration": 5}, "unknownParameter duration"),
    ("lips", {"inputs.audio": "$word.mp3"}, "invalidAudio inputs.audio"),
    ("lips", {"inputs.audio": "$speech.mp3"}, "invalidAudio inputs.audio"),
    ("lips", {"inputs.audio": "$wide.png"}, "invalidAudio inputs.audio"),
    ("lips", {"inputs.video": "$hop.mp4"}, "invalidVideo inputs.video"),
    ("lips", {"inputs.video": "$endless.mp4"}, "invalidVideo inputs.video"),
    ("lips", {"inputs.video": "$narrow.mp4"}, "invalidVideo inputs.video"),
    ("lips", {"inputs.video": "$heavy.mp4"}, "maxFileSizeExceeded inputs.video"),
    ("lips loud", {kling + ".soundVolume": 3}, "invalidSoundVolume klingai.soundVolume"),
    ("lips loud", {kling + ".sound": True}, "unknownParameter klingai.sound"),
    ("o1", {"duration": 7}, "invalidDuration duration"),
    ("o1", no_size, "missingWidth width"),
    ("o1", {"positivePrompt": GONE}, "missingPositivePrompt positivePrompt"),
    ("o1", {"negativePrompt": "rain"}, "unknownParameter negativePrompt"),
    ("o1", {kling + ".fast": True}, "unknownParameter klingai.fast"),
    ("o1", {kling + ".sound": True}, "unknownParameter klingai.sound"),
    ("o1 frames", {"inputs.referenceImages": ["$wide.png"]}, "incompatibleParameters inputs.frameImages"),
    ("o1 references", {"inputs.referenceImages": ["$wide.png"] * 8}, "invalidReferenceImages inputs.referenceImages"),
    ("o1 references", {"duration": 11}, "invalidDuration duration"),
    ("o1 references", {"width": 1920, "height": 1080}, "unsupportedWidth width"),
    ("o1 references", {kling + ".fast": True}, "incompatibleParameters klingai.fast"),
    ("o1 references", {"inputs.referenceImages": ["$heavy.png"]}, "maxFileSizeExceeded inputs.referenceImages[0]"),
    ("o1 reference clip", {"inputs.referenceImages": GONE}, "missingReferenceImages inputs.referenceImages"),
    ("o1 edit", {"inputs.video": "$long.mp4"}, "invalidVideo inputs.video"),
    ("o1 edit", {"inputs.video": "$heavy.mp4"}, "maxFileSizeExceeded inputs.video"),
    ("o1 edit", {"inputs.referenceImages": ["$wide.png"] * 5}, "invalidReferenceImages inputs.referenceImages"),
    ("o1 edit", {"duration": 5}, "incompatibleParameters duration"),
    ("o1 edit", size, "unsupportedWidth width"),
    ("o1 edit", {"inputs.frameImages": first}, "incompatibleParameters inputs.frameImages"),
    ("o1 edit", {"inputs.referenceVideos": ["$dance.mp4"]}, "incompatibleParameters inputs.referenceVideos"),
    ("o1 fast edit", {"inputs.video": "$dance.mp4"}, "invalidVideo inputs.video"),
    ("o3", {kling + ".keepOriginalSound": True}, "incompatibleParameters klingai.keepOriginalSound"),
    ("o3", {"width": 1920, "height": 1080}, "invalidWidth width"),
    ("o3", no_size, "missingWidth width"),
    ("o3", {"negativePrompt": "rain"}, "unknownParameter negativePrompt"),
    ("o3 frames", {"width": 1920, "height": 1080}, "incompatibleParameters width"),
    ("o3 shots", {kling + ".shotType": "customize"}, "unknownParameter klingai.shotType"),
    ("o3 references", {"inputs.referenceImages": ["$wide.png"] * 8}, "invalidReferenceImages inputs.referenceImages"),
    ("o3 reference clip", {kling + ".sound": True}, "incompatibleParameters klingai.sound"),
    ("o3 reference clip", {kling + ".multiPrompt": two_shots},
     "incompatibleParameters klingai.multiPrompt"),
    ("o3 reference clip", {"inputs.referenceImages": ["$wide.png"] * 5},
     "invalidReferenceImages inputs.referenceImages"),
    ("o3 reference clip", {"inputs.referenceVideos": [{"video": "$dance.mp4"}]},
     "invalidReferType inputs.referenceVideos[0].referType"),
    ("o3 reference clip", {"inputs.referenceVideos": [{"video": "$dance.mp4", "referType": "base"}]},
     "invalidReferType inputs.referenceVideos[0].referType"),
    ("o3 reference clip", {"inputs.referenceVideos": [3]}, "invalidReferenceVideos inputs.referenceVideos[0]"),
    ("o3 reference clip", {"inputs.referenceVideos": [{"video": "$long.mp4", "referType": "feature"}]},
     "invalidReferenceVideos inputs.referenceVideos[0]"),
    ("o3 edit", size, "unsupportedWidth width"),
    ("o3 edit", {"resolution": "720p"}, "unsupportedResolution resolution"),
    ("o3 edit", {kling + ".sound": True}, "incompatibleParameters klingai.sound"),
    ("o3 edit", {"inputs.video": "$vast.mp4"}, "invalidVideo inputs.video"),
    ("avatar", {"inputs.audio": GONE}, "missingAudio inputs.audio"),
    ("avatar", {"inputs.audio": "$sermon.mp3"}, "invalidAudio inputs.audio"),
    ("avatar", {"inputs.audio": "$heavy.mp3"}, "maxFileSizeExceeded inputs.audio"),
    ("avatar", {"inputs.image": "$small.png"}, "invalidImage inputs.image"),
    ("avatar", {"inputs.image": "6ba7b829-9dad-41d1-80b4-00c04fd430c8"}, "mediaNotFound inputs.image"),
    ("avatar", {"positivePrompt": ""}, "invalidPositivePrompt positivePrompt"),
    ("avatar", {kling + ".sound": True}, "unknownParameter providerSettings"),
    ("avatar", size, "unknownParameter width"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "changes", "expected"), refused, ids=[f"{name}-{expected}" for name, _, expected in refused]
)
async def test_what_breaks_a_rule_is_refused(stage: Stage, name: str, changes: dict[str, Any], expected: str) -> None:
    said = await stage.refusal({**changed(name, changes), "taskUUID": stage.uuid()})
    code, _, rest = said.partition("/")[2].partition(" ")
    assert f"{code} {rest.partition(':')[0].replace('providerSettings.', '')}" == expected
    assert said[:3] == ("404" if code in ("unknownModel", "mediaNotFound") else "400")


@pytest.mark.parametrize(
    ("name", "figures"),
    [
        ("3 picture of one", "image 1024×1024"),
        ("o1 picture by resolution", "image 1536×2720"),
        ("1.6 std", "720×720 5.0 s 30"),
        ("1.6 std frame", "1280×720 10.0 s 24"),
        ("2.5 std", "1280×720 10.0 s 30"),
        ("2.6 frames", "1920×1080 5.0 s 24"),
        ("2.6 voices", "1920×1080 5.0 s 24 with sound"),
        ("2.6 motion", "1920×1080 5.0 s 24"),
        ("2.6 std motion", "1280×720 5.0 s 24 with sound"),
        ("3.0 std shots", "960×960 9.0 s 24"),
        ("3.0 turbo frame", "1920×1080 5.0 s 24 with sound"),
        ("3.0 turbo shots", "1280×720 7.0 s 24 with sound"),
        ("lips", "720×1280 5.0 s 24 with sound"),
        ("o1 references", "1920×1080 7.0 s 24"),
        ("o1 fast edit", "1080×1920 12.0 s 24 with sound"),
        ("o3 edit", "720×1280 5.0 s 24 with sound"),
        ("o3 4k", "3840×2160 5.0 s 24"),
        ("avatar pro", "1920×1080 4.0 s 24 with sound"),
    ],
)
async def test_a_file_is_what_was_asked_for(stage: Stage, name: str, figures: str) -> None:
    task = {**filled(good[name]), "taskUUID": stage.uuid(), "deliveryMethod": "async"}
    item = await stage.done(task)
    facts = json.loads((await stage.client.get(next(v for n, v in item.items() if n.endswith("URL")))).content)["facts"]
    sides = f"{facts['width']}×{facts['height']}"
    seconds = f"{sides} {facts['seconds']:.1f} s {facts['fps']:g}" + (" with sound" if facts["has_sound"] else "")
    assert (f"image {sides}" if facts["type"] == "image" else seconds) == figures


@pytest.mark.parametrize(
    ("name", "cost"),
    [
        ("3.0 std", 8 * 0.126),
        ("3.0 std shots", 9 * 0.084),
        ("3.0 pro", 5 * 0.112),
        ("o3", 8 * 0.112),
        ("o3 edit", 5 * 0.126),
        ("o3 frames", 8 * 0.112),
        ("o3 reference clip", 12 * 0.168),
    ],
)
async def test_the_price_is_that_of_the_page(stage: Stage, name: str, cost: float) -> None:
    item = await stage.done({**filled(good[name]), "taskUUID": stage.uuid(), "includeCost": True})
    assert item["cost"] == pytest.approx(cost)
