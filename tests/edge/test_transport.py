"""The network's door, over a real loopback socket: lost answers, odd answers, redirects, private hosts, resuming."""

from __future__ import annotations

import asyncio
import email
import json
import socket
import traceback
from dataclasses import replace

import pytest

from kling_pipe.edge import transport
from kling_pipe.edge.transport import HttpFiles, HttpWire, host_of, joined
from kling_pipe.errors import UsageFailure
from kling_pipe.values.transfer import AnswerMissing, FetchTrouble
from kling_pipe.values.wire import FormPart, Request, Response
from tests.edge.loopback import Script, http, serving

pytestmark = pytest.mark.anyio
secret = "sk-very-secret-0123456789"
create = Request(
    "POST", "/v1/videos", body={"prompt": "a boat"}, headers=(("authorization", f"Bearer {secret}"),), creates=True
)


async def sent(script: Script, request: Request = create) -> Response:
    async with serving(script) as server:
        wire = HttpWire(server.url)
        try:
            return await wire.send(request)
        finally:
            await wire.close()


async def missing(script: Script) -> AnswerMissing:
    with pytest.raises(AnswerMissing) as raised:
        await sent(script)
    told = "".join(traceback.format_exception(raised.value))
    assert secret not in told
    return raised.value


async def test_a_request_arrives_as_it_was_written() -> None:
    async with serving(lambda _number, _head: http(200, b'{"code": 0}', x_request_id="r1")) as server:
        wire = HttpWire(server.url + "/", agent="kling-pipe/1")
        response = await wire.send(Request("GET", "/v1/tasks", query=(("page", "1"), ("ids", "a,b"))))
        await wire.close()
    assert (response.status, response.json(), response.headers["x-request-id"]) == (200, {"code": 0}, "r1")
    assert server.heads[0].startswith("GET /v1/tasks?page=1&ids=a%2Cb HTTP/1.1")
    assert "user-agent: kling-pipe/1" in server.heads[0].lower()


async def test_a_connection_that_ends_without_a_word_is_a_lost_answer() -> None:
    found = await missing(lambda _number, _head: None)
    assert (found.code, found.sent) == ("reset", True)


async def test_an_answer_that_breaks_off_is_a_lost_answer() -> None:
    found = await missing(lambda _number, _head: http(200, b'{"code": 0, "da', length=5000))
    assert (found.code, found.sent) == ("reset", True)


async def test_an_answer_that_is_no_http_is_a_lost_answer() -> None:
    found = await missing(lambda _number, _head: b"SSH-2.0-OpenSSH_9.6\r\n\r\n")
    assert (found.code, found.sent) == ("reset", True)


async def test_a_port_nobody_listens_on_was_surely_not_reached() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    wire = HttpWire(f"http://127.0.0.1:{port}")
    with pytest.raises(AnswerMissing) as raised:
        await wire.send(create)
    await wire.close()
    assert (raised.value.code, raised.value.sent) == ("unreachable", False)


