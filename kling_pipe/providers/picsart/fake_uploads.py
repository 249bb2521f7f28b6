"""The upload host: a multipart form in, the temporary address of the file out (picsart.md section 2)."""

from __future__ import annotations

import os
import re

from kling_pipe.providers.picsart.fake_fields import wrong
from kling_pipe.simulator.form import NoForm, parts_of
from kling_pipe.simulator.service import Call
from kling_pipe.simulator.world import World
from kling_pipe.values.digest import bytes_digest


async def upload(world: World, account: str, call: Call) -> dict[str, object]:
    """Keeps the file and tells its address; it costs nothing, however often it is done."""
    try:
        parts = {part.name: part for part in parts_of(call)}
    except NoForm as error:
        raise wrong(str(error)) from error
    file, kind = parts.get("file"), parts.get("type")
    if file is None or not file.data:
        raise wrong("file is required")
    if kind is None or kind.text != "editing-temp":
        raise wrong("type must be editing-temp")
    digest, extension = bytes_digest(file.data), os.path.splitext(file.filename)[1].lower()
    name = f"picsart/{digest[:40]}{extension if re.fullmatch(r'[.][a-z0-9]{1,5}', extension) else ''}"
    await world.take_upload(name, file.data)
    url = f"{call.base_url}/uploads/{name}"
    # At `response.url` or at `url`, by the content, so that both are met.
    return {"url": url} if int(digest[0], 16) % 2 else {"status": "success", "response": {"url": url}}
