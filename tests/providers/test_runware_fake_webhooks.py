"""Runware's fake tells a webhook of every result: the flat item, again where nobody answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.providers.runware_fake_stage import runware_at
from tests.providers.test_runware_fake_tasks import boat, line, still

pytestmark = pytest.mark.anyio

hook = "https://hooks.test/here?token=t"


class Ear:
    """Who is told; does not answer the first so many times."""

    def __init__(self, deaf: int = 0) -> None:
        self.deaf = deaf
        self.heard: list[Any] = []
        self.calls: list[str] = []

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        self.calls.append(url)
        if len(self.calls) <= self.deaf:
            raise OSError("nobody answered")
        assert list(headers) == ["content-type"]  # unsigned: a token goes into the address (section 4)
        self.heard.append(json.loads(body))


async def told(path: Path, ear: Ear, *settings: tuple[str, str], kind: str = "videoInference", **more: Any) -> Any:
    async with runware_at(path, *settings, post=ear.post) as stage:
        base = boat if kind == "videoInference" else still
        task = stage.task(kind, **base, webhookURL=hook, **more)
        answer = await stage.post(task)
        await stage.world.callbacks.settled()
        polled = await stage.poll(task["taskUUID"])
    assert line(answer) == f"{kind}:"
    return polled


async def test_a_webhook_gets_the_flat_item_that_a_poll_tells(tmp_path: Path) -> None:
    ear = Ear()
    polled = await told(tmp_path, ear, includeCost=True)
    assert (ear.calls, ear.heard) == ([hook], polled["data"])


async def test_every_result_is_told_by_itself_and_pictures_are_not_held(tmp_path: Path) -> None:
    ear = Ear()
    polled = await told(tmp_path, ear, kind="imageInference", numberResults=3)
    assert (len(ear.heard), ear.heard) == (3, polled["data"])


async def test_an_error_is_told_too(tmp_path: Path) -> None:
    ear = Ear()
    await told(tmp_path, ear, ("fault", "failed-late=#1"))
    assert [(one["code"], one["status"]) for one in ear.heard] == [("inferenceError", "error")]


@pytest.mark.parametrize(("deaf", "calls", "heard"), [(3, 4, 1), (99, 7, 0)])
async def test_who_does_not_answer_is_told_again_for_a_while(tmp_path: Path, deaf: int, calls: int, heard: int) -> None:
    ear = Ear(deaf)
    await told(tmp_path, ear)
    assert (len(ear.calls), len(ear.heard)) == (calls, heard)


async def test_duplicates_and_losses_are_the_worlds(tmp_path: Path) -> None:
    twice, never = Ear(), Ear()
    await told(tmp_path, twice, ("callback-repeats", "1"))
    await told(tmp_path, never, ("callback-losses", "1"))
    assert (len(twice.heard), twice.heard[0] == twice.heard[-1], never.calls) == (2, True, [])
