"""Good tasks for every Kling model that Runware's fake knows, each by a name; files are named as `$wide.png`."""

from __future__ import annotations

from typing import Any

Fields = dict[str, Any]

first = [{"image": "$wide.png", "frame": "first"}]
both = [*first, {"image": "$tall.jpg", "frame": "last"}]
old_first = [{"inputImage": "$wide.png", "frame": "first"}]
old_both = [*old_first, {"inputImage": "$tall.jpg", "frame": "last"}]
feature = [{"video": "$dance.mp4", "referType": "feature"}]
two_shots = [{"prompt": "a door", "duration": "5"}, {"prompt": "a bright room", "duration": 4}]


def _clip(model: str, **more: Any) -> Fields:
    return {"taskType": "videoInference", "model": f"klingai:{model}", **more}


def _picture(model: str, **more: Any) -> Fields:
    return {"taskType": "imageInference", "model": f"klingai:kling-image@{model}", "positivePrompt": "a boat", **more}


def _settings(**more: Any) -> Fields:
    return {"providerSettings": {"klingai": more}}


def _size(width: int, height: int) -> Fields:
    return {"width": width, "height": height}


_hd, _full = _size(1280, 720), _size(1920, 1080)
good: dict[str, Fields] = {
    "o1 picture": _picture("o1", **_size(1024, 1024)),
    "o1 picture of references": _picture("o1", **_size(2720, 1536), inputs={"referenceImages": ["$wide.png"] * 10}),
    "o1 picture by resolution": _picture("o1", resolution="2K", inputs={"referenceImages": ["$tall.jpg"]}),
    "3 picture": _picture("3", **_size(2048, 2048), outputFormat="PNG", outputQuality=20),
    "3 picture of one": _picture("3", resolution="1k", inputs={"referenceImages": ["$square.webp"]}),
    "o3 picture": _picture("o3", **_size(6272, 2688), numberResults=2, advancedFeatures={"x": 1}),
    "o3 picture of references": _picture("o3", resolution="4k", inputs={"referenceImages": ["$wide.png", "$tall.jpg"]}),
    "1.0 std": _clip("1@1", positivePrompt="a boat", duration=5, **_hd, CFGScale=0.3),
    "1.0 std frame": _clip("1@1", frameImages=old_first, duration=10, **_size(720, 720)),
    "1.0 pro": _clip("1@2", positivePrompt="a boat", negativePrompt="rain", duration=10, **_size(720, 1280)),
    "1.5 std": _clip("2@1", frameImages=old_first, duration=5, **_hd),
    "1.5 pro": _clip("2@2", frameImages=old_first, duration=10, **_full),
    "1.6 std": _clip("3@1", positivePrompt="a boat", duration=5, **_size(720, 720)),
    "1.6 std frame": _clip("3@1", frameImages=old_first, duration=10, **_hd),
    "1.6 pro": _clip("3@2", positivePrompt="a boat", frameImages=old_first, duration=5, **_size(1080, 1920)),
    "2.0 master": _clip("4@3", positivePrompt="a boat", duration=5, **_hd),
    "2.1 std": _clip("5@1", frameImages=old_first, duration=10, **_size(720, 720)),
    "2.1 pro": _clip("5@2", frameImages=old_both, duration=5, **_full),
    "2.1 master": _clip("5@3", positivePrompt="a boat", duration=10),
    "2.5 std": _clip("6@0", frameImages=old_first, duration=10),
    "2.5 std inputs": _clip("6@0", inputs={"frameImages": first}, duration=5, positivePrompt="a boat"),
    "2.5 pro": _clip("6@1", positivePrompt="a boat", duration=10, **_hd),
    "2.5 pro frames": _clip("6@1", frameImages=old_both, duration=5),
    "2.6": _clip("kling-video@2.6-pro", positivePrompt="a boat", duration=10, **_full, **_settings(sound=True)),
    "2.6 frames": _clip("kling-video@2.6-pro", positivePrompt="a boat", inputs={"frameImages": both}, CFGScale=1),
    "2.6 voices": _clip(
        "kling-video@2.6-pro", positivePrompt="one in <<<voice_1>>> says hello", **_full,
        inputs={"referenceVoices": ["$talk.wav", "$talk.mp4"]},
    ),
    "2.6 motion": _clip(
        "kling-video@2.6-pro", positivePrompt="she dances",
        inputs={"frameImages": first, "referenceVideos": ["$dance.mp4"]},
        **_settings(characterOrientation="image", keepOriginalSound=False),
    ),
    "2.6 motion alone": _clip(
        "kling-video@2.6-pro", positivePrompt="the same movements", duration=10,
        inputs={"referenceVideos": ["$dance.mp4"]},
        **_settings(characterOrientation="image", keepOriginalSound=False, sound=True),
    ),
    "2.6 std motion": _clip(
        "kling-video@2.6-standard", inputs={"frameImages": first, "referenceVideos": ["$dance.mp4"]},
        **_settings(characterOrientation="video"),
    ),
    "3.0 std": _clip("kling-video@3-standard", positivePrompt="a boat", duration=8, **_hd, **_settings(sound=True)),
    "3.0 std shots": _clip(
        "kling-video@3-standard", **_size(960, 960), **_settings(shotType="customize", multiPrompt=two_shots)
    ),
    "3.0 pro": _clip("kling-video@3-pro", positivePrompt="a boat", negativePrompt="rain", **_full),
    "3.0 pro frames": _clip("kling-video@3-pro", positivePrompt="a boat", duration=15, inputs={"frameImages": both}),
    "3.0 4k": _clip("kling-video@3-4k", positivePrompt="a boat", duration=3, **_size(3840, 2160)),
    "3.0 turbo": _clip("kling-video@3.0-turbo", positivePrompt="a boat", duration=3, **_full, negativePrompt="rain"),
    "3.0 turbo frame": _clip(
        "kling-video@3.0-turbo", positivePrompt="a boat", inputs={"frameImages": first}, resolution="1080p"
    ),
    "3.0 turbo shots": _clip(
        "kling-video@3.0-turbo", positivePrompt="shot 1, 3, a boat; shot 2, 4, a fox;", duration=7, resolution="720p"
    ),
    "lips": _clip("7@1", inputs={"video": "$dance.mp4", "audio": "$line.mp3"}),
    "lips loud": _clip(
        "7@1", inputs={"video": "$dance.mp4", "audio": "$line.mp3"},
        **_settings(soundVolume=0.8, originalAudioVolume=0.3),
    ),
    "o1": _clip("kling@o1-standard", positivePrompt="a boat", duration=5, **_hd),
    "o1 frames": _clip("kling@o1-standard", positivePrompt="a boat", duration=10, inputs={"frameImages": both}, **_hd),
    "o1 references": _clip(
        "kling@o1", positivePrompt="a boat", duration=7, inputs={"referenceImages": ["$wide.png"] * 7}
    ),
    "o1 reference clip": _clip(
        "kling@o1", positivePrompt="a boat",
        inputs={"referenceImages": ["$wide.png"], "referenceVideos": ["$dance.mp4"]},
    ),
    "o1 edit": _clip(
        "kling@o1-standard", positivePrompt="at night", inputs={"video": "$dance.mp4"},
        **_settings(keepOriginalSound=True),
    ),
    "o1 fast edit": _clip(
        "kling@o1", positivePrompt="at night", inputs={"video": "$long.mp4", "referenceImages": ["$wide.png"]},
        **_settings(fast=True, keepOriginalSound=True),
    ),
    "o3": _clip("kling-video@o3-standard", positivePrompt="a boat", duration=8, **_hd, **_settings(sound=True)),
    "o3 frames": _clip("kling-video@o3-pro", positivePrompt="a boat", duration=8, inputs={"frameImages": both}),
    "o3 references": _clip(
        "kling-video@o3-pro", positivePrompt="a boat", inputs={"referenceImages": ["$wide.png"] * 7}, **_full
    ),
    "o3 reference clip": _clip(
        "kling-video@o3-pro", positivePrompt="a boat", duration=12, inputs={"referenceVideos": feature}, **_full,
        **_settings(keepOriginalSound=False),
    ),
    "o3 edit": _clip(
        "kling-video@o3-standard", positivePrompt="golden hour", inputs={"video": "$dance.mp4"}, duration=99,
        **_settings(keepOriginalSound=True),
    ),
    "o3 shots": _clip("kling-video@o3-standard", **_size(720, 1280), **_settings(sound=True, multiPrompt=two_shots)),
    "o3 4k": _clip("kling-video@o3-4k", positivePrompt="a boat", resolution="4K"),
    "avatar": _clip("avatar@2.0-standard", inputs={"image": "$wide.png", "audio": "$line.mp3"}),
    "avatar pro": _clip("avatar@2.0-pro", inputs={"image": "$wide.png", "audio": "$line.mp3"}, positivePrompt="!"),
}  # fmt: skip
