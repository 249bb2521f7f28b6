"""Adapter, fake service and stand-in for the executable, each written from the page alone, meet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from kling_pipe.providers.picsart.fake_executable_flags import flags_of_all_models, params_of, read
from kling_pipe.providers.picsart.fake_executable_generate import check_required
from kling_pipe.providers.picsart.fake_executable_models import models
from kling_pipe.providers.picsart.fake_executable_payloads import payload_of
from kling_pipe.values.answer import Refusal
from kling_pipe.values.credential import Credential, CredentialKind
from kling_pipe.values.job import Job, Phase, TaskRef, TaskState
from kling_pipe.values.money import Cost
from kling_pipe.values.secret import Secret
from kling_pipe.values.transfer import Handed
from kling_pipe.values.wire import Request, Response
from tests.providers.picsart_fake_stage import Stage, at, picsart_at
from tests.providers.picsart_jobs import executable, handed, http, job_of
from tests.providers.test_picsart_properties import accepted, steps
from tests.providers.test_picsart_requests import cases, named

switches, texts = flags_of_all_models()
key = Credential(CredentialKind.API_KEY, Secret("simulated-key"))
user = Credential(CredentialKind.API_KEY, Secret("simulated-key"), Secret("17"))
_files = {"video": "dance.mp4", "audio": "line.mp3"}


def understood(job: Job) -> tuple[str, dict[str, Any]]:
    """The workflow and payload that the stand-in makes of an argument list."""
    _, model, *arguments = executable.submit(job, handed(job)).arguments
    own = models[model.removeprefix("--model=")]
    line = read(arguments[: arguments.index("--no-input")], "generate", switches, texts)
    params = params_of(own, line)
    check_required(own, params)
    return payload_of(own, params)


def check_agreement(step: tuple[str, str, dict[str, Any], list[str]]) -> bool:
    """Whether the step can be made in both ways; then both ask for the very same."""
    kind, model, parameters, wired = step
    said = [*parameters.values(), *(shot["prompt"] for shot in parameters.get("shots", ()) if isinstance(shot, dict))]
    if not accepted(*step) or any("\0" in text for text in said if isinstance(text, str)):
        return False
    job = job_of(kind, model, parameters, wired)
    if isinstance(executable.route(kind, job.model, job.parameters, (), None, wired), Refusal):
        return False
    workflow, payload = understood(job_of(kind, model, parameters, wired, provider=executable))
    if "image" in payload and "aspect_ratio" not in parameters and kind == "image-to-video":
        del payload["aspect_ratio"]  # the executable says its default even where the start frame decides
    assert (job.route.endpoint, http.submit(job, handed(job)).fields["params"]) == (workflow, payload)
    return True


@given(steps())
def test_an_argument_list_asks_for_what_the_payload_asks_for(step: tuple[str, str, dict[str, Any], list[str]]) -> None:
    check_agreement(step)


async def sent(stage: Stage, request: Request, credential: Credential = key) -> Response:
    signed = http.sign(request, credential, 0.0)
    form = [(part.name, (part.filename or None, part.data or part.text, part.mime or None)) for part in signed.form]
    path = f"/{request.host}{request.path}" if request.host else request.path
    stage.client.headers.clear()
    answer = await stage.client.request(
        signed.method, path, json=signed.body if signed.body is not None else None, files=form or None,
        headers=dict(signed.headers),
    )  # fmt: skip
    return Response(answer.status_code, dict(answer.headers), answer.content)


def media_of(job: Job) -> dict[str, Handed]:
    """Files of the world's own."""
    names = {material.field: _files.get(material.field, "wide.png") for material in job.materials}
    return {field: Handed(url=at(name)) for field, name in names.items()}


@pytest.mark.anyio
@pytest.mark.parametrize("case", cases, ids=named)
async def test_every_submit_is_taken_priced_and_made(tmp_path: Path, case: Any) -> None:
    job = job_of(case.kind, case.model, case.parameters, case.wired, takes=case.takes)
    async with picsart_at(tmp_path) as stage:
        question = http.price_query(job, media_of(job))
        assert question is not None
        price = http.read_price(await sent(stage, question))
        assert isinstance(price, Cost)
        assert stage.world.tasks() == ()
        created = http.read_submit(await sent(stage, http.submit(job, media_of(job))), job.route)
        assert isinstance(created, TaskState), created
        query = http.single(TaskRef("kp-1", created.task_id, job.route), CredentialKind.API_KEY)
        (early,) = http.read_query(query, await sent(stage, query.request)).states
        assert early.phase in (Phase.QUEUED, Phase.RUNNING)
        stage.clock.advance(2000)
        (late,) = http.read_query(query, await sent(stage, query.request, user)).states
        assert (late.phase, late.task_id) == (Phase.SUCCEEDED, created.task_id)
        assert [output.type for output in late.outputs] == [job.makes] * len(job.takes)


@pytest.mark.anyio
async def test_a_file_that_was_put_up_is_found_at_its_address(tmp_path: Path) -> None:
    async with picsart_at(tmp_path) as stage:
        data = (await stage.client.get(at("wide.png"))).content
        for credential in (key, user):
            told = http.read_upload(await sent(stage, http.upload("a.png", "image/png", data), credential))
            assert not isinstance(told, Refusal)
            job = job_of("image-to-video", "", {"prompt": "x"}, ("image",))
            created = http.read_submit(await sent(stage, http.submit(job, {"image": told.handed})), job.route)
            assert isinstance(created, TaskState)


@pytest.mark.anyio
async def test_the_probe_is_answered(tmp_path: Path) -> None:
    async with picsart_at(tmp_path) as stage:
        assert http.read_refusal(await sent(stage, http.probe(0.0))) is None
        wrong = Credential(CredentialKind.API_KEY, Secret("wrong"))
        refused = http.read_refusal(await sent(stage, http.probe(0.0), wrong))
        assert refused is not None
        assert str(refused.answer) == "auth"


@pytest.mark.anyio
async def test_a_task_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    async with picsart_at(tmp_path) as stage:
        job = job_of("text-to-image", "", {"prompt": "x"})
        query = http.single(TaskRef("kp-1", "no-such", job.route), CredentialKind.API_KEY)
        told = http.read_query(query, await sent(stage, query.request))
        assert told.refusal is not None
        assert str(told.refusal.answer) == "not-found"
