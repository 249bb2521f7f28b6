"""A project with a history, made once: what commands say of it, and what the examples of their help do in it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.scenarios.stage import simulator, typed

storyboard = """\
storyboard: 1
name: examples
budget: {run: 20 USD}
variants: {locale: [de, en]}
steps:
  hero: {kind: text-to-image, prompt: A trail shoe in DAYLIGHT, takes: 2}
  push_in: {kind: image-to-image, model: kling-v3, image: steps.hero, prompt: The same from near}
  spot: {kind: text-to-image, prompt: "A card that says ${{ variant.locale }}"}
  boat: {kind: text-to-image, prompt: A sailing boat}
  sets_sail: {kind: image-to-image, model: kling-v3, image: steps.boat, prompt: The boat far away}
deliver:
  out/push-in.png: steps.push_in
  out/sets-sail.png: steps.sets_sail
"""


@dataclass(frozen=True, slots=True)
class Project:
    """A project in which everything was made, for real and simulated, before the light of `hero` was changed twice.

    Its service is a simulator in another process, which `environment` names; each text is a commit.
    """

    folder: Path
    environment: Mapping[str, str]

    def copied_to(self, folder: Path) -> Path:
        """The project once more, without what the simulated world keeps for itself."""
        shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns("simulated"))
        return folder


@contextmanager
def prepared(folder: Path, other: Path) -> Iterator[Project]:
    """The project in a folder, as long as its service is there; `other` is the service's own folder."""
    with simulator(other) as service:
        for words in (("init", "-q", "-b", "main"), ("config", "user.email", "a@b.c"), ("config", "user.name", "a")):
            subprocess.run(["git", *words], cwd=folder, check=True)
        (folder / "storyboard.yaml").write_text(storyboard)
        (folder / ".gitignore").write_text(".kling-pipe/\nout/\n*.simulated.lock.yaml\n")
        _commit(folder)
        simulated = typed(folder, "run", "storyboard.yaml", "--simulate", "--speed", "2000")
        real = typed(folder, "run", "storyboard.yaml", "--yes", environment=service.with_key)
        assert (simulated.code, real.code) == (0, 0), simulated.all + real.all
        _commit(folder)
        for light in ("MORNING LIGHT", "EVENING LIGHT"):
            (folder / "storyboard.yaml").write_text(storyboard.replace("DAYLIGHT", light))
            _commit(folder)
        yield Project(folder, service.with_key)


def _commit(folder: Path) -> None:
    subprocess.run(["git", "add", "-A"], cwd=folder, check=True)
    subprocess.run(["git", "commit", "-q", "-m", "one more"], cwd=folder, check=True)
