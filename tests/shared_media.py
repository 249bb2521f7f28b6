"""One folder of simulated media for all tests: each file is made once, because its name tells all that decides it."""

from __future__ import annotations

import os
from pathlib import Path

_place: list[Path] = []


def settle_in(own: Path) -> None:
    """Chooses the folder, beside a test worker's own."""
    place = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "simulated-worlds"
    place.mkdir(exist_ok=True)
    _place[:] = [place]


def shared_world() -> Path:
    """A folder in which a world may keep its files beside those of all others."""
    return _place[0]


def share_media(home: Path | str) -> None:
    """Lets the world inside a state folder keep its media where all others do; its tasks stay its own."""
    media = Path(home) / "simulated" / "media"
    if not media.exists():
        (shared_world() / "media").mkdir(exist_ok=True)
        media.parent.mkdir(parents=True, exist_ok=True)
        media.symlink_to(shared_world() / "media", target_is_directory=True)
