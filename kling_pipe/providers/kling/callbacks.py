"""What the service tells by itself: a task without an envelope, in either shape, perhaps signed; kling.md section 6.

Repeats, disorder and losses are expected (D15), and which shape a task sends is not sure (D16): both are read.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import replace

from kling_pipe.providers.kling.amounts import Prices, mapping
from kling_pipe.providers.kling.tasks import read_task
from kling_pipe.values.job import Phase, TaskState
from kling_pipe.values.media import MediaType
from kling_pipe.values.secret import Secret
from kling_pipe.values.wire import Response

_tolerance = 300  # seconds by which the clocks may differ
_prefix = "whsec_"
_packs: Mapping[MediaType, str] = {MediaType.IMAGE: "image", MediaType.AUDIO: "audio"}


def read_callback(body: bytes, prices: Prices) -> TaskState | None:
    """A task, or None for anything else.

    A body-model task tells neither its pack nor, for some products, its result: what it made tells the pack, and one
    that succeeded and shows nothing is asked for once more.
    """
    data = Response(200, {}, body).json()
    state = read_task(data, "video", prices)
    if state is None or state.phase not in (Phase.SUCCEEDED, Phase.FAILED):
        return state
    if state.phase is Phase.SUCCEEDED and not state.outputs:
        return replace(state, phase=Phase.RUNNING, cost=None)
    if "task_id" not in mapping(data):
        return state
    pack = _packs.get(state.outputs[0].type, "video") if state.outputs else ""
    if pack in ("", "video"):
        return state if pack or not state.cost else replace(state, cost=None)
    return read_task(data, pack, prices)


def is_signed(headers: Mapping[str, str], body: bytes, secret: Secret, now: float) -> bool:
    """Whether one of the signatures is good and its time is near; several stand there while a secret is rotated."""
    name, moment = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    key = _key(secret)
    if not name or not key or not moment.isdecimal() or len(moment) > 12 or abs(now - int(moment)) > _tolerance:
        return False
    expected = b"v1," + base64.b64encode(hmac.digest(key, _signed(name, moment, body), "sha256"))
    given = headers.get("webhook-signature", "").encode().split()
    matches = [hmac.compare_digest(expected, one) for one in given]  # every one is compared, whichever is good
    return any(matches)


def _signed(name: str, moment: str, body: bytes) -> bytes:
    return b".".join((name.encode(), moment.encode(), body))


def _key(secret: Secret) -> bytes:
    """The secret's bytes; none where it is not written as the service writes it."""
    try:
        return base64.b64decode(secret.reveal().strip().removeprefix(_prefix), validate=True)
    except (binascii.Error, ValueError):
        return b""
