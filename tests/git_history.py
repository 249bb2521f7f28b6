"""Git repositories for tests: commits of a fixed author at fixed times, with no settings of this machine."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.patience import patience


class GitHistory:
    """A repository that begins in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._commits = 0
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch", "main")

    def git(self, *words: str) -> str:
        moment = f"2026-11-{1 + self._commits:02d}T12:00:00+00:00"
        who = {f"GIT_{role}_{part}": value for role in ("AUTHOR", "COMMITTER") for part, value in _somebody.items()}
        alone = {
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_DATE": moment,
            "GIT_COMMITTER_DATE": moment,
        }
        ended = subprocess.run(
            ["git", "-C", str(self.folder), *words],
            env={**os.environ, **who, **alone},
            capture_output=True,
            text=True,
            check=True,
            timeout=patience,
        )
        return ended.stdout.strip()

    def commit(self, files: Mapping[str, str | bytes], *, remove: tuple[str, ...] = ()) -> str:
        """Writes files, and commits them and all else that is not ignored; the commit."""
        self.write(files)
        for name in remove:
            (self.folder / name).unlink()
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", f"Change {self._commits}")
        self._commits += 1
        return self.git("rev-parse", "HEAD")

    def write(self, files: Mapping[str, str | bytes]) -> None:
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())


_somebody = {"NAME": "Somebody", "EMAIL": "somebody@example.org"}
