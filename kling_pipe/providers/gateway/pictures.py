"""A picture in one blocking call: its request, and the answer that holds what was made; gateway.md section 9."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from hashlib import sha256

from kling_pipe.providers.gateway.answers import entries, text_in
from kling_pipe.providers.gateway.names import answers_bytes_only, picture_id
from kling_pipe.values.job import Job, Output, Phase, TaskState
from kling_pipe.values.media import MediaType
from kling_pipe.values.transfer import Handed
from kling_pipe.values.wire import Json, Response

patience = 600.0  # seconds; "minutes" are said, and an answer that is not waited for is lost money
most_at_once = 10
# WxH by resolution and ratio: the three that the page names, and for the others the model's own (kling.md section 10).
_sizes: Mapping[str, Mapping[str, str]] = {
    "1k": {"1:1": "1024x1024", "3:2": "1536x1024", "2:3": "1024x1536", "4:3": "1168x880", "3:4": "880x1168",
           "9:16": "768x1360", "16:9": "1360x768", "21:9": "1552x656"},
    "2k": {"1:1": "2048x2048", "3:2": "2496x1664", "2:3": "1664x2496", "4:3": "2336x1760", "3:4": "1760x2336",
           "9:16": "1536x2720", "16:9": "2720x1536", "21:9": "3104x1312"},
    "4k": {"1:1": "4096x4096", "3:2": "4992x3328", "2:3": "3328x4992", "4:3": "4736x3520", "3:4": "3520x4736",
           "9:16": "3072x5440", "16:9": "5440x3072", "21:9": "6272x2688"},
}  # fmt: skip
_beginnings: Mapping[str, str] = {"iVBORw0KGgo": "image/png", "/9j/": "image/jpeg", "UklGR": "image/webp"}


def body_of(job: Job, media: Mapping[str, Handed], own: Mapping[str, str]) -> Json:
    """The body; an address is asked for wherever the model may give one, because a clip can only begin with that."""
    model = picture_id(job.kind, job.model, own)
    body: Json = {
        "model": model,
        "prompt": job.parameters.get("prompt"),
        "n": len(job.takes),
        "size": size_of(job.parameters),
        "image": media["image"].text if "image" in media else None,
        "images": [media[field].text for field in sorted(media, key=_place) if field.startswith("references")],
        "response_format": None if answers_bytes_only(model) else "url",
    }
    return {**{key: value for key, value in body.items() if value not in (None, [])}, **job.extra}


def size_of(parameters: Mapping[str, object]) -> str | None:
    """`size`, where ratio or resolution is asked for."""
    ratio, resolution = parameters.get("aspect_ratio"), parameters.get("resolution")
    if ratio == "auto":
        return "auto"
    if ratio is None and resolution is None:
        return None
    return _sizes[str(resolution or "1k")][str(ratio or "1:1")]


def read_made(response: Response) -> TaskState | None:
    """The pictures of an answer, in its order; None when it holds none. It tells no id, so one of its own stands in;
    `created` is the gateway's clock at its end, and tells nothing that is not known."""
    answer = response.json() or {}
    found = tuple(
        Output(url, MediaType.IMAGE, index)
        for index, entry in enumerate(entries(answer.get("data")))
        if (url := _address(entry))
    )
    if not found:
        return None
    name = sha256(response.body).hexdigest()[:32]
    return TaskState(name, "", Phase.SUCCEEDED, outputs=found, status="made")


def _address(entry: Mapping[str, object]) -> str:
    """An address, or the bytes as one; whatever is neither of them is nothing."""
    url = text_in(entry.get("url")).strip()
    if url.startswith(("https://", "http://")):
        return url
    return _inline(url if url.startswith("data:") else text_in(entry.get("b64_json")))


def _inline(text: str) -> str:
    """Base64 as a `data:` address, with or without that before it."""
    data = "".join(text.rpartition(",")[2].split())
    data += "=" * (-len(data) % 4)
    try:
        base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return ""
    kind = next((kind for start, kind in _beginnings.items() if data.startswith(start)), "image/png")
    return f"data:{kind};base64,{data}" if data else ""


def _place(field: str) -> int:
    digits = field.partition("[")[2].partition("]")[0]
    return int(digits) if digits else -1
