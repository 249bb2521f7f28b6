"""Every example of the five documents is taken by the service that it is for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
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


@pytest.mark.parametrize("example", [one for one in examples() if one.typed], ids=str)
def test_a_run_asks_for_what_the_typed_line_asks_for(example: Example) -> None:
    assert below(request_of(example)).body == {"params": understood(example.typed)[1]}
    assert f"RUN /{understood(example.typed)[0]}" == example.call


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
    workflow, payload = understood(run.arguments[1 : run.arguments.index("--no-input")])
    return Request("POST", f"/workflows/{workflow}/submit", body={"params": payload}, creates=True)


def understood(words: Sequence[str]) -> tuple[str, Mapping[str, object]]:
    """What the tool asks for, by which workflow, when it is told to generate with these words."""
    rest = list(words)
    if rest[0] == "-m":
        rest[:2] = [f"--model={rest[1]}"]
    own = models[rest.pop(0).removeprefix("--model=")]
    switches, texts = flags_of_all_models()
    return payload_of(own, params_of(own, read(rest, "generate", switches, texts)))
