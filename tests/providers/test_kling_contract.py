"""The adapter meets the service's fake: what one builds the other accepts, bills as priced, and tells back readably.

Neither knows the other; a disagreement here is a disagreement about kling.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.credential import Credential
from kling_pipe.values.job import Job, Phase, TaskRef, TaskState
from kling_pipe.values.transfer import Handed
from tests.providers.kling_caller import Caller, key, pair
from tests.providers.kling_fake_stage import at, image, kling_at
from tests.providers.kling_jobs import catalogue, job_of, step_of

pytestmark = pytest.mark.anyio

files = {"video": at("dance.mp4"), "image": at("wide.png"), "image_tail": at("wide.png")}
shots = [{"prompt": "a kettle", "duration": 3}, {"prompt": "steam", "duration": 2}]
trajectory = [{"x": 1, "y": 2}, {"x": 3, "y": 4}]

cases: list[tuple[str, str, dict[str, Any], list[str]]] = [
    ("text-to-image", "kling-v3", {"prompt": "a"}, []),
    ("text-to-image", "kling-v3", {"prompt": "a", "negative_prompt": "b", "aspect_ratio": "21:9"}, []),
    ("text-to-image", "kling-v3-omni", {"prompt": "a", "resolution": "4k"}, []),
    ("text-to-image", "kling-image-o1", {"prompt": "a", "resolution": "2k"}, []),
    ("text-to-image", "kling-v2-1", {"prompt": "a"}, []),
    ("image-to-image", "kling-v3", {"prompt": "a"}, ["image"]),
    ("image-to-image", "kling-v2-1", {"prompt": "a", "image_reference": "subject", "human_fidelity": 0.6}, ["image"]),
    ("image-to-image", "kling-v2-1", {"prompt": "a"}, ["references[0]", "references[1]", "scene_image"]),
    ("image-to-image", "kling-v3-omni", {"prompt": "<<<image_1>>>"}, ["references[0]", "references[1]"]),
    ("image-to-image", "kling-image-o1", {"prompt": "<<<image_1>>>"}, ["image"]),
    ("text-to-video", "kling-v3", {"prompt": "a"}, []),
    ("text-to-video", "kling-v3", {"prompt": "a", "mode": "4k", "sound": True, "duration": 15}, []),
    ("text-to-video", "kling-v3", {"shots": shots}, []),
    ("text-to-video", "kling-v3", {"prompt": "a", "shots": "auto"}, []),
    ("text-to-video", "kling-v3", {"prompt": "x" * 3000, "sound": True}, []),
    ("text-to-video", "kling-v3-turbo", {"prompt": "a", "duration": 3, "mode": "pro"}, []),
    ("text-to-video", "kling-v3-turbo", {"shots": shots}, []),
    ("text-to-video", "kling-v2-6", {"prompt": "a", "mode": "pro", "sound": True}, []),
    ("text-to-video", "kling-v2-5-turbo", {"prompt": "a", "duration": 10, "sound": False}, []),
    ("image-to-video", "kling-v3", {"prompt": "a", "mode": "pro"}, ["image", "image_tail"]),
    ("image-to-video", "kling-v3", {"prompt": "<<<element_1>>>", "elements": ["321922438904313987"]}, ["image"]),
    ("image-to-video", "kling-v3", {"shots": shots, "sound": True}, ["image"]),
    ("image-to-video", "kling-v3", {"prompt": "x" * 3000}, ["image", "image_tail"]),
    ("image-to-video", "kling-v3-turbo", {"prompt": "a"}, ["image"]),
    ("image-to-video", "kling-v2-6", {"prompt": "a", "mode": "pro"}, ["image", "image_tail"]),
    ("image-to-video", "kling-v2-6", {"prompt": "a", "mode": "pro", "sound": True, "voices": ["9"]}, ["image"]),
    ("image-to-video", "kling-v2-5-turbo", {"prompt": "a", "mode": "pro"}, ["image", "image_tail"]),
    ("motion-control", "kling-v3", {"character_orientation": "video"}, ["image", "video"]),
    ("motion-control", "kling-v3", {"character_orientation": "video", "elements": ["12"]}, ["image", "video"]),
    ("motion-control", "kling-v2-6", {"character_orientation": "image", "mode": "pro"}, ["image", "video"]),
]  # fmt: skip
retired: list[tuple[str, str, dict[str, Any], list[str]]] = [
    ("text-to-image", "kling-v1", {"prompt": "a"}, []),
    ("image-to-image", "kling-v1-5", {"prompt": "a", "image_reference": "face"}, ["image"]),
    ("text-to-video", "kling-v1", {"prompt": "a", "camera_control": {"type": "simple", "config": {"zoom": 5}}}, []),
    ("text-to-video", "kling-v2-master", {"prompt": "a"}, []),
    ("image-to-video", "kling-v1-6", {"prompt": "a", "mode": "pro", "cfg_scale": 0.7}, ["image", "image_tail"]),
    ("image-to-video", "kling-v1", {"prompt": "a", "dynamic_masks": [{"trajectories": trajectory}]},
     ["image", "static_mask", "dynamic_masks[0].mask"]),
]  # fmt: skip


def handed(job: Job) -> Mapping[str, Handed]:
    return {material.field: Handed(url=files.get(material.field, at("wide.png"))) for material in job.materials}


def named(case: tuple[str, str, dict[str, Any], list[str]]) -> str:
    return f"{case[0]} {case[1]} {','.join(k for k in case[2] if k != 'prompt')} {','.join(case[3])}"


@pytest.mark.parametrize("case", cases, ids=named)
async def test_what_the_catalogue_lets_pass_is_accepted_made_and_billed_as_priced(
    tmp_path: Path, case: tuple[str, str, dict[str, Any], list[str]]
) -> None:
    kind, model, parameters, wired = case
    step = step_of(kind, model, parameters, wired)
    problems = catalogue.check(step, catalogue.settle(step))
    assert [problem.message for problem in problems if problem.severity == "error"] == []
    async with kling_at(tmp_path) as stage:
        caller, job = Caller(stage, key), job_of(kind, model, parameters, wired)
        state = await caller.submit(job, handed(job))
        stage.clock.advance(4000)
        (done,) = await caller.ask(TaskRef(job.external_id, state.task_id, job.route))
        (alone,) = await caller.ask_alone(TaskRef(job.external_id, state.task_id, job.route))
    assert (done.phase, done.external_id, len(done.outputs)) == (Phase.SUCCEEDED, job.external_id, 1)
    assert done.cost == job.estimate
    assert alone.cost == done.cost


@pytest.mark.parametrize("case", retired, ids=named)
async def test_retired_models_still_route_where_they_are_allowed(
    tmp_path: Path, case: tuple[str, str, dict[str, Any], list[str]]
) -> None:
    job = job_of(*case)
    async with kling_at(tmp_path, ("retired", "allowed")) as stage:
        state = await Caller(stage, pair).submit(job, handed(job))
    assert state.phase in (Phase.QUEUED, Phase.RUNNING)


async def test_a_retired_model_is_refused_as_invalid(tmp_path: Path) -> None:
    async with kling_at(tmp_path) as stage:
        caller, job = Caller(stage, key), job_of("text-to-video", "kling-v1", {"prompt": "a"})
        told = caller.provider.read_submit(await caller.send(caller.provider.submit(job, {})), job.route)
    assert isinstance(told, Refusal)
    assert told.answer is AnswerClass.INVALID


@pytest.mark.parametrize("credential", [key, pair], ids=["key", "pair"])
async def test_a_lost_answer_is_found_again_and_a_repeat_is_refused_as_existing(
    tmp_path: Path, credential: Credential
) -> None:
    job = job_of("text-to-image", "", {"prompt": "a"}, takes=(1, 2))
    async with kling_at(tmp_path, key="") as stage:
        caller = Caller(stage, credential)
        before = await caller.find(job)
        state = await caller.submit(job, handed(job))
        again = caller.provider.read_submit(await caller.send(caller.provider.submit(job, {})), job.route)
        found = await caller.find(job)
        bills = len(stage.world.bills())
    assert before == []
    assert isinstance(again, Refusal)
    assert again.answer is AnswerClass.EXISTS
    assert {one.task_id for one in found} == {state.task_id}
    assert bills == 1


@pytest.mark.parametrize(("credential", "requests"), [(key, 1), (pair, 2)], ids=["key", "pair"])
async def test_many_tasks_are_told_of_by_few_requests(tmp_path: Path, credential: Credential, requests: int) -> None:
    jobs = [job_of("text-to-image", "", {"prompt": "a"}, recipe=f"{n}") for n in range(3)]
    jobs += [job_of("text-to-video", "", {"prompt": "a"}, recipe=f"{n}") for n in range(3, 6)]
    async with kling_at(tmp_path, ("pool", "image=9"), ("pool", "video=9"), key="") as stage:
        caller = Caller(stage, credential)
        tasks = [TaskRef(job.external_id, (await caller.submit(job, handed(job))).task_id, job.route) for job in jobs]
        stage.clock.advance(4000)
        states = await caller.ask(*tasks)
    assert len(caller.provider.queries(tasks, credential.kind)) == requests
    assert {state.external_id for state in states} == {job.external_id for job in jobs}


async def test_pictures_travel_as_base64_and_come_several_at_once(tmp_path: Path) -> None:
    job = job_of("image-to-image", "", {"prompt": "a"}, ["image"], takes=(1, 2, 3))
    async with kling_at(tmp_path) as stage:
        caller = Caller(stage, key)
        request = caller.provider.submit(job, {"image": Handed(base64=image)})
        state = caller.provider.read_submit(await caller.send(request), job.route)
        assert isinstance(state, TaskState)
        stage.clock.advance(400)
        (done,) = await caller.ask(TaskRef(job.external_id, state.task_id, job.route))
    assert [output.index for output in done.outputs] == [0, 1, 2]
    assert done.cost == job.estimate * 3


async def test_a_key_pair_is_refused_on_the_path_model(tmp_path: Path) -> None:
    job = job_of("text-to-video", "kling-v3-turbo", {"prompt": "a"})
    async with kling_at(tmp_path, key="") as stage:
        caller = Caller(stage, pair)
        told = caller.provider.read_submit(await caller.send(caller.provider.submit(job, {})), job.route)
    assert isinstance(told, Refusal)
    assert (told.answer, told.code) == (AnswerClass.AUTH, "1002")


@pytest.mark.parametrize("credential", [key, pair], ids=["key", "pair"])
async def test_the_probe_is_answered(tmp_path: Path, credential: Credential) -> None:
    async with kling_at(tmp_path, key="") as stage:
        caller = Caller(stage, credential)
        answer = await caller.send(caller.provider.probe(stage.clock.stamp(stage.clock.now())))
    assert caller.provider.read_refusal(answer) is None
    assert json.loads(answer.body)["code"] == 0
