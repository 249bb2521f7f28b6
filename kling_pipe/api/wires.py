"""The wire to a profile's service: HTTP, or the service's own executable; a simulated one is asked by HTTP."""

from __future__ import annotations

import os
from collections.abc import Mapping

from kling_pipe import __version__
from kling_pipe.api.worlds import World, base_url_of, hosts_of
from kling_pipe.edge.executable import ExecutableWire
from kling_pipe.edge.executions import Execution, Standing
from kling_pipe.edge.ledger import Ledger
from kling_pipe.edge.transport import HttpWire
from kling_pipe.values.claim import JobState
from kling_pipe.values.credential import Credential
from kling_pipe.values.profile import Profile

agent = f"kling-pipe/{__version__}"
executions = "executions"  # in the state folder


def wire_of(
    profile: Profile, environment: Mapping[str, str], credential: Credential, world: World | None = None, home: str = ""
) -> HttpWire | ExecutableWire:
    """An open wire. What an executable makes is kept in the state folder `home`; where there is none, it can only be
    asked something."""
    base_url, hosts = base_url_of(profile, environment, world), hosts_of(profile, environment, world)
    http = HttpWire(base_url, world.app if world else None, agent, hosts)
    if world is not None or not is_executable(profile):
        return http
    variables = {
        profile.base_url_variable: base_url,
        **{host.variable: hosts[name] for name, host in profile.hosts.items()},
    }
    addresses = {name: address for name, address in variables.items() if name}
    return ExecutableWire(profile.executable, environment, addresses, credential, http, os.path.join(home, executions))


def is_executable(profile: Profile) -> bool:
    return profile.transport == "executable"


def sweep(home: str, ledger: Ledger) -> None:
    """Throws away what executables answered, as far as it is on record; what nobody knows of is kept."""
    folder = os.path.join(home, executions)
    names = os.listdir(folder) if os.path.isdir(folder) else []
    for name, row in ledger.jobs_by_id(names).items():
        execution = Execution(os.path.join(folder, name))
        if row.state not in (JobState.INTENDED, JobState.UNCERTAIN) and execution.standing() is not Standing.RUNNING:
            execution.forget()
