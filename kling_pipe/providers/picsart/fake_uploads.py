"""The upload host: a multipart form in, the temporary address of the file out (picsart.md section 2)."""

from __future__ import annotations

import asyncio
import os
import re
import threading
from dataclasses import dataclass

from kling_pipe.providers.picsart.fake_fields import Rebuff, wrong
from kling_pipe.simulator.service import Call
from kling_pipe.simulator.world import World
from kling_pipe.values.digest import bytes_digest


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a form."""

    name: str
    filename: str
    data: bytes


async def upload(world: World, account: str, call: Call) -> dict[str, object]:
    """Keeps the file and tells its address."""
    parts = {part.name: part for part in parts_of(call.headers.get("content-type", ""), call.body)}
    file, kind = parts.get("file"), parts.get("type")
    if file is None or not file.data:
        raise wrong("file is required")
    if kind is None or kind.data != b"editing-temp":
        raise wrong("type must be editing-temp")
    extension = os.path.splitext(file.filename)[1].lower()
    name = f"picsart/{bytes_digest(file.data)[:40]}{extension if re.fullmatch(r'[.][a-z0-9]{1,5}', extension) else ''}"
    path = world.upload_path(name)
    assert path is not None  # a digest leads nowhere
    await asyncio.to_thread(_keep, path, file.data)
    url = f"{call.base_url}/uploads/{name}"
    # `response.url` or `url`, by the content, so that both are met.
    return {"url": url} if ord(name[8]) % 2 else {"status": "success", "response": {"url": url}}


def parts_of(content_type: str, body: bytes) -> list[Part]:
    """The parts of a multipart body; raises Rebuff."""
    found = re.match(
        r"""multipart/form-data\s*;.*?\bboundary=("?)([^";]+)\1""", content_type, re.IGNORECASE | re.DOTALL
    )
    if not found:
        raise Rebuff(400, "the request must be multipart/form-data with a boundary")
    mark = b"--" + found[2].strip().encode("utf-8", "replace")
    pieces = (b"\r\n" + body).split(b"\r\n" + mark)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise Rebuff(400, "the form ends early")
    return [_part(piece) for piece in pieces[1:-1]]


def _part(piece: bytes) -> Part:
    head, found, data = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    disposition = next(
        (line for line in head.decode("utf-8", "replace").split("\r\n") if line.lower().startswith("content-dispos")),
        "",
    )
    name = re.search(r'[;\s]name="([^"]*)"', disposition)
    if not found or not name:
        raise Rebuff(400, "a part of the form has no name")
    filename = re.search(r'[;\s]filename="([^"]*)"', disposition)
    return Part(name[1], filename[1] if filename else "", data)


def _keep(path: str, data: bytes) -> None:
    if os.path.exists(path):
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    aside = f"{path}.part-{os.getpid()}-{threading.get_ident()}"
    with open(aside, "wb") as file:
        file.write(data)
    os.replace(aside, path)
