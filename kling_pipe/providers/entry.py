"""One provider type as the table knows it: its adapter, its models, its fake and its built-in profile."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from kling_pipe.providers.provider import AdapterSettings, Provider
from kling_pipe.values.profile import Profile


@dataclass(frozen=True, slots=True)
class Entry:
    """One provider type. `fake` names a class as `module:name`, because the simulator's world behind it is loaded only
    by those who simulate; `profile` is the one that works without a project file, and has the type's name."""

    type: str
    adapter: Callable[[AdapterSettings | None], Provider]
    folder: str  # with its `models.yaml`
    fake: str
    profile: Profile

    def read(self, name: str) -> str:
        """The text of a data file in its folder, such as `models.yaml`."""
        with open(os.path.join(self.folder, name), encoding="utf-8") as file:
            return file.read()

    def load_fake(self) -> Any:
        """The class of its fake, a `simulator.service.Service`."""
        return _named(self.fake)


def later(name: str) -> Callable[[AdapterSettings | None], Provider]:
    """An adapter's class as `module:name`, imported when the first adapter is made: a command that speaks to one
    service does not pay for the others."""

    def adapter(settings: AdapterSettings | None) -> Provider:
        made: Provider = _named(name)(settings)
        return made

    return adapter


def _named(name: str) -> Any:
    module, _, attribute = name.partition(":")
    return getattr(import_module(module), attribute)
