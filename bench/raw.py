"""What somebody would write in an afternoon: asyncio, httpx, a semaphore, a fixed poll. No ledger, no checks, no retry.

It follows the same chains as the storyboard of `boards` and gives the tasks the names of the storyboard's steps.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import time

import httpx

from bench.measure import largest

_poll_seconds = 4.0  # simulated


class Script:
    """One run of the script."""

    def __init__(self, client: httpx.AsyncClient, folder: str, speed: float, places: int) -> None:
        self.client = client
        self.folder = folder
        self.pause = _poll_seconds / speed
        self.places = asyncio.Semaphore(places)
        self.requests = 0

    async def chain(self, number: int, length: int) -> None:
        picture = clip = ""
        if length > 0:
            body: dict[str, object] = {"model_name": "kling-v3", "prompt": f"Scene {number}, a boat", "n": 1}
            body |= {"aspect_ratio": "16:9", "resolution": "1k"}
            picture = await self.step(f"picture_{number}", "/v1/images/generations", body)
        if length > 1:
            body = {"model_name": "kling-v2-5-turbo", "image": picture, "prompt": "Push in", "duration": "5"}
            clip = await self.step(f"clip_{number}", "/v1/videos/image2video", body)
        if length > 2:
            body = {"model_name": "kling-v2-6", "image_url": picture, "video_url": clip, "mode": "std"}
            body |= {"character_orientation": "video", "prompt": "Follow"}
            await self.step(f"motion_{number}", "/v1/videos/motion-control", body)

    async def step(self, name: str, path: str, body: dict[str, object]) -> str:
        """One task from create to file; tells its URL. The place is free when the task has ended."""
        async with self.places:
            answer = (await self.client.post(path, json={**body, "external_task_id": name})).json()
            task = answer["data"]["task_id"]
            while True:
                await asyncio.sleep(self.pause)
                self.requests += 1
                data = (await self.client.get(f"{path}/{task}")).json()["data"]
                if data["task_status"] == "succeed":
                    break
        result = data["task_result"]
        url: str = (result.get("videos") or result.get("images"))[0]["url"]
        await self.download(url, os.path.join(self.folder, name))
        return url

    async def download(self, url: str, path: str) -> None:
        async with self.client.stream("GET", url) as answer:
            with open(path, "wb") as file:  # noqa: ASYNC230  # as scripts of an afternoon do
                async for piece in answer.aiter_raw():
                    file.write(piece)


async def _run(address: str, folder: str, speed: float, steps: int, places: int) -> dict[str, object]:
    async with httpx.AsyncClient(base_url=address, headers={"authorization": "Bearer simulated-key"}) as client:
        script = Script(client, folder, speed, places)
        began = time.perf_counter()
        lengths = [min(3, steps - first) for first in range(0, steps, 3)]
        await asyncio.gather(*(script.chain(number, length) for number, length in enumerate(lengths)))
        return {"seconds": time.perf_counter() - began, "requests": script.requests, "done": steps}


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="bench.raw", description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("address")
    parser.add_argument("speed", type=float)
    parser.add_argument("steps", type=int)
    parser.add_argument("places", type=int)
    parser.add_argument("result")
    asked = parser.parse_args(words)
    began = time.process_time()
    told = asyncio.run(_run(asked.address, asked.folder, asked.speed, asked.steps, asked.places))
    told |= {"cpu": time.process_time() - began, "megabytes": largest()}
    with open(asked.result, "w", encoding="utf-8") as file:
        json.dump(told, file)


if __name__ == "__main__":
    main()
