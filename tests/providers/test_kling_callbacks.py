"""What the service tells by itself, in both shapes, and whom it is believed from. kling.md section 6."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from kling_pipe.providers.kling.adapter import KlingProvider
from kling_pipe.values.job import Output, Phase, TaskState
from kling_pipe.values.media import MediaType
from kling_pipe.values.money import Cost
from kling_pipe.values.secret import Secret

provider = KlingProvider()
# The published test vector, kept in kling.json; recomputed and equal.
secret = Secret("whsec_dGVzdHNlY3JldHRlc3RzZWNyZXR0ZXN0c2VjcmV0MTI=")
headers = {
    "webhook-id": "9876543210",
    "webhook-timestamp": "1781080794",
    "webhook-signature": "v1,UsKlJP00XoQyOn410NM9xv34sP+Gl0jnOO9Lcpr7NJ4=",
}
body = b'{"id":"1234567890","status":"succeeded","message":"","create_time":1781080778802,"update_time":1781080794151}'
now = 1781080794.0


def told(data: object) -> TaskState | None:
    return provider.read_callback(json.dumps(data).encode())


def test_the_published_vector_is_good() -> None:
    assert provider.is_signed(headers, body, secret, now)


@pytest.mark.parametrize("signatures", ["v1,AAAA {}", "{} v1,AAAA", "v2,x {} v1,y"])
def test_one_good_signature_of_several_is_enough_while_a_secret_is_rotated(signatures: str) -> None:
    given = {**headers, "webhook-signature": signatures.format(headers["webhook-signature"])}
    assert provider.is_signed(given, body, secret, now)


@pytest.mark.parametrize("away", [-300, 0, 300])
def test_clocks_may_differ_by_five_minutes(away: int) -> None:
    assert provider.is_signed(headers, body, secret, now + away)
    assert not provider.is_signed(headers, body, secret, now + 301)
    assert not provider.is_signed(headers, body, secret, now - 301)


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "9876543211"},
        {"webhook-timestamp": "1781080795"},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": ""},
        {"webhook-signature": ""},
        {"webhook-signature": "UsKlJP00XoQyOn410NM9xv34sP+Gl0jnOO9Lcpr7NJ4="},
        {"webhook-signature": "v1,UsKlJP00XoQyOn410NM9xv34sP+Gl0jnOO9Lcpr7NJ5="},
        {"webhook-signature": "v1,ü"},
    ],
)
def test_anything_else_is_not(change: dict[str, str]) -> None:
    assert not provider.is_signed({**headers, **change}, body, secret, now)


def test_a_changed_body_and_missing_headers_are_not_signed() -> None:
    assert not provider.is_signed(headers, body.replace(b"1234567890", b"1234567891"), secret, now)
    assert not provider.is_signed({}, body, secret, now)


@pytest.mark.parametrize("wrong", ["", "whsec_", "whsec_dGVzdA==", "whsec_not base64", "whsec_ü"])
def test_another_secret_makes_no_signature_good(wrong: str) -> None:
    assert not provider.is_signed(headers, body, Secret(wrong), now)


def test_a_secret_is_the_same_without_its_prefix() -> None:
    assert provider.is_signed(headers, body, Secret(secret.reveal().removeprefix("whsec_")), now)


def test_both_shapes_tell_of_a_task_that_goes_on() -> None:
    one = {"task_id": "7", "task_status": "processing", "task_info": {"external_task_id": "kp-a"}, "task_result": {}}
    other = {"id": "7", "status": "processing", "external_id": "kp-a"}
    assert told(one) == told(other) == TaskState("7", "kp-a", Phase.RUNNING, status="processing")


@pytest.mark.parametrize(
    ("result", "kind", "cost"),
    [
        ({"images": [{"index": 0, "url": "u"}]}, MediaType.IMAGE, Cost(Decimal("0.028"), (("image", Decimal(8)),))),
        ({"videos": [{"id": "9", "url": "u"}]}, MediaType.VIDEO, Cost(Decimal("1.12"), (("video", Decimal(8)),))),
        ({"audios": [{"id": "9", "url_mp3": "u"}]}, MediaType.AUDIO, Cost(Decimal("1.12"), (("audio", Decimal(8)),))),
    ],
)
def test_what_was_made_tells_the_pack(result: object, kind: MediaType, cost: Cost) -> None:
    state = told({"task_id": "7", "task_status": "succeed", "task_result": result, "final_unit_deduction": "8"})
    assert state is not None
    assert (state.phase, state.cost, [output.type for output in state.outputs]) == (Phase.SUCCEEDED, cost, [kind])


def test_a_path_task_is_told_whole() -> None:
    task = {
        "id": "7", "status": "succeeded", "external_id": "kp-a", "create_time": 1789900000000,
        "outputs": [{"type": "video", "id": "9", "url": "u", "duration": "5.041"}],
        "billing": [{"charge_type": "unit", "amount": "3", "package_type": "video"}],
    }  # fmt: skip
    assert told(task) == TaskState(
        "7", "kp-a", Phase.SUCCEEDED, outputs=(Output("u", MediaType.VIDEO, 0, "9", 5.041),),
        cost=Cost(Decimal("0.42"), (("video", Decimal(3)),)), created=1789900000.0, status="succeeded",
    )  # fmt: skip


def test_a_success_that_shows_nothing_is_asked_for_once_more() -> None:
    """The page documents pictures and clips only; other products may send no more than their end."""
    for task in ({"task_id": "7", "task_status": "succeed", "final_unit_deduction": "1"}, json.loads(body)):
        state = told(task)
        assert state is not None
        assert (state.phase, state.outputs, state.cost) == (Phase.RUNNING, (), None)


def test_a_failure_tells_its_reason_and_no_cost_whose_pack_nobody_knows() -> None:
    task = {"task_id": "7", "task_status": "failed", "task_status_msg": "risk control", "final_unit_deduction": "0.00"}
    state, charged = told(task), told({**task, "final_unit_deduction": "3"})
    assert state is not None
    assert charged is not None
    assert (state.phase, state.failure, state.message) == (Phase.FAILED, "moderated", "risk control")
    assert (state.cost, charged.cost) == (Cost(), None)


@pytest.mark.parametrize("noise", [b"", b"[]", b"{}", b'"x"', b'{"code":0,"data":{}}', b"\xff\xfe", b'{"id":7}'])
def test_what_is_no_task_is_nothing(noise: bytes) -> None:
    assert provider.read_callback(noise) is None
