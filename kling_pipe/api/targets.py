"""Whether there is room for the deliverables, found out before anything is paid for."""

from __future__ import annotations

import os
from collections.abc import Iterator

from kling_pipe.errors import Problem, Severity
from kling_pipe.plan.plan import Plan, Standing, bought_standings


def blocked_targets(plan: Plan) -> Iterator[Problem]:
    """What stands where a deliverable is to be written: errors where a run would pay for something first."""
    pays = any(member.standing in bought_standings for member in plan.members.values())
    home = os.path.dirname(plan.storyboard.path)
    for delivery, address in plan.deliveries:
        member = plan.members.get(address)
        is_old = member is None or member.standing is Standing.CURRENT  # and may lie there as it is
        found = _blocked(os.path.join(home, delivery.path), home, is_old=is_old)
        if found is not None:
            reason, hint = found
            message = f"`{delivery.path}` cannot be written: {reason}"
            severity = Severity.ERROR if pays else Severity.WARNING
            yield Problem("cannot-deliver", message, delivery.span, hint, severity)


def _blocked(target: str, home: str, *, is_old: bool) -> tuple[str, str] | None:
    """Why a file cannot be written, and what helps; None where nothing is known against it."""
    if os.path.isdir(target):
        return "a folder stands there", "move the folder away, or choose another path"
    if is_old and os.path.isfile(target):
        return None
    folder = os.path.dirname(target)
    while not os.path.lexists(folder) and folder != os.path.dirname(folder):
        folder = os.path.dirname(folder)
    shown = os.path.relpath(folder, home)
    if not os.path.isdir(folder):
        return f"`{shown}` is a file, and a folder is needed", "move the file away, or choose another path"
    if not os.access(folder, os.W_OK | os.X_OK):
        return f"nothing can be written into the folder `{shown}`", "check the folder's permissions, or choose another"
    return None
