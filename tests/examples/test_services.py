"""Every example of the five documents is taken by the service that it is for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from kling_pipe.providers.picsart.fake_executable_flags import flags_of_all_models, params_of, read
from kling_pipe.providers.picsart.fake_executable_models import models
from kling_pipe.providers.picsart.fake_executable_payloads import payload_of
from kling_pipe.values.answer import Refusal
from kling_pipe.values.credential import CredentialKind
from kling_pipe.values.job import TaskRef, TaskState
from kling_pipe.values.money import Cost
from kling_pipe.values.wire import Request
from tests.examples.making import adapter_of, examined, job_of, request_of
from tests.examples.reading import Example, documents, examples
from tests.examples.services import Services, services_at

pytestmark = pytest.mark.anyio

Answer = TaskState | Cost | Refusal
_long = 5000.0  # seconds in which everything is made


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[Services]:
    async with services_at(tmp_path) as found:
        yield found


@pytest.mark.parametrize("document", documents())
async def test_every_example_of_a_document_is_taken(document: str, services: Services) -> None:
    told: dict[str, Answer] = {}
    for example in (one for one in examples() if one.document == document):
        services.clock.advance(_long)
        told[str(example)] = await answer_to(example, services, told)
    assert {name: answer for name, answer in told.items() if isinstance(answer, Refusal)} == {}
    assert all(isinstance(answer, Cost) == name.endswith("-price") for name, answer in told.items())
    assert len(services.world.bills()) == sum(name.endswith(("-create", "-run")) for name in told)


@pytest.mark.parametrize("document", [one for one in documents() if documents()[one]["provider"] != "picsart"])
async def test_nothing_costs_more_than_it_was_reckoned_at(document: str, services: Services) -> None:
    """What nobody prices any more is reckoned at a price that is surely enough; what has a list price, at that."""
    for example in (one for one in examples() if one.document == document and one.form == "create"):
        services.clock.advance(_long)
        job = job_of(example)[0]
        assert isinstance(await answer_to(example, services, {}), TaskState)
        bill = services.world.bills()[-1]
        charged = Decimal(str(bill["charged"]))
        reckoned = job.estimate.usd if bill["currency"] == "USD" else sum(dict(job.estimate.units).values())
        assert charged <= reckoned, str(example)
        assert charged == reckoned or is_retired(example), str(example)


def is_retired(example: Example) -> bool:
    """Whether the example's model is one that Kling itself has retired."""
    return "model-retired" in [problem.code for problem in examined(example.document).told[example.step]]


async def answer_to(example: Example, services: Services, told: Mapping[str, Answer]) -> Answer:
    """What the service says to an example: how its task stands, or what it would cost."""
    provider, request, route = adapter_of(example), request_of(example), job_of(example)[0].route
    if example.form == "query":
        creating = replace(example, form="create")
        made = told[str(creating)]
        assert isinstance(made, TaskState), made
        task = TaskRef(job_of(creating)[0].external_id, made.task_id, route)
        query = provider.single(task, CredentialKind.API_KEY)
        found = provider.read_query(query, await services.send(provider, query.request))
        return found.refusal or found.states[0]
    if example.form == "run":
        request, provider = below(request), adapter_of(replace(example, form="create"))
    body = await services.with_files(provider, request.body)
    response = await services.send(provider, replace(request, body=body))
    return provider.read_price(response) if example.form == "price" else provider.read_submit(response, route)


def below(run: Request) -> Request:
    """The request that the service's own tool makes of its command line."""
    _, model, *arguments = run.arguments
    own = models[model.removeprefix("--model=")]
    switches, texts = flags_of_all_models()
    line = read(arguments[: arguments.index("--no-input")], "generate", switches, texts)
    workflow, payload = payload_of(own, params_of(own, line))
    return Request("POST", f"/workflows/{workflow}/submit", body={"params": payload}, creates=True)
