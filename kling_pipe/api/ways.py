"""What leads to the services of a run: profiles, credentials, addresses and uploaders, real or of a simulated world."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kling_pipe.api.lines import Way
from kling_pipe.api.reach import need_reach
from kling_pipe.api.workspace import Workspace
from kling_pipe.api.worlds import World
from kling_pipe.edge.credentials import find_webhook_secret
from kling_pipe.edge.transport import host_of
from kling_pipe.edge.uploads import Uploader, uploader_of
from kling_pipe.errors import CredentialFailure, UsageFailure
from kling_pipe.providers.provider import Credential
from kling_pipe.values.profile import Profile
from kling_pipe.values.secret import Secret


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways of one workspace into the real world, or into a simulated one."""

    workspace: Workspace
    world: World | None

    def checked(self, names: Iterable[str]) -> tuple[dict[str, Profile], dict[str, Credential]]:
        """The profiles of these names and their credentials; raises CredentialFailure when one is missing, also for the
        bucket that media are handed over by, and UsageFailure when a profile leads nowhere."""
        project = self.workspace.project
        profiles = {name: found for name in sorted(set(names)) if (found := project.profile(name)) is not None}
        for profile in profiles.values():
            need_reach(profile, self.workspace.environment, self.world)
            self.uploader(profile)
        return profiles, {name: self.credential(profile) for name, profile in profiles.items()}

    def leads_to(self, name: str) -> bool:
        """Whether a profile can be used now."""
        try:
            self.checked({name})
        except (CredentialFailure, UsageFailure):
            return False
        return True

    @property
    def way(self) -> Way:
        """The way to each of them alone."""
        return Way(self.workspace.environment, self.workspace.project.root, self.world)

    def credential(self, profile: Profile) -> Credential:
        return self.way.credential(profile)

    def webhook_secret(self, profile: Profile) -> Secret | None:
        if self.world is not None:
            return Secret(self.world.webhook_secret) if self.world.webhook_secret else None
        return find_webhook_secret(profile, self.workspace.environment, self.workspace.project.root)

    def base_url(self, profile: Profile) -> str:
        return self.way.address(profile)

    def own_hosts(self, profile: Profile) -> tuple[str, ...]:
        """The API's own host serves files too when it is not the public one: a simulator, a relay."""
        return (*profile.media_hosts, host_of(self.base_url(profile)))

    def uploader(self, profile: Profile) -> Uploader | None:
        uploads = self.world.uploads if self.world is not None else profile.uploads
        return uploader_of(uploads, self.workspace.environment, self.workspace.project.root)
