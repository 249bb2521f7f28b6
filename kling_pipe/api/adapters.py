"""The adapter of a profile, set up with what the profile and its project say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from kling_pipe.providers.provider import AdapterSettings, CredentialKind, Form, Provider
from kling_pipe.providers.table import table
from kling_pipe.story.project import Project
from kling_pipe.values.answer import Refusal
from kling_pipe.values.job import Route
from kling_pipe.values.profile import Profile


def adapter_of(profile: Profile, project: Project, *, simulated: bool = False) -> Provider:
    """A new adapter, with its own tokens. A simulated service is spoken to by HTTP: an executable would ask a real one,
    and a key knows no transport."""
    units = {pack: Decimal(price) for pack, price in {**project.units_usd, **profile.units_usd}.items()}
    return table[profile.type].adapter(AdapterSettings(units, profile.models, "" if simulated else profile.transport))


def route_of(
    adapter: Provider,
    kind: str,
    model: str,
    parameters: Mapping[str, object],
    local: Sequence[str],
    credential: CredentialKind | None,
    wired: Sequence[str],
) -> Route | Refusal:
    """The route of a job. What is only here needs no address where it is put into the service's own storage."""
    if local and adapter.uploads:
        found = adapter.route(kind, model, parameters, (), credential, wired)
        if isinstance(found, Route):
            local = tuple(field for field in local if Form.UPLOAD not in adapter.forms(kind, field, found))
    return adapter.route(kind, model, parameters, local, credential, wired)
