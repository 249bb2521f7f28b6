"""What holds of any answer and of any step that is let pass; the drawers' files are scripts with the long form."""

from __future__ import annotations

from pathlib import Path

import pytest

from kling_pipe.values.answer import Refusal
from tests.providers import gateway_answers, gateway_steps
from tests.providers.gateway_stage import gateway_at


@pytest.mark.parametrize("seed", range(5))
def test_any_answer_is_read_and_none_that_may_have_made_something_is_for_sure(seed: int) -> None:
    wrong = [line for response in gateway_answers.answers(seed, 120) for line in gateway_answers.check(response)]
    assert wrong == []


@pytest.mark.anyio
async def test_what_is_let_pass_is_accepted_and_billed_as_priced(tmp_path: Path) -> None:
    async with gateway_at(tmp_path, ("pool", "gateway.video=100000")) as stage:
        found = [await gateway_steps.tried(stage, step) for step in gateway_steps.steps(3, 150)]
    assert [told for told in found if told not in ("", gateway_steps.refused_here)] == []
    assert found.count("") > 40
    assert found.count(gateway_steps.refused_here) > 40


def test_a_refusal_shows_no_signed_address() -> None:
    provider = gateway_answers.GatewayProvider()
    body = b'{"code":"task_failed","message":"cannot read https://b.example.org/a.png?X-Amz-Signature=abc","data":null}'
    found = provider.read_submit(gateway_answers.Response(400, {}, body), gateway_answers.clips)
    assert isinstance(found, Refusal)
    assert "abc" not in found.message
