"""The files a task brings: UUIDs of what was stored, URLs, data URIs and Base64, fetched and measured for real.

What was stored is a task of the world that costs nothing, so it outlives the process where the world does.
"""

from __future__ import annotations

import hashlib
import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from kling_pipe.providers.runware import fake_limits
from kling_pipe.providers.runware.fake_errors import Rebuff, invalid
from kling_pipe.simulator.inputs import InputFile, Unusable
from kling_pipe.simulator.tasks import Task
from kling_pipe.simulator.world import World
from kling_pipe.values.media import MediaFacts, MediaType

service = "runware"
_uuid = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_data_uri = re.compile(r"data:[\w.+-]+/[\w.+-]+(?:;[\w=.+-]+)*;base64,")
_month = 30 * 86_400.0  # simulated seconds after the last use (section 6)
_longest_stored = 2048  # pixels; larger pictures are stored smaller


@dataclass(frozen=True, slots=True)
class Desk:
    """Takes in what the tasks of one account bring."""

    world: World
    account: str
    base_url: str

    async def file(self, name: str, text: str, limit: fake_limits.Limit) -> InputFile:
        """A file within its limits; raises Rebuff."""
        found = await self.any_file(name, text)
        fake_limits.check(name, found.facts, limit)
        return found

    async def any_file(self, name: str, text: str) -> InputFile:
        """A file of any kind, however it is given."""
        try:
            if _uuid.fullmatch(text):
                return await self._stored(name, text.lower())
            if text.startswith(("http://", "https://")):
                return await self.world.inputs.from_url(text, self.world.hosts)
            return await self.world.inputs.from_base64(_data_uri.sub("", text, count=1))
        except Unusable as error:
            if "downloaded" in str(error):
                raise Rebuff(400, "downloadFailed", f"'{name}' {error}", name) from error
            raise invalid(name, str(error)) from error

    async def _stored(self, name: str, uuid: str) -> InputFile:
        task = kept(self.world, self.account, uuid)
        if task is None:
            raise Rebuff(404, "mediaNotFound", f"'{name}': no media with the UUID '{uuid}'", name)
        found = await self.world.inputs.from_file(task.order.details["path"])
        return InputFile(found.path, stored_facts(found.facts))


def kept(world: World, account: str, uuid: str) -> Task | None:
    """What was stored under a UUID and is still there: not deleted, and used within thirty days."""
    about = world.about(account, topic_of(uuid))
    if not about or about[-1].order.details.get("gone"):
        return None
    used = about[-1].created
    if world.clock.now() - used > _month:
        tasks = world.tasks(account)
        used = max((task.created for task in tasks if uuid in task.order.details.get("used", "")), default=used)
    there = world.clock.now() - used <= _month and os.path.exists(about[-1].order.details["path"])
    return about[-1] if there else None


def uuids_in(task: Mapping[str, Any]) -> str:
    """The UUIDs of stored media that a task names, for the thirty days since the last use."""
    found = _uuid.findall(repr([task.get("inputs"), task.get("frameImages")]))
    return " ".join(sorted({uuid.lower() for uuid in found}))


def topic_of(uuid: str) -> str:
    """The world's topic of one stored file."""
    return f"media/{uuid}"


def stored_facts(facts: MediaFacts) -> MediaFacts:
    """What a file is once it is stored: pictures of at most 2048 px."""
    longest = max(facts.width, facts.height)
    if facts.type is not MediaType.IMAGE or longest <= _longest_stored:
        return facts
    scale = _longest_stored / longest
    # Rounded up, so that a shape that just passes still does.
    return replace(facts, width=math.ceil(facts.width * scale), height=math.ceil(facts.height * scale))


def uuid_of(*words: str) -> str:
    """A UUID of version 4's shape that follows from words."""
    text = hashlib.sha256("\n".join(words).encode()).hexdigest()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{'89ab'[int(text[16], 16) % 4]}{text[17:20]}-{text[20:32]}"
