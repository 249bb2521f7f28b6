"""Whatever a task holds, Runware's fake answers in its envelope: good tasks with something in them made nonsense."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from tests.chances import examples
from tests.providers.runware_fake_stage import Stage, at, runware_at
from tests.providers.runware_tasks import good
from tests.providers.test_runware_fake_rules import filled

pytestmark = pytest.mark.anyio

nonsense: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 10**30, 1e308, "", " ", "x", "17", "9" * 40, "²", [], [[]], [None], [{}], {},
    {"x": 1}, at("wide.png"), at("line.mp3"), "http://[", "https://elsewhere.test/a.png", "data:,",
    "data:image/png;base64,§",
    "\ud83e", "nan", "6ba7b829-9dad-41d1-80b4-00c04fd430c8",
)  # fmt: skip
others: dict[str, dict[str, Any]] = {
    "upload": {"taskType": "imageUpload", "image": at("wide.png")},
    "storage": {"taskType": "mediaStorage", "operation": "upload", "media": at("wide.png")},
    "deletion": {"taskType": "mediaStorage", "operation": "delete", "media": "6ba7b829-9dad-41d1-80b4-00c04fd430c8"},
    "poll": {"taskType": "getResponse"},
    "details": {"taskType": "getTaskDetails"},
    "ping": {"taskType": "ping", "ping": True},
    "sign-in": {"taskType": "authentication", "apiKey": "simulated-key"},
}


@pytest.fixture(scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with runware_at(tmp_path_factory.mktemp("nonsense")) as stage:
        yield stage


@pytest.mark.parametrize("name", [*good, *others])
async def test_nonsense_is_answered_in_the_envelope(stage: Stage, name: str) -> None:
    dice = random.Random(name)
    for _ in range(12):
        task = copy.deepcopy({**filled(good.get(name) or others[name]), "taskUUID": stage.uuid()})
        for _ in range(dice.choice((1, 1, 2))):
            spoil(task, dice)
        await check(stage, [task])
        stage.clock.advance(900)


json_values = st.recursive(
    st.sampled_from(nonsense) | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
names = st.sampled_from([
    "taskType", "taskUUID", "model", "positivePrompt", "width", "height", "duration", "inputs", "frameImages",
    "providerSettings", "numberResults", "deliveryMethod", "outputType", "ttl", "webhookURL", "apiKey",
])  # fmt: skip


@examples(50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.dictionaries(names, json_values, max_size=6) | json_values, min_size=1, max_size=4))
async def test_any_json_is_answered_in_the_envelope(stage: Stage, tasks: list[Any]) -> None:
    await check(stage, tasks)


async def check(stage: Stage, tasks: list[Any]) -> None:
    answer = await stage.client.post("/v1", content=json.dumps(tasks))
    found = answer.json()
    assert answer.status_code in (200, 400, 401, 402, 404, 429), (tasks, found)
    assert set(found) <= {"data", "errors"}, (tasks, found)
    assert found, tasks
    assert all(error["code"] and error["message"] for error in found.get("errors", [])), found


def spoil(task: dict[str, Any], dice: random.Random) -> None:
    """Puts nonsense in one place, takes one away or adds one."""
    holder, key = dice.choice([*places(task), (task, "taskUUID")])
    act = dice.choice(("put", "put", "put", "drop", "add"))
    if act == "drop" and isinstance(holder, dict):
        holder.pop(key, None)
    elif act == "add" and isinstance(holder, dict):
        holder["unheardOf"] = dice.choice(nonsense)
    else:
        holder[key] = copy.deepcopy(dice.choice(nonsense))


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place of a task, as its holder and the key in it."""
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in list(keys):
        yield value, key
        yield from places(value[key])
