"""Where services answer: the addresses a profile has in the real world, or those of a simulated one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kling_pipe.providers.table import mount_of
from kling_pipe.values.credential import Credential, CredentialKind
from kling_pipe.values.profile import Profile, Uploads
from kling_pipe.values.secret import Secret

simulated_user = "simulated-user"  # the id that services want beside the key; fakes take any


@dataclass(frozen=True, slots=True)
class World:
    """The simulated world a run is joined to: an ASGI application, its base URL, speed and key, a folder it serves."""

    app: Any
    base_url: str
    speed: float
    key: str
    uploads: Uploads
    webhook_secret: str = ""

    def address(self, profile: Profile) -> str:
        """The first service of the table answers at the root, every other in a folder of its type's name."""
        return self.base_url + mount_of(profile.type)

    def credential(self, profile: Profile) -> Credential:
        """The one key of the world, with a user's id for the services that want one."""
        user = Secret(simulated_user) if profile.user is not None else None
        return Credential(CredentialKind.API_KEY, Secret(self.key), user)


def base_url_of(profile: Profile, environment: Mapping[str, str], world: World | None = None) -> str:
    """The profile's base URL, or what its environment variable says instead."""
    if world is not None:
        return world.address(profile)
    return _overridden(profile.base_url, profile.base_url_variable, environment)


def hosts_of(profile: Profile, environment: Mapping[str, str], world: World | None = None) -> dict[str, str]:
    """The profile's further addresses by name; a simulated service has each of them in a folder of its name."""
    if world is not None:
        return {name: f"{world.address(profile)}/{name}" for name in profile.hosts}
    return {name: _overridden(host.base_url, host.variable, environment) for name, host in profile.hosts.items()}


def _overridden(address: str, variable: str, environment: Mapping[str, str]) -> str:
    override = environment.get(variable, "").strip() if variable else ""
    return override or address
