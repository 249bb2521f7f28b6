"""Steps of the gateway's kinds, right and wrong; what the catalogue lets pass the fake takes.

`python -m tests.providers.gateway_steps` tries ten thousand of them, where the suite tries some hundred.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from kling_pipe.story.storyboard import Step
from kling_pipe.values.answer import Refusal
from tests.providers.gateway_jobs import catalogue, job_of, step_of
from tests.providers.gateway_stage import Stage, gateway_at

refused_here = "refused here"
_shots = ({"prompt": "a kettle", "duration": 2}, {"prompt": "steam", "duration": 3}, {"prompt": "", "duration": 1},
          {"prompt": "tea", "duration": 0}, {"prompt": "a cup", "duration": 8})  # fmt: skip
_choices: dict[str, tuple[Any, ...]] = {
    "model": ("", "kling-v3", "kling-v3-pro-audio", "kling-v3-omni", "kling-v2-1", "kling-v2-6", "kling-3.0"),
    "prompt": ("waves", "", "x" * 2500, "x" * 3072, "x" * 3073),
    "negative_prompt": ("blur", "x" * 2501),
    "cfg_scale": (0, 0.5, 1, 1.5),
    "duration": (2, 3, 5, 10, 15, 16, 4.5),
    "aspect_ratio": ("16:9", "9:16", "1:1", "4:3", "21:9", "auto"),
    "resolution": ("1k", "2k", "4k"),
    "mode": ("std", "pro", "4k"),
    "sound": (True, False),
    "watermark": (True, False),
    "elements": (["12"], ["12", "13", "14"], ["1", "2", "3", "4"], ["mira"]),
}
_kinds: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {  # parameters and wired fields
    "text-to-video": (("model", "prompt", "negative_prompt", "cfg_scale", "duration", "aspect_ratio", "mode", "sound",
                       "shots", "watermark"), ()),
    "image-to-video": (("model", "prompt", "negative_prompt", "cfg_scale", "duration", "aspect_ratio", "mode", "sound",
                        "shots", "elements", "watermark"), ("image", "image_tail", "elements[1]")),
    "text-to-image": (("model", "prompt", "aspect_ratio", "resolution", "negative_prompt", "watermark"), ()),
    "image-to-image": (("model", "prompt", "aspect_ratio", "resolution", "watermark"),
                       ("image", "references[0]", "references[1]")),
}  # fmt: skip


def steps(seed: int, count: int) -> Iterator[Step]:
    """So many steps, the same for one seed."""
    chance = random.Random(seed)
    for _ in range(count):
        kind = chance.choice(list(_kinds))
        names, wires = _kinds[kind]
        said = {name: _value(name, chance) for name in names if name == "prompt" or chance.random() < 0.3}
        wired = [wire for wire in wires if chance.random() < (0.8 if wire == "image" else 0.3)]
        yield step_of(kind, said.pop("model", ""), said, wired)


async def tried(stage: Stage, step: Step) -> str:
    """Nothing where the fake takes and bills it as priced, else what was wrong."""
    wired = [wire.field for wire in step.wires]
    settled = catalogue.settle(step)
    if settled is None or any(one.severity == "error" for one in catalogue.check(step, settled)):
        return refused_here
    job = job_of(step.kind, step.model, step.parameters, wired)
    answer = await stage.submit(job)
    if isinstance(answer, Refusal):
        return f"{step}: {answer}"
    billed = Decimal(str(stage.world.bills()[-1]["units"]))
    return "" if billed == job.estimate.usd else f"{step}: {billed} and not {job.estimate}"


def _value(name: str, chance: random.Random) -> Any:
    if name == "shots":
        return "auto" if chance.random() < 0.4 else [*chance.sample(_shots, chance.randint(1, 3))]
    return chance.choice(_choices[name][:3] if chance.random() < 0.7 else _choices[name])


async def _main(count: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        async with gateway_at(Path(folder), ("pool", "gateway.video=1000000")) as stage:
            found = [await tried(stage, step) for step in steps(1, count)]
    wrong = [told for told in found if told not in ("", refused_here)]
    print(f"{count} steps, {found.count('')} taken, {len(wrong)} wrong", *wrong[:10], sep="\n")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(asyncio.run(_main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)))
