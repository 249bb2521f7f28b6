"""The profile that works without a project file. runware.md section 1."""

from __future__ import annotations

from kling_pipe.values.profile import CredentialSource, Profile

profile = Profile(
    name="runware",
    type="runware",
    base_url="https://api.runware.ai",
    base_url_variable="RUNWARE_BASE_URL",
    api_key=CredentialSource(variable="RUNWARE_API_KEY"),
)
