"""The service's own storage, through which media are handed over; runware.md sections 5, 6 and 9."""

from __future__ import annotations

import base64

from kling_pipe.providers.runware.envelopes import Envelope, text_in
from kling_pipe.providers.runware.questions import path
from kling_pipe.providers.runware.refusals import refusal_of, unreadable
from kling_pipe.providers.runware.uuids import fresh_uuid
from kling_pipe.values.answer import Refusal
from kling_pipe.values.transfer import Handed, Uploaded
from kling_pipe.values.wire import Json, Request, Response

_patience = 300.0  # seconds: a clip of 100 MB takes its time
_picture_lifetime = 30 * 86400.0  # seconds after the last use; sure
_other_lifetime = 86400.0  # of other media none is stated (disputed): a day is surely safe


def upload(mime: str, data: bytes) -> Request:
    """Pictures have a task of their own; one storage serves all else."""
    media = f"data:{mime};base64,{base64.b64encode(data).decode('ascii')}"
    task: Json = (
        {"taskType": "imageUpload", "taskUUID": fresh_uuid(), "image": media}
        if mime.startswith("image/")
        else {"taskType": "mediaStorage", "taskUUID": fresh_uuid(), "operation": "upload", "media": media}
    )
    return Request("POST", path, body=[task], patience=_patience)


def read_upload(response: Response) -> Uploaded | Refusal:
    """The id under which it is named from then on."""
    envelope = Envelope.of(response)
    for item in envelope.items if envelope else ():
        picture, other = text_in(item.get("imageUUID")), text_in(item.get("mediaUUID"))
        if picture or other:
            return Uploaded(Handed(id=picture or other), _picture_lifetime if picture else _other_lifetime)
    return refusal_of(response) or unreadable(response, "id of a file")
