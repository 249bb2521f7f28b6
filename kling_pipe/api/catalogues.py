"""The catalogues of providers, at the prices of a project."""

from __future__ import annotations

from functools import cache

from kling_pipe.plan.catalogue import Catalogue, load_catalogue
from kling_pipe.providers.table import table
from kling_pipe.story.project import Project
from kling_pipe.values.prices import no_own_prices


def catalogue_of(provider_type: str, project: Project) -> Catalogue:
    """A provider's catalogue; at its list prices it is read once in a process."""
    if not project.units_usd and project.prices == no_own_prices:
        return _at_list_prices(provider_type)
    return load_catalogue(provider_type, table[provider_type].read, project.units_usd, project.prices)


@cache
def _at_list_prices(provider_type: str) -> Catalogue:
    return load_catalogue(provider_type, table[provider_type].read)
