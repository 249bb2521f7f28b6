"""The service's own storage for what is handed over: temporary files at addresses; picsart.md section 2."""

from __future__ import annotations

from collections.abc import Mapping

from kling_pipe.providers.picsart.refusals import refusal_of, unreadable
from kling_pipe.providers.picsart.results import is_address
from kling_pipe.providers.provider import Uploaded
from kling_pipe.values.answer import Refusal
from kling_pipe.values.transfer import Handed
from kling_pipe.values.wire import FormPart, Request, Response

_lifetime = 3600.0  # the files are temporary, and nothing is said of how long
_patience = 300.0  # seconds; what the service's own tool gives a file


def upload(name: str, mime: str, data: bytes) -> Request:
    """Puts a file up; it costs nothing."""
    form = (FormPart("file", filename=name, mime=mime, data=data), FormPart("type", "editing-temp"))
    return Request("POST", "/v2/files", form=form, host="upload", patience=_patience)


def read_upload(response: Response) -> Uploaded | Refusal:
    """The address of the file: at `response.url` or at `url`."""
    refusal = refusal_of(response)
    if refusal is not None:
        return refusal
    envelope = response.json() or {}
    for holder in (envelope.get("response"), envelope):
        url = holder.get("url") if isinstance(holder, Mapping) else None
        if isinstance(url, str) and is_address(url):
            return Uploaded(Handed(url=url), _lifetime)
    return unreadable("the answer names no address of the file")
