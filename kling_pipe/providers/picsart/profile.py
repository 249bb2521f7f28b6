"""The profile that works without a project file. picsart.md section 2."""

from __future__ import annotations

from kling_pipe.values.profile import CredentialSource, Host, Profile

profile = Profile(
    name="picsart",
    type="picsart",
    base_url="https://api.picsart.com",
    base_url_variable="GEN_AI_API_URL",
    api_key=CredentialSource(variable="PICSART_ACCESS_TOKEN"),
    user=CredentialSource(variable="PICSART_USER_ID"),
    executable="gen-ai",
    hosts={"upload": Host("https://upload.picsart.com", "GEN_AI_UPLOAD_URL")},
)
