"""The one list of providers: those that are built in, and behind them those that other packages bring."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kling_pipe.providers.entry import Entry as Entry
from kling_pipe.providers.entry import later
from kling_pipe.providers.gateway.profile import profile as gateway_profile
from kling_pipe.providers.kling.profile import profile as kling_profile
from kling_pipe.providers.picsart.profile import profile as picsart_profile
from kling_pipe.providers.plugins import BrokenProvider, Plugins
from kling_pipe.providers.runware.profile import profile as runware_profile

if TYPE_CHECKING:  # `later` hides the adapters from the type checker: each of them speaks as a provider does
    from kling_pipe.providers.gateway.adapter import GatewayProvider
    from kling_pipe.providers.kling.adapter import KlingProvider
    from kling_pipe.providers.picsart.adapter import PicsartProvider
    from kling_pipe.providers.provider import Provider
    from kling_pipe.providers.runware.adapter import RunwareProvider

    _speaking: tuple[type[Provider], ...] = (KlingProvider, RunwareProvider, GatewayProvider, PicsartProvider)

_folder = os.path.dirname(os.path.abspath(__file__))


class Table(Mapping[str, Entry]):
    """The entries by their types. Plug-ins are looked for only where a type is not built in, or when all are listed."""

    def __init__(self, builtin: Sequence[Entry]) -> None:
        self._builtin = {entry.type: entry for entry in builtin}
        self._plugins = Plugins(tuple(self._builtin))

    def __getitem__(self, name: str) -> Entry:
        entry = self._builtin.get(name) or self._plugins.get(name)
        if entry is None:
            raise KeyError(name)
        return entry

    def __iter__(self) -> Iterator[str]:
        yield from self._builtin
        yield from (entry.type for entry in self._plugins)

    def __len__(self) -> int:
        return len(self._builtin) + sum(1 for _ in self._plugins)

    @property
    def builtin(self) -> Mapping[str, Entry]:
        """Those that are built in."""
        return self._builtin

    @property
    def broken(self) -> tuple[BrokenProvider, ...]:
        """What is wrong with each plug-in that was asked for so far and cannot be used, in the order of their types."""
        return tuple(failure for _, failure in sorted(self._plugins.broken.items()))

    @contextmanager
    def guarded(self, name: str) -> Iterator[None]:
        """Around a type's own code: whatever goes wrong in a plug-in is raised as BrokenProvider, a built-in provider's
        mistake as it is."""
        try:
            yield
        except Exception as error:
            failure = self.failure(name, error)
            if failure is error:
                raise
            raise failure from error

    def failure(self, name: str, error: Exception) -> Exception:
        """What is to be raised of something that went wrong within a type's own code: a plug-in is put into words and
        taken out of the table, a built-in provider's mistake stays what it is."""
        return error if name in self._builtin else self._plugins.break_off(name, error) or error


table = Table(
    (
        Entry(
            type="kling",
            adapter=later("kling_pipe.providers.kling.adapter:KlingProvider"),
            folder=os.path.join(_folder, "kling"),
            fake="kling_pipe.providers.kling.fake:KlingFake",
            profile=kling_profile,
        ),
        Entry(
            type="runware",
            adapter=later("kling_pipe.providers.runware.adapter:RunwareProvider"),
            folder=os.path.join(_folder, "runware"),
            fake="kling_pipe.providers.runware.fake:RunwareFake",
            profile=runware_profile,
        ),
        Entry(
            type="gateway",
            adapter=later("kling_pipe.providers.gateway.adapter:GatewayProvider"),
            folder=os.path.join(_folder, "gateway"),
            fake="kling_pipe.providers.gateway.fake:GatewayFake",
            profile=gateway_profile,
        ),
        Entry(
            type="picsart",
            adapter=later("kling_pipe.providers.picsart.adapter:PicsartProvider"),
            folder=os.path.join(_folder, "picsart"),
            fake="kling_pipe.providers.picsart.fake:PicsartFake",
            profile=picsart_profile,
        ),
    )
)


def mount_of(provider: str) -> str:
    """Where a type's fake stands in a simulated world: the first at the root, every other under its name."""
    return "" if provider == next(iter(table)) else f"/{provider}"
