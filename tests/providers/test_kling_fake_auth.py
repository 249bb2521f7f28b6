"""Who may call Kling's fake, and with which words others are refused (kling.md sections 2 and 8)."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from tests.providers.kling_fake_stage import kling_at, token

pytestmark = pytest.mark.anyio

now = 1_795_000_000
good = {"iss": "simulated-access", "exp": now + 1800, "nbf": now - 5}
three_parts = "The token was expected to have 3 parts, but got 0"
no_pair = "the current API does not support AK/SK"
body_list, path_list = "/v1/images/generations", "/tasks?task_ids=1"


@pytest.mark.parametrize(
    ("authorization", "path", "expected"),
    [
        ("", body_list, "401/1001 Authorization is empty"),
        ("Basic x", body_list, "401/1002 Authorization is invalid: expected a Bearer token"),
        ("Bearer wrong-key", body_list, f"401/1002 {three_parts}"),
        ("Bearer wrong-key", "/account/costs", f"401/1002 {three_parts}"),
        ("Bearer wrong-key", path_list, f"401/1002 {no_pair}"),
        ("Bearer simulated-key", body_list, "200/0 SUCCEED"),
        ("Bearer simulated-key", path_list, "200/0 SUCCEED"),
        ("bearer simulated-key", body_list, "200/0 SUCCEED"),
        (f"Bearer {token(good)}", body_list, "200/0 SUCCEED"),
        (f"Bearer {token(good)}", "/account/costs?start_time=1&end_time=2", "200/0 SUCCEED"),
        (f"Bearer {token(good)}", path_list, f"401/1002 {no_pair}"),
        (f"Bearer {token(good, 'other')}", body_list, "401/1000 authentication failed: the signature does not match"),
        (
            f"Bearer {token({**good, 'iss': 'stranger'})}",
            body_list,
            "401/1002 Authorization is invalid: access key not found",
        ),
        (
            f"Bearer {token(good, alg='none')}",
            body_list,
            "401/1002 Authorization is invalid: the algorithm must be HS256",
        ),
        (f"Bearer {token({**good, 'exp': now})}", body_list, "401/1004 token is expired"),
        (f"Bearer {token({**good, 'nbf': now + 1})}", body_list, "401/1003 token is not valid yet"),
        (
            f"Bearer {token({'iss': 'simulated-access'})}",
            body_list,
            "401/1002 Authorization is invalid: exp is missing",
        ),
        ("Bearer a.b.c", body_list, "401/1002 Authorization is invalid: the token cannot be decoded"),
    ],
)
async def test_a_caller_is_known_by_key_or_token(tmp_path: Path, authorization: str, path: str, expected: str) -> None:
    async with kling_at(tmp_path, key="") as stage:
        answer = await stage.client.get(path, headers={"authorization": authorization} if authorization else {})
    data = answer.json()
    assert f"{answer.status_code}/{data['code']} {data['message']}" == expected


@pytest.mark.parametrize(("skew", "code"), [("-60", 1003), ("0", 0), ("60", 0), ("3600", 1004)])
async def test_a_wrong_clock_shows_in_the_token_and_in_the_date(tmp_path: Path, skew: str, code: int) -> None:
    async with kling_at(tmp_path, ("skew", skew), key=token(good)) as stage:
        answer = await stage.client.get(body_list)
    told = parsedate_to_datetime(answer.headers["date"]).timestamp()
    assert (answer.json()["code"], told) == (code, now + int(skew))


@pytest.mark.parametrize(
    ("account", "expected"),
    [("abnormal", (429, 1100)), ("arrears", (429, 1101)), ("forbidden", (403, 1103)), ("blocked", (429, 1304))],
)
async def test_an_account_that_is_stopped_is_told_why(tmp_path: Path, account: str, expected: tuple[int, int]) -> None:
    async with kling_at(tmp_path, ("account", account)) as stage:
        answer = await stage.client.get(body_list)
    assert (answer.status_code, answer.json()["code"]) == expected


async def test_the_rate_limit_is_1302(tmp_path: Path) -> None:
    async with kling_at(tmp_path, ("rate", "1")) as stage:
        answers = [await stage.client.get(body_list) for _ in range(2)]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(200, 0), (429, 1302)]


@pytest.mark.parametrize(
    ("fault", "status", "code", "wait"),
    [
        ("throttled", 429, 1302, "1"),
        ("throttled-bare", 429, 1302, None),
        ("over-quota", 429, 1303, None),
        ("moderated", 400, 1301, None),
        ("unauthorized-once", 401, 1004, None),
        ("error-before", 503, 5001, None),
        ("error-after", 500, 5000, None),
    ],
)
async def test_faults_speak_the_services_codes(
    tmp_path: Path, fault: str, status: int, code: int, wait: str | None
) -> None:
    async with kling_at(tmp_path, ("fault", f"{fault}=create:#1")) as stage:
        answer = await stage.client.post(body_list, json={"prompt": "a lantern"})
    assert (answer.status_code, answer.json()["code"], answer.headers.get("retry-after")) == (status, code, wait)


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("DELETE", body_list, (404, 1202)),
        ("GET", "/v1/images/nothing", (404, 1203)),
        ("POST", "/audio/kling-9", (404, 1203)),
    ],
)
async def test_paths_and_methods_nobody_knows(
    tmp_path: Path, method: str, path: str, expected: tuple[int, int]
) -> None:
    async with kling_at(tmp_path) as stage:
        answer = await stage.client.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == expected
