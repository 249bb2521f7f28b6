"""What the project file says: profiles, allowed folders, default budget, prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

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

    def profile(self, name: str) -> Profile | None:
        return self.profiles.get(name)


builtin_profiles: Mapping[str, Profile] = {
    "kling": Profile(
        name="kling",
        type="kling",
        base_url="https://api-singapore.klingai.com",
        base_url_variable="KLINGAI_BASE_URL",
        api_key=CredentialSource(variable="KLINGAI_API_KEY"),
        access_key=CredentialSource(variable="KLINGAI_ACCESS_KEY"),
        secret_key=CredentialSource(variable="KLINGAI_SECRET_KEY"),
        webhook_secret=CredentialSource(variable="KLINGAI_WEBHOOK_SECRET"),
    ),
}


def with_builtin_profiles(project: Project) -> Project:
    """The project with the profiles that work without a project file, under its own."""
    return replace(project, profiles={**builtin_profiles, **project.profiles})
