"""The catalogues of profiles, at the prices of their own and of their project."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache

from kling_pipe.errors import Problem
from kling_pipe.plan.catalogue import Catalogue, load_catalogue
from kling_pipe.plan.wrong_own import wrong_models, wrong_prices
from kling_pipe.providers.plugins import BrokenProvider
from kling_pipe.providers.table import table
from kling_pipe.story.project import Project
from kling_pipe.values.prices import OwnPrices, no_own_prices
from kling_pipe.values.profile import Profile


class ProfileCatalogues:
    """The catalogues of a project's profiles, each loaded when it is first needed; profiles of one type with no prices
    of their own share one."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._loaded: dict[tuple[str, str], Catalogue] = {}

    def of(self, profile: Profile) -> Catalogue:
        has_own = bool(profile.units_usd) or profile.prices != no_own_prices
        key = (profile.type, profile.name if has_own else "")
        if key not in self._loaded:
            self._loaded[key] = _catalogue(profile, self.project)
        return self._loaded[key]

    def of_types(self) -> Iterator[tuple[Profile, Catalogue]]:
        """One for every provider type there is, with the profile of the type's name; a plug-in whose models cannot
        be read is none."""
        for name, entry in table.items():
            written = self.project.profile(name)
            profile = written if written and written.type == name else entry.profile
            try:
                yield profile, self.of(profile)
            except BrokenProvider:
                continue

    def wrong_own(self) -> tuple[Problem, ...]:
        """What the project file says of its own about models and prices that means nothing to its providers."""
        found: list[Problem] = []
        found += wrong_prices(lambda: (catalogue for _, catalogue in self.of_types()), self.project.prices)
        for profile in self.project.written_profiles:
            if profile.type in table:
                found += wrong_prices(lambda profile=profile: [self.of(profile)], profile.prices)  # type: ignore[misc]
                if profile.models_at:
                    allow = profile.allow_unknown_models
                    found += wrong_models(self.of(profile), profile.models_at, self._is_known, allow_unknown=allow)
        return tuple(found)

    def _is_known(self, name: str) -> bool:
        """Whether any provider has a model of this name."""
        return any(catalogue.canonical(name) for _, catalogue in self.of_types())


def _catalogue(profile: Profile, project: Project) -> Catalogue:
    """At list prices it is read once in a process."""
    units = {**project.units_usd, **profile.units_usd}
    prices = project.prices if profile.prices == no_own_prices else replace(profile.prices, under=project.prices)
    if not units and prices == no_own_prices:
        return _at_list_prices(profile.type)
    return _read(profile.type, units, prices)


@cache
def _at_list_prices(provider_type: str) -> Catalogue:
    return _read(provider_type, {}, no_own_prices)


def _read(provider_type: str, units_usd: Mapping[str, str], prices: OwnPrices) -> Catalogue:
    """Raises BrokenProvider where a plug-in's models cannot be read; all of them are looked at, once."""
    with table.guarded(provider_type):
        catalogue = load_catalogue(provider_type, table[provider_type].read, units_usd, prices)
        if provider_type not in table.builtin:
            catalogue.rows()
    return catalogue
