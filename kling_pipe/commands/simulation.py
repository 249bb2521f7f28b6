"""Builds the simulated world from its settings: every provider's fake, real media, and the ASGI application."""

from __future__ import annotations

import base64
import os
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kling_pipe.errors import UsageFailure
from kling_pipe.values.profile import FolderUploads

if TYPE_CHECKING:
    from kling_pipe.api.running import World
    from kling_pipe.simulator.inputs import Fetch
    from kling_pipe.simulator.settings import Settings

Application = Callable[..., Awaitable[None]]  # an ASGI application

simulated_base_url = "http://simulator.invalid"  # never resolved: requests to it go into the process's own world


@contextmanager
def simulated_world(home: str, speed: float, media: str = "full") -> Iterator[World]:
    """What `run --simulate` is joined to: a world whose tasks and files stay in the state folder between runs."""
    from kling_pipe.api.running import World

    secret = f"whsec_{base64.b64encode(os.urandom(24)).decode()}"
    settings = read_settings([("speed", str(speed)), ("media", media), ("webhook-secret", secret)])
    folder = os.path.join(home, "simulated")
    os.makedirs(folder, exist_ok=True)
    uploads = FolderUploads(os.path.join(folder, "uploads"), f"{simulated_base_url}/uploads")
    yield World(
        application_of(settings, folder, os.path.join(folder, "tasks.jsonl")),
        simulated_base_url,
        speed,
        settings.keys[0],
        uploads,
        secret,
    )


def application_of(settings: Settings, folder: str, journal: str = "", fetch: Fetch | None = None) -> Application:
    """The world's ASGI application with every provider's fake, each loaded when it is first called; with a journal its
    tasks outlive the process, with `fetch` it takes in files from other hosts."""
    from kling_pipe.providers.table import table
    from kling_pipe.simulator import media
    from kling_pipe.simulator.clock import ScaledClock
    from kling_pipe.simulator.server import application
    from kling_pipe.simulator.server_post import post
    from kling_pipe.simulator.world import World

    world = World(settings, ScaledClock(settings.speed), media, folder, fetch, journal, post)
    first = next(iter(table.values()))
    return application(world, [first.load_fake()()], lambda name: table[name].load_fake()() if name in table else None)


def environment_of(url: str, key: str) -> dict[str, str]:
    """The environment variables that lead every provider's own profile to a world on a port."""
    from kling_pipe.api.worlds import simulated_user
    from kling_pipe.providers.table import mount_of, table

    environment: dict[str, str] = {}
    for entry in table.values():
        profile, address = entry.profile, url + mount_of(entry.type)
        addresses = {profile.base_url_variable: address}
        addresses |= {host.variable: f"{address}/{name}" for name, host in profile.hosts.items()}
        environment |= {variable: text for variable, text in addresses.items() if variable}
        sources = ((profile.api_key, key), (profile.user, simulated_user))
        environment |= {source.variable: text for source, text in sources if source and source.variable}
    return environment


def read_settings(pairs: Iterable[tuple[str, str]]) -> Settings:
    """The settings of a world; what is wrong with them is the command line's fault."""
    from kling_pipe.simulator.settings import Settings

    try:
        return Settings.parse(pairs)
    except ValueError as error:
        raise UsageFailure("bad-setting", str(error), hint="`kling-pipe simulator --help` explains them") from None
