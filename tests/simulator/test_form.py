"""Multipart forms: parts by name, bytes as they came, and what is no form."""

from __future__ import annotations

import httpx
import pytest

from kling_pipe.simulator.form import NoForm, Part, parts_of
from kling_pipe.simulator.service import Call


def test_parts_come_as_they_were_sent() -> None:
    data = bytes(range(256)) + b"\r\n--x\r\n\r\n\n"
    request = httpx.Request(
        "POST", "http://a", data={"type": "video"}, files={"file": ("a.mp4", data, "video/mp4"), "empty": ("e", b"")}
    )
    call = Call("POST", "/", headers=dict(request.headers), body=request.read())
    assert parts_of(call) == (
        Part("type", b"video"),
        Part("file", data, "a.mp4", "video/mp4"),
        Part("empty", b"", "e", "application/octet-stream"),
    )


@pytest.mark.parametrize(
    ("kind", "body", "message"),
    [
        ("application/json", b"{}", "the content type is not multipart/form-data with a boundary"),
        ("multipart/form-data", b"", "the content type is not multipart/form-data with a boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\nrest", "the form does not end with its boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\nno head\r\n--x--", "a part has no empty line after its head"),
        ("multipart/form-data; boundary=x", b"--x\r\na: b\r\n\r\ndata\r\n--x--", "a part has no name"),
    ],
)
def test_what_is_no_form_is_said(kind: str, body: bytes, message: str) -> None:
    with pytest.raises(NoForm, match=message):
        parts_of(Call("POST", "/", headers={"content-type": kind}, body=body))
