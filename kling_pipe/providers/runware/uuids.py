"""The service's ids of tasks, which the client makes; runware.md section 3.

A task's id is derived from the job's own id, so that whoever knows the job knows its task: a create that is sent again
is refused as a repeat, and a lost task is asked for by the same id.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from uuid import UUID, uuid4

_tag = b"kling-pipe.runware.task\0"


@lru_cache(maxsize=1 << 14)  # a job in flight is looked up by it again and again
def task_uuid(external_id: str) -> str:
    """The id of a job's task, in the shape of a UUID of version 4."""
    return str(UUID(bytes=sha256(_tag + external_id.encode()).digest()[:16], version=4))


def fresh_uuid() -> str:
    """An id for what may be repeated and costs nothing: each upload is a task of its own, also of the same bytes."""
    return str(uuid4())
