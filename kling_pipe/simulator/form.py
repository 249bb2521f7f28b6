"""Multipart forms that requests bring, read into their parts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kling_pipe.simulator.service import Call


class NoForm(ValueError):
    """The body is no multipart form."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a form; `filename` is empty for a plain value."""

    name: str
    data: bytes
    filename: str = ""
    mime: str = ""

    @property
    def text(self) -> str:
        """The part as text."""
        return self.data.decode("utf-8", "replace")


def parts_of(call: Call) -> tuple[Part, ...]:
    """The parts of a call's form in their order; raises NoForm."""
    kind = call.headers.get("content-type", "")
    found = re.search(r'boundary=(?:"([^"]+)"|([^;\s]+))', kind)
    if not kind.lower().startswith("multipart/form-data") or found is None:
        raise NoForm("the content type is not multipart/form-data with a boundary")
    mark = b"--" + (found[1] or found[2]).encode("latin-1", "replace")
    pieces = (b"\r\n" + call.body).split(b"\r\n" + mark)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise NoForm("the form does not end with its boundary")
    return tuple(_part(piece) for piece in pieces[1:-1])


def _part(piece: bytes) -> Part:
    head, gap, data = piece.partition(b"\r\n\r\n")
    if not gap:
        raise NoForm("a part has no empty line after its head")
    lines = [line.partition(":") for line in head.decode("utf-8", "replace").split("\r\n") if line.strip()]
    headers = {name.strip().lower(): value.strip() for name, _, value in lines}
    told = headers.get("content-disposition", "")
    name = re.search(r'\bname="((?:[^"\\]|\\.)*)"', told)
    if name is None:
        raise NoForm("a part has no name")
    filename = re.search(r'\bfilename="((?:[^"\\]|\\.)*)"', told)
    return Part(name[1], data, filename[1] if filename else "", headers.get("content-type", ""))
