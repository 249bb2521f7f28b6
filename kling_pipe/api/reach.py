"""Whether a profile leads anywhere, over HTTP or by its own executable; what is missing is told before money moves.

A simulated world has addresses of its own, so nothing here is asked for it.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping

from kling_pipe.api.worlds import World, base_url_of, hosts_of
from kling_pipe.edge.transport import checked_address
from kling_pipe.errors import UsageFailure
from kling_pipe.providers.table import table
from kling_pipe.values.profile import Profile

_without = "; or try it without any, and without cost: add `--simulate`"


class LeadsNowhere(UsageFailure):
    """A profile that no request could leave by; what is planned on it is planned all the same."""


def need_reach(profile: Profile, environment: Mapping[str, str], world: World | None = None) -> None:
    """Raises LeadsNowhere where the profile leads nowhere."""
    if world is not None:
        _need_fake(profile)
        return
    if profile.transport == "executable":
        if shutil.which(profile.executable, path=environment.get("PATH", "")) is None:
            message = f"the executable `{profile.executable}` of profile `{profile.name}` is not there"
            hint = f"write its path as `executable:` in the profile{_without}"
            raise LeadsNowhere("no-executable", message, span=profile.span, hint=hint)
    elif not base_url_of(profile, environment):
        variable = f"set `{profile.base_url_variable}`, or " if profile.base_url_variable else ""
        message = f"profile `{profile.name}` has no base URL"
        hint = f"{variable}write `base_url:` in the profile{_without}"
        raise LeadsNowhere("no-base-url", message, span=profile.span, hint=hint)
    for address in (base_url_of(profile, environment), *hosts_of(profile, environment).values()):
        try:
            checked_address(address) if address else None
        except UsageFailure as failure:
            raise LeadsNowhere(failure.code, failure.message, hint=failure.hint) from None


def _need_fake(profile: Profile) -> None:
    """Raises BrokenProvider where a plug-in brings no service that can be simulated."""
    with table.guarded(profile.type):
        table[profile.type].load_fake()
