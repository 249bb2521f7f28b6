"""The one list of providers: for each type its adapter, its models and its fake."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from kling_pipe.providers.gateway.adapter import GatewayProvider
from kling_pipe.providers.gateway.profile import profile as gateway_profile
from kling_pipe.providers.kling.adapter import KlingProvider
from kling_pipe.providers.kling.profile import profile as kling_profile
from kling_pipe.providers.provider import AdapterSettings, Provider
from kling_pipe.values.profile import Profile

_folder = os.path.dirname(os.path.abspath(__file__))


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
        module, _, name = self.fake.partition(":")
        return getattr(import_module(module), name)


table: Mapping[str, Entry] = {
    entry.type: entry
    for entry in (
        Entry(
            type="kling",
            adapter=KlingProvider,
            folder=os.path.join(_folder, "kling"),
            fake="kling_pipe.providers.kling.fake:KlingFake",
            profile=kling_profile,
        ),
        Entry(
            type="gateway",
            adapter=GatewayProvider,
            folder=os.path.join(_folder, "gateway"),
            fake="kling_pipe.providers.gateway.fake:GatewayFake",
            profile=gateway_profile,
        ),
    )
}


def mount_of(provider: str) -> str:
    """Where a type's fake stands in a simulated world: the first at the root, every other under its name."""
    return "" if provider == next(iter(table)) else f"/{provider}"
