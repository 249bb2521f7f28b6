"""The gateway's adapter meets its fake: what one writes the other accepts, bills as priced, and tells back readably.

Neither knows the other; a disagreement here is a disagreement about gateway.md.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kling_pipe.providers.gateway.adapter import GatewayProvider
from kling_pipe.providers.provider import AdapterSettings
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.job import Phase, TaskRef, TaskState
from tests.providers.gateway_jobs import catalogue, job_of, step_of
from tests.providers.gateway_stage import Stage, at, gateway_at

pytestmark = pytest.mark.anyio

Case = tuple[str, str, dict[str, Any], list[str]]
shots = [{"prompt": "a kettle", "duration": 3}, {"prompt": "steam", "duration": 2}]
clips: list[Case] = [
    ("text-to-video", "kling-v3", {"prompt": "a"}, []),
    ("text-to-video", "kling-v3", {"prompt": "a", "mode": "pro", "sound": True, "duration": 15}, []),
    ("text-to-video", "kling-v3", {"prompt": "a", "negative_prompt": "b", "cfg_scale": 0.6}, []),
    ("text-to-video", "kling-v3", {"prompt": "a", "shots": "auto", "aspect_ratio": "1:1"}, []),
    ("text-to-video", "kling-v3-std-audio", {"prompt": "a", "duration": 3}, []),
    ("image-to-video", "kling-v3", {"prompt": "a"}, ["image"]),
    ("image-to-video", "kling-v3", {"prompt": "a", "aspect_ratio": "16:9", "duration": 6}, ["image"]),
    ("image-to-video", "kling-v3", {"prompt": "a", "mode": "pro"}, ["image", "image_tail"]),
    ("image-to-video", "kling-v3", {"shots": shots, "sound": True}, ["image"]),
    ("image-to-video", "kling-v3", {"prompt": "a", "shots": "auto"}, ["image"]),
    ("image-to-video", "kling-v3", {"prompt": "a", "elements": ["321922438904313"]}, ["image", "elements[1]"]),
]
pictures: list[Case] = [
    ("text-to-image", "kling-v3", {"prompt": "a"}, []),
    ("text-to-image", "kling-v3-omni", {"prompt": "a", "resolution": "4k", "aspect_ratio": "21:9"}, []),
    ("text-to-image", "kling-image-o1", {"prompt": "a", "aspect_ratio": "auto"}, []),
    ("text-to-image", "kling-v2-1", {"prompt": "a", "aspect_ratio": "2:3"}, []),
    ("image-to-image", "kling-v3", {"prompt": "a"}, ["image"]),
    ("image-to-image", "kling-v3-omni", {"prompt": "a"}, ["image", "references[0]", "references[1]"]),
    ("image-to-image", "kling-image-o1", {"prompt": "a", "resolution": "2k"}, ["references[0]"]),
]


def named(case: Case) -> str:
    return f"{case[0]} {case[1]} {','.join(k for k in case[2] if k != 'prompt')} {','.join(case[3])}"


def passes(case: Case) -> bool:
    step = step_of(*case)
    return [one for one in catalogue.check(step, catalogue.settle(step)) if one.severity == "error"] == []


@pytest.mark.parametrize("case", clips, ids=named)
async def test_a_clip_that_the_catalogue_lets_pass_is_accepted_made_and_billed_as_priced(
    tmp_path: Path, case: Case
) -> None:
    assert passes(case)
    job = job_of(*case)
    async with gateway_at(tmp_path) as stage:
        done = await stage.done(await stage.submitted(job))
        (bill,) = stage.world.bills()
    assert (done.phase, done.status, len(done.outputs), done.cost) == (Phase.SUCCEEDED, "completed", 1, None)
    assert Decimal(str(bill["charged"])) == job.estimate.usd


@pytest.mark.parametrize("case", pictures, ids=named)
async def test_a_picture_that_the_catalogue_lets_pass_is_made_at_once_and_billed_as_priced(
    tmp_path: Path, case: Case
) -> None:
    assert passes(case)
    job = job_of(*case)
    async with gateway_at(tmp_path) as stage:
        state = await stage.submit(job)
        (bill,) = stage.world.bills()
    assert isinstance(state, TaskState), state
    assert (state.phase, len(state.outputs), state.cost) == (Phase.SUCCEEDED, 1, None)
    assert Decimal(str(bill["charged"])) == job.estimate.usd


def test_every_price_says_whose_it_is_and_how_to_state_ones_own() -> None:
    for kind, model, parameters, wired in (*clips, *pictures):
        settled = catalogue.settle(step_of(kind, model, parameters, wired))
        assert settled is not None
        price = catalogue.price(settled, {})
        assert (price.exact, price.cost.units, price.as_of) == (False, (), "2026-09-20")
        assert "`profiles.NAME.prices`" in price.reason
        assert price.source.startswith("Kling API reference")


@pytest.mark.parametrize("shape", ["job", "openai", "wrapped", "native"])
async def test_every_shape_of_a_job_is_read_from_beginning_to_end(tmp_path: Path, shape: str) -> None:
    async with gateway_at(tmp_path, ("answers", f"gateway={shape}")) as stage:
        task = await stage.submitted(job_of("text-to-video", "", {"prompt": "a", "duration": 10}))
        seen = [state.phase for state in (await stage.ask(task)).states]
        stage.clock.advance(60)
        seen += [state.phase for state in (await stage.ask(task)).states]
        done = await stage.done(task)
        (url,) = [output.url for output in done.outputs]
        answer = await stage.client.get(url, headers={"authorization": ""})
    assert [*seen, done.phase] == [Phase.QUEUED, Phase.RUNNING, Phase.SUCCEEDED]
    assert answer.status_code == 200
    assert done.created > 1_700_000_000
    assert shape == "job" or done.updated > done.created


@pytest.mark.parametrize("shape", ["content", "proxy"])
async def test_a_file_that_only_the_gateway_hands_out_is_asked_for_by_its_own_path(tmp_path: Path, shape: str) -> None:
    async with gateway_at(tmp_path, ("answers", f"gateway={shape}")) as stage:
        task = await stage.submitted(job_of("text-to-video", "", {"prompt": "a"}))
        early = await stage.client.get(f"/v1/videos/{task.task_id}/content")
        (output,) = (await stage.done(task)).outputs
        stranger = await stage.client.get(output.url, headers={"authorization": ""})
        owner = await stage.client.get(output.url)
    assert output.url == f"/v1/videos/{task.task_id}/content"
    assert (early.status_code, stranger.status_code, owner.status_code) == (400, 401, 200)
    assert owner.headers["content-type"] == "video/mp4"


async def test_a_step_may_choose_the_shape_of_its_own_answers(tmp_path: Path) -> None:
    job = job_of("text-to-video", "", {"prompt": "a"}, extra={"user": "content"})
    async with gateway_at(tmp_path) as stage:
        (output,) = (await stage.done(await stage.submitted(job))).outputs
    assert output.url.startswith("/v1/videos/task_")


@pytest.mark.parametrize(
    ("fault", "failure"), [("moderated-late", "moderated"), ("failed-late", "")], ids=["moderated", "failed"]
)
@pytest.mark.parametrize("shape", ["job", "openai", "wrapped"])
async def test_what_fails_late_fails_with_a_reason_and_is_not_charged(
    tmp_path: Path, fault: str, failure: str, shape: str
) -> None:
    async with gateway_at(tmp_path, ("fault", f"{fault}=1"), ("answers", f"gateway={shape}")) as stage:
        done = await stage.done(await stage.submitted(job_of("text-to-video", "", {"prompt": "a"})))
        (bill,) = stage.world.bills()
    assert (done.phase, done.failure, done.outputs, bill["charged"]) == (Phase.FAILED, failure, (), "0")
    assert "the " in done.message


async def test_a_repeated_create_makes_and_bills_a_second_job(tmp_path: Path) -> None:
    job = job_of("text-to-video", "", {"prompt": "a"})
    async with gateway_at(tmp_path) as stage:
        first, second = await stage.submitted(job), await stage.submitted(job)
        bills = stage.world.bills()
    assert first.task_id != second.task_id
    assert len(first.task_id) == len("task_") + 32
    assert [bill["service"] for bill in bills] == ["gateway", "gateway"]


async def test_pictures_come_as_addresses_or_as_bytes(tmp_path: Path) -> None:
    gpt = GatewayProvider(AdapterSettings(models={"kling-v3": "gpt-image-1"}))
    square = {"prompt": "a", "aspect_ratio": "1:1"}
    async with gateway_at(tmp_path) as stage:
        plain = await stage.submit(job_of("text-to-image", "", square, takes=(1, 2, 3)))
        asked = await stage.submit(job_of("text-to-image", "", square, extra={"response_format": "b64_json"}))
        stage.provider = gpt
        bytes_only = await stage.submit(job_of("text-to-image", "", square, provider=gpt))
    found = [state for state in (plain, asked, bytes_only) if isinstance(state, TaskState)]
    assert [[output.url.partition(":")[0] for output in state.outputs] for state in found] == [
        ["http", "http", "http"], ["data"], ["data"],
    ]  # fmt: skip
    assert [output.index for output in found[0].outputs] == [0, 1, 2]
    assert len({output.url for output in found[0].outputs}) == 3


async def test_a_picture_is_charged_for_even_if_nobody_waits(tmp_path: Path) -> None:
    async with gateway_at(tmp_path, ("fault", "lost-after=create:#1")) as stage:
        with pytest.raises(ConnectionError):
            await stage.submit(job_of("text-to-image", "", {"prompt": "a"}))
        assert len(stage.world.bills()) == 1


# refusals


async def refused(stage: Stage, *case: Any, **more: Any) -> str:
    answer = await stage.submit(job_of(*case, **more))
    return f"{answer.answer} {answer.code}" if isinstance(answer, Refusal) else str(answer)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ([("fault", "unauthorized-once=#1")], "auth invalid_api_key"),
        ([("fault", "throttled=#1")], "throttled rate_limit_exceeded"),
        ([("fault", "throttled-bare=#1")], "throttled rate_limit_exceeded"),
        ([("fault", "over-quota=#1")], "throttled fail_to_fetch_task"),
        ([("fault", "moderated=#1")], "moderated task_failed"),
        ([("fault", "error-before=#1")], "transient upstream_error"),
        ([("fault", "error-after=#1")], "transient do_request_failed"),
        ([("fault", "malformed=create:#1")], "transient unreadable"),
        ([("units", "gateway.balance=0.1")], "product insufficient_user_quota"),
        ([("pool", "gateway.video=1"), ("forbidden", "kling-v3-std-silent")], "forbidden model_not_allowed"),
        ([("account", "arrears")], "product insufficient_user_quota"),
        ([("account", "blocked")], "forbidden access_denied"),
    ],
)
async def test_each_trouble_is_classed(tmp_path: Path, settings: list[tuple[str, str]], told: str) -> None:
    async with gateway_at(tmp_path, *settings) as stage:
        found = await refused(stage, "text-to-video", "", {"prompt": "a"})
    assert found.startswith(told)


async def test_a_pool_that_is_full_makes_nothing(tmp_path: Path) -> None:
    async with gateway_at(tmp_path, ("pool", "gateway.video=1")) as stage:
        await stage.submitted(job_of("text-to-video", "", {"prompt": "a"}))
        assert await refused(stage, "text-to-video", "", {"prompt": "b"}) == "throttled fail_to_fetch_task"
        assert len(stage.world.bills()) == 1


async def test_quota_of_pictures_stops_pictures_only(tmp_path: Path) -> None:
    async with gateway_at(tmp_path, ("units", "gateway.balance=0")) as stage:
        answer = await stage.submit(job_of("text-to-image", "", {"prompt": "a"}))
    assert isinstance(answer, Refusal)
    assert (answer.answer, answer.code, answer.pack) == (AnswerClass.PRODUCT, "insufficient_quota", "image")


async def test_a_stranger_and_a_wrong_path_are_told_apart(tmp_path: Path) -> None:
    async with gateway_at(tmp_path) as stage:
        job = job_of("text-to-video", "", {"prompt": "a"})
        unknown = await stage.ask(TaskRef("kp-1", "task_unknown", job.route))
        probe = await stage.send(stage.provider.probe(0.0))
        wrong = stage.provider.read_refusal(await stage.send(stage.provider.probe(0.0).__class__("GET", "/v1/nothing")))
    assert unknown.refusal is not None
    assert (unknown.refusal.answer, unknown.refusal.code) == (AnswerClass.NOT_FOUND, "task_not_exist")
    assert stage.provider.read_refusal(probe) is None
    assert wrong is not None
    assert wrong.answer is AnswerClass.FORBIDDEN


async def test_pictures_must_be_reachable_by_the_gateway(tmp_path: Path) -> None:
    body = {"model": "kling-v3-std-silent", "prompt": "a", "image": "http://10.0.0.7/a.png"}
    async with gateway_at(tmp_path) as stage:
        private = await stage.refusal("/v1/video/generations", body)
        inline = await stage.refusal("/v1/video/generations", {**body, "image": "iVBORw0KGgo"})
        small = await stage.refusal("/v1/video/generations", {**body, "image": at("small.png")})
    assert private.startswith("400 fail_to_fetch_task upstream status 400: image cannot be downloaded")
    assert inline == "400 invalid_request image must be a publicly reachable URL"
    assert small.startswith("400 task_failed image is 299x400")
