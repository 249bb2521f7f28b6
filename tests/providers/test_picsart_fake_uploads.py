"""Picsart's upload host: what a form must hold, and what becomes of its file (picsart.md section 2)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.paper_studio import picture
from tests.providers.picsart_fake_stage import i2v, inner, picsart_at, text_of

pytestmark = pytest.mark.anyio

there = "/upload/v2/files"
kind = {"type": "editing-temp"}


async def test_an_uploaded_file_is_served_and_can_be_named_in_a_payload(tmp_path: Path) -> None:
    async with picsart_at(tmp_path) as stage:
        answers = [
            (await stage.client.post(there, data=kind, files={"file": ("a.png", picture(width=width))})).json()
            for width in range(1600, 1608)
        ]
        urls = [inner(answer)["url"] for answer in answers]
        assert {tuple(sorted(answer)) for answer in answers} == {("url",), ("response", "status")}
        assert (await stage.client.get(urls[0])).content == picture(width=1600)
        await stage.done(i2v, {"model_name": "kling-v3", "prompt": "p", "image": urls[0]})
        assert len(stage.world.bills()) == 1


async def test_bytes_that_look_like_a_form_s_edges_arrive_whole(tmp_path: Path) -> None:
    data = b"\r\n--x\r\n\x00\r\n\xff--\r\n\n\r"
    async with picsart_at(tmp_path) as stage:
        url = inner((await stage.client.post(there, data=kind, files={"file": ("a.bin", data)})).json())["url"]
        assert (await stage.client.get(url)).content == data


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"json": {}}, "the content type is not multipart/form-data with a boundary"),
        ({"data": kind, "files": {"picture": ("a.png", b"x")}}, "file is required"),
        ({"data": kind, "files": {"file": ("a.png", b"")}}, "file is required"),
        ({"files": {"file": ("a.png", b"x")}}, "type must be editing-temp"),
        ({"data": {"type": "forever"}, "files": {"file": ("a.png", b"x")}}, "type must be editing-temp"),
        (
            {"content": b"--x\r\n", "headers": {"content-type": "multipart/form-data; boundary=x"}},
            "the form does not end with its boundary",
        ),
        (
            {"content": b"--x\r\n\r\nx\r\n--x--", "headers": {"content-type": "multipart/form-data; boundary=x"}},
            "a part has no name",
        ),
    ],
)
async def test_a_form_that_lacks_something_is_refused(tmp_path: Path, form: dict[str, Any], expected: str) -> None:
    async with picsart_at(tmp_path) as stage:
        answer = await stage.client.post(there, **form)
    assert (answer.status_code, text_of(answer.json())) == (400, expected)
