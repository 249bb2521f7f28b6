"""Whatever a body holds, Picsart's fake answers in its own words: good payloads with something made nonsense."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from tests.providers.picsart_fake_stage import Stage, at, good, inner, picsart_at, text_of

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

nonsense: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 10**400, float("nan"), "", " ", "x", "17", "9" * 400, "²", "kling-v3", [], [[]],
    [None], [{}], {}, {"x": 1}, at("wide.png"), at("long.mp4"), at("line.mp3"), "http://[", "https://elsewhere.test/a",
    "data:,", "\ud83e",
)  # fmt: skip
shots: dict[str, Any] = {
    "model_name": "kling-v3", "multi_shot": True, "shot_type": "customize", "duration": "5", "sound": "on",
    "multi_prompt": [{"index": 1, "prompt": "a", "duration": "5"}], "voice_list": [{"voice_id": "1"}],
    "options": {"drive": {"name": "a", "attributes": {}, "folder": {"path": "Gen AI"}}},
}  # fmt: skip
payloads = {**good, "shots": ("kling-text-to-video", shots)}


@pytest.fixture(scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with picsart_at(tmp_path_factory.mktemp("nonsense")) as staged:
        yield staged


@pytest.mark.parametrize("name", payloads)
async def test_nonsense_is_made_or_refused(stage: Stage, name: str) -> None:
    (workflow, params), dice = payloads[name], random.Random(name)
    for _ in range(30):
        body = {"params": copy.deepcopy(params)}
        for _ in range(dice.choice((1, 1, 2))):
            spoil(body, dice)
        for verb in ("options", "submit"):
            answer = await stage.client.post(f"/workflows/{workflow}/{verb}", content=json.dumps(body))
            assert answer.status_code in (200, 400), (body, answer.text)
            if answer.status_code == 400:
                assert text_of(answer.json())
            elif verb == "submit":
                stage.clock.advance(1000)
                assert "result" in await stage.told(workflow, inner(answer.json())["id"])


def spoil(body: dict[str, Any], dice: random.Random) -> None:
    """Puts nonsense in one place, takes one away or adds one."""
    holder, key = dice.choice([*places(body), (body, "params")])
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