async def test_patience_with_an_answer_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "create_seconds", 0.05)
    gate = asyncio.Event()

    async def mute(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gate.wait()
        writer.close()

    server = await asyncio.start_server(mute, "127.0.0.1", 0)
    wire = HttpWire(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    with pytest.raises(AnswerMissing) as raised:
        await wire.send(create)
    gate.set()
    await wire.close()
    server.close()
    await server.wait_closed()
    assert (raised.value.code, raised.value.message, raised.value.sent) == ("timeout", "no answer within 0.05 s", True)


async def test_a_huge_answer_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "most_answer_bytes", 1 << 16)
    assert (await missing(lambda _number, _head: http(200, b"x" * (1 << 20)))).code == "unreadable"


@pytest.mark.parametrize("body", [b"<html>busy</html>", b"", b"[1, 2]", b"\xff\xfe", b"[" * 100_000, b'{"a": NaN'])
async def test_an_answer_that_is_no_json_object_is_none(body: bytes) -> None:
    assert (await sent(lambda _number, _head: http(502, body))).json() is None


async def test_a_redirect_of_the_api_is_not_followed() -> None:
    def away(_number: int, _head: str) -> bytes:
        return http(307, b"", location="http://127.0.0.1:1/stolen")

    async with serving(away) as server:
        wire = HttpWire(server.url)
        response = await wire.send(create)
        await wire.close()
    assert (response.status, len(server.heads)) == (307, 1)


@pytest.mark.parametrize("value", ["Bearer sk-very\nsecret", "Bearer sk-vérÿ-secret", "Bearer sk-very\x00secret"])
async def test_a_credential_that_cannot_be_a_header_is_in_no_message(value: str) -> None:
    wire = HttpWire("http://127.0.0.1:1")
    with pytest.raises(AnswerMissing) as raised:
        await wire.send(Request("GET", "/", headers=(("authorization", value),)))
    await wire.close()
    assert "secret" not in str(raised.value) + raised.value.message
    assert not raised.value.sent


@pytest.mark.parametrize(
    "address", ["http://[::1", "ftp://host", "no-scheme.example", "http://", "", "http://host:port", "localhost:8700"]
)
def test_an_address_that_is_none_is_refused_before_anything_is_asked(address: str) -> None:
    with pytest.raises(UsageFailure, match=r"bad-base-url: `.*` is not an API's address"):
        HttpWire(address)


@pytest.mark.parametrize("tail", [b"\\/tail+x==", b"\\u002ftail", b":tail$", b"/tail"])
async def test_an_answer_that_repeats_the_credential_in_other_letters_tells_none_of_it(tail: bytes) -> None:
    repeated = b'{"message": "bad token Bearer key-0123456789' + tail + b'"}'
    async with serving(lambda _number, _head: http(401, repeated)) as server:
        wire = HttpWire(f"http://{server.host}")
        header = ("authorization", "Bearer key-0123456789/tail+x==")
        answer = await wire.send(Request("GET", "/", headers=(header,)))
        await wire.close()
    assert answer.body == b'{"message": "bad token ****"}'


async def test_a_list_of_tasks_is_a_body_too() -> None:
    async with serving(lambda _number, _head: http()) as server:
        wire = HttpWire(server.url)
        await wire.send(Request("POST", "/v1", body=[{"taskType": "ping"}, {"taskType": "ping"}]))
        await wire.close()
    assert json.loads(server.bodies[0]) == [{"taskType": "ping"}, {"taskType": "ping"}]


async def test_a_form_carries_texts_and_files_in_their_order() -> None:
    parts = (FormPart("type", "editing-temp"), FormPart("file", "", "hero.png", "image/png", b"\x89PNG"))
    async with serving(lambda _number, _head: http()) as server:
        wire = HttpWire(server.url)
        await wire.send(Request("POST", "/v2/files", form=parts))
        await wire.close()
    head = email.message_from_string(server.heads[0].partition("\r\n")[2])
    assert head.get_content_type() == "multipart/form-data"
    mail = email.message_from_bytes(b"content-type: " + head["content-type"].encode() + b"\r\n\r\n" + server.bodies[0])
    told = [
        (part.get_param("name", header="content-disposition"), part.get_filename(), part.get_content_type(),
         part.get_payload(decode=True))
        for part in mail.walk() if not part.is_multipart()
    ]  # fmt: skip
    assert told == [
        ("type", None, "text/plain", b"editing-temp"),
        ("file", "hero.png", "image/png", b"\x89PNG"),
    ]


async def test_a_request_may_go_to_another_address_of_the_profile_and_to_no_other() -> None:
    async with serving(lambda _number, _head: http(200, b"upload")) as server:
        wire = HttpWire("http://127.0.0.1:1", hosts={"upload": server.url})
        answer = await wire.send(Request("POST", "/v2/files", host="upload"))
        with pytest.raises(AnswerMissing) as raised:
            await wire.send(Request("POST", "/v2/files", host="elsewhere"))
        await wire.close()
    assert (answer.body, raised.value.code, raised.value.sent) == (b"upload", "unsendable", False)


def test_another_address_of_the_profile_is_as_safe_as_the_first() -> None:
    with pytest.raises(UsageFailure, match="insecure-base-url"):
        HttpWire("https://api.example.com", hosts={"upload": "http://upload.example.com"})


async def test_a_request_may_ask_for_patience_of_its_own() -> None:
    gate = asyncio.Event()

    async def mute(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gate.wait()
        writer.close()

    server = await asyncio.start_server(mute, "127.0.0.1", 0)
    wire = HttpWire(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    with pytest.raises(AnswerMissing) as raised:
        await wire.send(replace(create, patience=0.04))
    gate.set()
    await wire.close()
    server.close()
    await server.wait_closed()
    assert raised.value.message == "no answer within 0.04 s"


@pytest.mark.parametrize(
    ("base", "path", "whole"),
    [
        ("https://a.example/v1", "/v1/videos", "https://a.example/v1/videos"),
        ("https://a.example/v1", "/v1", "https://a.example/v1"),
        ("https://a.example/v1", "/v10/videos", "https://a.example/v1/v10/videos"),
        ("https://a.example/gateway", "/v1/videos", "https://a.example/gateway/v1/videos"),
        ("https://v1", "/v1/videos", "https://v1/v1/videos"),
        ("https://a.example", "/v1", "https://a.example/v1"),
    ],
)
def test_the_last_segment_of_an_address_is_not_repeated(base: str, path: str, whole: str) -> None:
    assert joined(base, path) == whole


async def told(request: Request, status: int, said: bytes) -> bytes:
    async with serving(lambda _number, _head: http(status, said)) as server:
        wire = HttpWire(server.url)
        answer = await wire.send(request)
        await wire.close()
    return answer.body


@pytest.mark.parametrize("name", ["x-api-key", "X-Access-Token", "cookie", "api-secret"])
async def test_no_header_that_is_called_a_key_is_told(name: str) -> None:
    request = Request("GET", "/", headers=((name, "sk-0123456789-abcdef"),))
    assert await told(request, 200, b'{"message": "sk-0123456789-abcdef"}') == b'{"message": "****"}'


async def test_a_key_within_a_body_is_not_told() -> None:
    request = Request("POST", "/v1", body=[{"taskType": "authentication", "apiKey": "rw-0123456789-abcdef"}])
    said = b'{"errors": [{"message": "no such key: rw-0123456789-abcdef"}]}'
    assert await told(request, 401, said) == b'{"errors": [{"message": "no such key: ****"}]}'


async def test_a_users_id_is_told_where_it_leads_to_a_file_and_in_no_error() -> None:
    request = Request("GET", "/", headers=(("user-id", "4711471"),))
    made = b'{"url": "https://cdn.example/4711471/clip.mp4", "id": 471147100}'
    assert await told(request, 200, made) == made
    assert await told(request, 403, b'{"user": 4711471, "id": 471147100}') == b'{"user": 0, "id": 471147100}'


# files


async def read(http_files: HttpFiles, url: str, offset: int = 0) -> tuple[int, bytes]:
    try:
        async with http_files.open(url, offset) as (start, pieces):
            return start, b"".join([piece async for piece in pieces])
    finally:
        await http_files.close()


async def fetched(script: Script, offset: int = 0) -> tuple[int, bytes]:
    async with serving(script) as server:
        return await read(HttpFiles([server.host]), f"{server.url}/a.mp4", offset)


async def troubled(script: Script, offset: int = 0) -> FetchTrouble:
    with pytest.raises(FetchTrouble) as raised:
        await fetched(script, offset)
    return raised.value


async def test_a_file_is_streamed_whole() -> None:
    assert await fetched(lambda _number, _head: http(200, b"x" * 3_000_000)) == (0, b"x" * 3_000_000)


async def test_a_file_is_resumed_where_it_broke() -> None:
    def rest(_number: int, head: str) -> bytes:
        assert "range: bytes=4-" in head.lower()
        return http(206, b"5678", content_range="bytes 4-7/8")

    assert await fetched(rest, offset=4) == (4, b"5678")


async def test_a_server_that_ignores_the_range_begins_anew() -> None:
    assert await fetched(lambda _number, _head: http(200, b"12345678"), offset=4) == (0, b"12345678")


@pytest.mark.parametrize("told", ["bytes 2-7/8", "bytes */8", "nonsense"])
async def test_a_part_that_begins_elsewhere_is_not_taken(told: str) -> None:
    trouble = await troubled(lambda _number, _head: http(206, b"345678", content_range=told), offset=4)
    assert "another part" in trouble.message


async def test_a_truncated_file_is_told() -> None:
    trouble = await troubled(lambda _number, _head: http(200, b"1234", length=8))
    assert (trouble.gone, trouble.damaged) == (False, False)


@pytest.mark.parametrize(
    ("status", "gone"), [(404, True), (403, True), (410, True), (500, False), (429, False), (416, False)]
)
async def test_a_refused_file_is_gone_or_troubled(status: int, gone: bool) -> None:
    trouble = await troubled(lambda _number, _head: http(status))
    assert (trouble.message, trouble.gone) == (f"the file's address answers {status}", gone)


async def test_a_file_too_large_to_be_media_is_not_begun() -> None:
    trouble = await troubled(lambda _number, _head: http(200, b"", length=5 << 30))
    assert trouble.message == "the file is larger than 4 GiB"


async def test_redirects_of_files_are_followed_a_few_times() -> None:
    def hop(number: int, _head: str) -> bytes:
        return http(302, b"", location=f"/{number}") if number < 4 else http(200, b"here")

    assert await fetched(hop) == (0, b"here")
    trouble = await troubled(lambda number, _head: http(302, b"", location=f"/{number}"))
    assert trouble.message == "more than 4 redirects"


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:1/x",
        "file:///etc/passwd",
        "https://127.0.0.1:1/x",
        "https://[::1",
        "https://" + "a" * 70 + ".example/",
    ],
)
async def test_a_redirect_to_where_files_may_not_come_from_is_refused(location: str) -> None:
    await troubled(lambda _number, _head: http(302, b"", location=location))


@pytest.mark.parametrize(
    "url",
    [
        "http://93.184.216.34/a.png", "https://127.0.0.1/a.png", "https://localhost/a.png", "https://169.254.169.254/latest",
        "https://10.0.0.1/", "https://[::1]/", "https://0.0.0.0/", "ftp://example.com/a.png", "", "https://", "https://[::1",
        "https://" + "a" * 70 + ".example/a.png", "https://a..b/", "https://[::ffff:127.0.0.1]/",
    ],
)  # fmt: skip
async def test_plain_http_private_hosts_and_no_addresses_are_refused(url: str) -> None:
    with pytest.raises(FetchTrouble):
        await read(HttpFiles([]), url)


async def test_a_file_is_asked_for_without_any_credential() -> None:
    async with serving(lambda _number, _head: http(200, b"x")) as server:
        await read(HttpFiles([server.host]), f"http://user:password@{server.host}/a.png")
    assert "cookie" not in server.heads[0].lower()


@pytest.mark.parametrize(
    ("url", "host"), [("https://a.example:8700/x", "a.example:8700"), ("http://u:p@a.example/x", "a.example"), ("", "")]
)
def test_a_host_is_named_without_user_and_password(url: str, host: str) -> None:
    assert host_of(url) == host
