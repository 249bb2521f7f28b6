"""What the project file says: profiles, allowed folders, default budget, prices."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import cast

from kling_pipe.values.money import Cap
from kling_pipe.values.prices import OwnPrices, no_own_prices
from kling_pipe.values.profile import BucketUploads as BucketUploads
from kling_pipe.values.profile import CredentialSource as CredentialSource
from kling_pipe.values.profile import FolderUploads as FolderUploads
from kling_pipe.values.profile import Profile as Profile
from kling_pipe.values.profile import Uploads as Uploads

project_file_name = "kling-pipe.yaml"


@dataclass(frozen=True, slots=True)
class Project:
    """The project: `root` is the folder of the project file, or the storyboard's own folder without one."""

    root: str
    path: str = ""  # of the project file; "" without one
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    allowed_folders: tuple[str, ...] = ()  # absolute
    budget: Cap | None = None
    confirm_above: Cap | None = None  # on a terminal; without it everything that costs money is asked about
    units_usd: Mapping[str, str] = field(default_factory=dict)  # price of one unit per pack, overriding the catalogue
    prices: OwnPrices = no_own_prices  # of models
    default_profile: str = ""  # makes the steps of a storyboard that names none

    @property
    def written_profiles(self) -> tuple[Profile, ...]:
        """Those that the project file has."""
        written = self.profiles.maps[0] if isinstance(self.profiles, ChainMap) else self.profiles
        return tuple(written.values())

    def profile(self, name: str) -> Profile | None:
        return self.profiles.get(name)


def with_builtin_profiles(project: Project, builtin: Mapping[str, Profile]) -> Project:
    """The project with the profiles that work without a project file, under its own; the first of them makes the steps
    of a storyboard that names none. `builtin` is looked through only where a name is not among the project's own."""
    profiles = ChainMap(dict(project.profiles), cast(dict[str, Profile], builtin))  # it writes to the first alone
    return replace(project, profiles=profiles, default_profile=next(iter(builtin), ""))
