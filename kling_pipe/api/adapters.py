"""The adapter of a profile, set up with what the profile and its project say."""

from __future__ import annotations

from decimal import Decimal

from kling_pipe.providers.provider import AdapterSettings, Provider
from kling_pipe.providers.table import table
from kling_pipe.story.project import Project
from kling_pipe.values.profile import Profile


def adapter_of(profile: Profile, project: Project) -> Provider:
    """A new adapter, with its own tokens."""
    units = {pack: Decimal(price) for pack, price in {**project.units_usd, **profile.units_usd}.items()}
    return table[profile.type].adapter(AdapterSettings(units, profile.models, profile.transport))
