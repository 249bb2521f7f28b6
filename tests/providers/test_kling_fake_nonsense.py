"""Whatever a body holds, Kling's fake answers in its envelope: good requests with something in them made nonsense."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from tests.providers.kling_fake_stage import Stage, at, filled, image, kling_at, props
from tests.providers.test_kling_fake_rules import bases, paths

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

nonsense: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 10**30, "", " ", "x", "17", "9" * 40, "²", [], [[]], [None], [{}], {}, {"x": 1},
    image, at("walk.mp4"), at("line.mp3"), "http://[", "https://elsewhere.test/a.png", "data:,", "\ud83e", "nan",
)  # fmt: skip
omni = {
    "contents": [{"type": "prompt", "text": "p"}, {"type": "refer_image", "url": at("wide.png"), "id": "a"},
                 {"type": "element", "element_id": "$mira", "id": "b"}, {"type": "base_video", "url": at("walk.mp4")}],
    "settings": {"audio": "off", "resolution": "720p", "aspect_ratio": "16:9", "duration": 5, "multi_shot": False},
    "options": {"external_task_id": "", "callback_url": "", "watermark_info": {"enabled": False}},
}  # fmt: skip
lips = {"face_id": "0", "sound_file": at("line.mp3"), "sound_start_time": 0, "sound_end_time": 3000,
        "sound_insert_time": 0}  # fmt: skip
calls: dict[str, tuple[str, dict[str, Any]]] = {
    **{name: (paths[name], body) for name, body in bases.items()},
    "lips": (paths["lips"], {"session_id": "$faces", "face_choose": [lips]}),
    "old lips": (
        paths["old lips"],
        {
            "input": {
                "video_url": at("street.mp4"),
                "mode": "text2video",
                "text": "Hello",
                "voice_id": "AOT",
                "voice_speed": 1,
            }
        },
    ),
    "path omni": ("/omni-video/kling-3.0-omni", omni),
    "path o1": ("/omni-video/kling-o1", omni),
    "window": ("/tasks", {"start_time": 1, "cursor": "", "filters": [{"key": "status", "values": ["failed"]}]}),
    "package": ("/account/billing/package", {"start_time": 1, "end_time": 2, "cursor": "1.2.3"}),
}


@pytest.fixture(scope="module")
async def staged(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Stage, dict[str, str]]]:
    async with kling_at(tmp_path_factory.mktemp("nonsense"), ("retired", "allowed")) as stage:
        yield stage, await props(stage)


@pytest.mark.parametrize("name", calls)
async def test_nonsense_is_answered_in_the_envelope(staged: tuple[Stage, dict[str, str]], name: str) -> None:
    (stage, names), (path, good) = staged, calls[name]
    dice = random.Random(name)
    for _ in range(50):
        body = filled(good, names)
        for _ in range(dice.choice((1, 1, 2))):
            spoil(body, dice)
        answer = await stage.client.post(path, content=json.dumps(body))
        found = answer.json()
        assert (answer.status_code, found["code"]) in {(200, 0), (400, 1200), (400, 1201), (404, 1203)}, (body, found)
        assert ("data" in found) == (found["code"] == 0)
        stage.clock.advance(500)


def spoil(body: dict[str, Any], dice: random.Random) -> None:
    """Puts nonsense in one place, takes one away or adds one."""
    holder, key = dice.choice([*places(body), (body, "external_task_id")])
    act = dice.choice(("put", "put", "put", "drop", "add"))
    if act == "drop" and isinstance(holder, dict):
        holder.pop(key, None)
    elif act == "add" and isinstance(holder, dict):
        holder["unheard_of"] = dice.choice(nonsense)
    else:
        holder[key] = copy.deepcopy(dice.choice(nonsense))


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a body where a value stands."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        yield value, key
        if isinstance(item, dict | list) and item:
            yield from places(item)
