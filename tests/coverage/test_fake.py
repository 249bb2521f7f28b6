"""The simulated service answers every call of the API, and reads exactly the fields that the data lists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.coverage.probing import Stage, base_of, others_of
from tests.coverage.reading import Call, calls

pytestmark = pytest.mark.anyio
posts = tuple(call for call in calls().values() if call.method == "POST")
single = tuple(call for call in calls().values() if call.path.endswith("/{id}"))
lists = tuple(call for call in calls().values() if {field.name for field in call.fields} == {"pageNum", "pageSize"})
cannot_be = {"array": "wrong", "object": "wrong"}
validated = {"image-to-video.kling-3.0-turbo": {"settings.audio"}}  # D8: undocumented there too, and validated


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage.of(tmp_path)


def test_every_call_is_posted_single_or_a_list_or_one_of_two() -> None:
    rest = {call.id for call in calls().values()} - {call.id for call in (*posts, *single, *lists)}
    assert rest == {"tasks.get", "account.costs"}


def test_nothing_is_answered_besides_what_other_clients_call_too(stage: Stage) -> None:
    paths = {(call.method, stage.path_of(call)) for call in calls().values()}
    assert set(stage.endpoints) - paths == {("GET", "/v1/general/presets-elements"), ("GET", "/v1/audio/tts/{id}")}


@pytest.mark.parametrize("call", posts, ids=lambda call: call.id)
async def test_exactly_the_fields_of_a_body_are_read(stage: Stage, call: Call) -> None:
    values = {field.name: cannot_be.get(field.type, {"wrong": 1}) for field in call.fields}
    unread = {name for name, value in values.items() if not await stage.reads(call, name, value)}
    besides = {name for name in others_of(call) if await stage.reads(call, name, ["wrong"])}
    assert (unread, besides) == (set(), validated.get(call.id, set()))


@pytest.mark.parametrize("call", posts, ids=lambda call: call.id)
async def test_a_good_request_is_refused_for_what_is_not_there_at_most(stage: Stage, call: Call) -> None:
    answer = await stage.answer(call, base_of(call))
    assert answer["code"] == 0 or re.search("not found|expired|discontinued", answer["message"]), answer


@pytest.mark.parametrize("call", lists, ids=lambda call: call.id)
async def test_a_page_is_asked_for_by_number_and_size(stage: Stage, call: Call) -> None:
    assert (await stage.answer(call, query={"pageNum": "1", "pageSize": "30"}))["code"] == 0
    for name in ("pageNum", "pageSize"):
        answer = await stage.answer(call, query={"pageNum": "1", "pageSize": "30", name: "wrong"})
        assert (answer["code"], name in answer["message"]) == (1200, True)


@pytest.mark.parametrize("call", single, ids=lambda call: call.id)
async def test_a_task_is_asked_for_by_its_id(stage: Stage, call: Call) -> None:
    answer = await stage.answer(call)
    assert (answer["code"], "no-such-task" in answer["message"]) == (1201, True)


async def test_tasks_are_asked_for_by_either_kind_of_id(stage: Stage) -> None:
    codes = {
        name: (await stage.answer(calls()["tasks.get"], query={name: "1,2"}))["code"]
        for name in ("task_ids", "external_task_ids", "ids")
    }
    assert codes == {"task_ids": 0, "external_task_ids": 0, "ids": 1200}


async def test_costs_are_asked_for_by_time_and_by_the_name_of_a_pack(stage: Stage) -> None:
    good = {"start_time": "1790000000000", "end_time": "1790000100000", "resource_pack_name": "none"}
    assert (await stage.answer(calls()["account.costs"], query=good))["code"] == 0
    for name in ("start_time", "end_time"):
        answer = await stage.answer(calls()["account.costs"], query={**good, name: "wrong"})
        assert (answer["code"], name in answer["message"]) == (1200, True)
