"""The profile that works without a project file: a gateway has no address of its own (gateway.md section 1)."""

from __future__ import annotations

from kling_pipe.values.profile import CredentialSource, Profile

profile = Profile(
    name="gateway",
    type="gateway",
    base_url_variable="KLING_GATEWAY_BASE_URL",
    api_key=CredentialSource(variable="KLING_GATEWAY_API_KEY"),
    poll_seconds=5.0,  # section 5: a query reads a table that is filled now and then, asking sooner gains nothing
)
