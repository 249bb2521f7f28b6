"""The profile that works without a project file."""

from kling_pipe.values.profile import CredentialSource, Profile

profile = Profile(
    name="lantern",
    type="lantern",
    base_url="https://api.lantern.example",
    base_url_variable="LANTERN_BASE_URL",
    api_key=CredentialSource(variable="LANTERN_API_KEY"),
)
