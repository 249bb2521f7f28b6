"""Which fields of a call the simulated service reads: each is filled with what it cannot be, and the answer is compared
with that to the request as it was."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from kling_pipe.providers.kling.fake import KlingFake
from kling_pipe.simulator.clock import ManualClock
from kling_pipe.simulator.service import Call as Incoming
from kling_pipe.simulator.service import Endpoint
from kling_pipe.simulator.settings import Settings
from kling_pipe.simulator.world import World
from kling_pipe.values.media import MediaFacts, MediaType
from tests.coverage.reading import Call, calls
from tests.coverage.sent import call_of
from tests.coverage.variants import variants
from tests.paper_studio import PaperStudio, clip, paper, picture

_image, _video, _audio = (f"https://media.example.org/{name}" for name in ("image", "video", "audio"))
_frame = {"type": "first_frame", "url": _image}
_words = {"type": "prompt", "text": "words"}
_motion = [{"type": "image", "url": _image}, {"type": "video", "url": _video}]
_charges = {
    "start_time": 1_790_000_000_000, "end_time": 1_790_000_100_000,
    "filters": [{"key": "api_key_name", "values": ["one"]}],
}  # fmt: skip
# Good requests, ids of what is not there aside, for calls that the adapter does not send or sends with little.
_bodies: Mapping[str, Any] = {
    "multi-elements.delete-selection": {"session_id": "1", "frame_index": 0, "points": [{"x": 0.5, "y": 0.5}]},
    "multi-elements.clear-selection": {"session_id": "1"},
    "multi-elements.preview-selection": {"session_id": "1"},
    "videos.lip-sync": {
        "input": {"mode": "audio2video", "video_url": _video, "audio_type": "url", "audio_url": _audio},
    },
    "elements.delete": {"element_id": "1"},
    "elements.delete-advanced": {"element_id": "1"},
    "elements.create-old": {
        "element_name": "hero", "element_description": "a hero", "element_frontal_image": _image,
        "element_refer_list": [{"image_url": _image}],
    },
    "voices.delete": {"voice_id": "1"},
    "omni-video.kling-o1": {"contents": [_words, _frame]},
    "motion-control.kling-3.0": {"contents": _motion, "settings": {"character_orientation": "image"}},
    "motion-control.kling-2.6": {"contents": _motion, "settings": {"character_orientation": "image"}},
    "text-to-video.kling-2.6": {"prompt": "words"},
    "image-to-video.kling-2.6": {"contents": [_words, _frame]},
    "text-to-video.kling-2.5-turbo": {"prompt": "words"},
    "image-to-video.kling-2.5-turbo": {"contents": [_words, _frame]},
    "tasks.list": {"limit": 30, "filters": [{"key": "status", "values": ["failed"]}]},
    "account.billing.balance": _charges,
    "account.billing.package": _charges,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stage:
    """The simulated service without a server before it."""

    world: World
    endpoints: Mapping[tuple[str, str], Endpoint]

    @staticmethod
    def of(folder: Path) -> Stage:
        world = World(Settings.parse([]), ManualClock(), PaperStudio(), str(folder), _media)
        return Stage(world, {(one.method, one.path): one for one in KlingFake().endpoints(world)})

    async def answer(self, call: Call, body: object = None, query: Mapping[str, str] = {}) -> Mapping[str, Any]:
        """The envelope of an answer, without what differs from one to the next."""
        incoming = Incoming(
            call.method, call.path, self._parameters(call), query, {"authorization": "Bearer simulated-key"},
            json.dumps(body).encode() if body is not None else b"", "http://kling.test",
        )  # fmt: skip
        endpoint = self.endpoints[call.method, self.path_of(call)]
        envelope = json.loads((await endpoint.answer(incoming)).body)
        return {"code": envelope["code"], "message": envelope["message"]}

    async def reads(self, call: Call, name: str, value: object) -> bool:
        """Whether a body's field is read: the answer to a value that cannot be names it."""
        body = with_value(base_of(call, name), name, value)
        answer = await self.answer(call, body)
        message = str(answer["message"])
        last = name.removesuffix("[]").rpartition(".")[2]
        named = re.search(rf"(?<!\w){re.escape(last)}(?!\w)", message) is not None
        return named and "is not supported" not in message and answer != await self.answer(call, base_of(call, name))

    def path_of(self, call: Call) -> str:
        """The path under which the service knows a call; the path standard has the model in it."""
        is_known = (call.method, call.path) in self.endpoints
        return call.path if is_known else f"{call.path.rpartition('/')[0]}/{{model}}"

    def _parameters(self, call: Call) -> Mapping[str, str]:
        return {"id": "no-such-task", "model": call.path.rpartition("/")[2]}


def base_of(call: Call, name: str = "") -> Any:
    """A good body for a call, of those there are the one that holds most of what is around a field."""
    if call.id in _bodies:
        return copy.deepcopy(_bodies[call.id])
    return copy.deepcopy(max(_sent()[call.id], key=lambda body: _depth(body, name)))


def with_value(body: Any, name: str, value: object) -> Any:
    """The body with one field set; the first item of a list stands for all."""
    place, parts = body, name.replace("[]", ".[]").split(".")
    for part, following in pairwise(parts):
        beginning: Any = [{}] if following == "[]" else {}
        place = place[0] if part == "[]" else place.setdefault(part, beginning)
    place[parts[-1]] = value
    return body


def others_of(call: Call) -> Iterator[str]:
    """Names that other calls have at the same place, and this call has not."""
    own = {field.name for field in call.fields}
    around = {""} | {field.name.rpartition(".")[0] for field in call.fields}
    for place in sorted(around):
        for name in sorted(_names().get(place.rpartition(".")[2], ())):
            full = f"{place}.{name}" if place else name
            if full not in own:
                yield full


@cache
def _names() -> Mapping[str, frozenset[str]]:
    """By the last part of a place (`settings`, `contents[]`, `` for the body itself) the names known there."""
    found: dict[str, set[str]] = {}
    for call in calls().values():
        for field in call.fields if call.method == "POST" else ():
            place, _, name = field.name.rpartition(".")
            found.setdefault(place.rpartition(".")[2], set()).add(name)
    return {place: frozenset(names) for place, names in found.items()}


@cache
def _sent() -> Mapping[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for variant in variants():
        for request in variant.requests():
            found.setdefault(call_of(request).id, []).append(request.body)
    return found


def _depth(body: Any, name: str) -> int:
    place, depth = body, 0
    for part in name.replace("[]", ".[]").split("."):
        try:
            place = place[0] if part == "[]" else place[part]
        except (KeyError, IndexError, TypeError):
            return depth
        depth += 1
    return depth


async def _media(url: str) -> bytes:
    """A file of the type that the name of the field says."""
    if url == _audio:
        return paper(MediaFacts(MediaType.AUDIO, "mp3", 100_000, seconds=6.0, has_sound=True))
    return clip(5.0, 1080, 1920) if url == _video else picture()
