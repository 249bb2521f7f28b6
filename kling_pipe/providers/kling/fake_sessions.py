"""Sessions: what several calls in a row go on with. They live for 24 hours (kling.md section 12, multi-elements)."""

from __future__ import annotations

from kling_pipe.providers.kling.fake_fields import wrong
from kling_pipe.providers.kling.fake_media import Desk
from kling_pipe.simulator.tasks import Task

_lifetime = 24 * 3600.0


def opened(desk: Desk, kind: str, session: str) -> tuple[Task, ...]:
    """The calls of an open session, the one that opened it first."""
    calls = desk.world.about(desk.account, f"{kind}/{session}")
    if not calls or desk.world.clock.now() >= calls[0].created + _lifetime:
        raise wrong(f"session_id value '{session}' is invalid or expired")
    return calls
