"""The profile that works without a project file. kling.md section 2."""

from __future__ import annotations

from kling_pipe.values.profile import CredentialSource, Profile

profile = Profile(
    name="kling",
    type="kling",
    base_url="https://api-singapore.klingai.com",
    base_url_variable="KLINGAI_BASE_URL",
    api_key=CredentialSource(variable="KLINGAI_API_KEY"),
    access_key=CredentialSource(variable="KLINGAI_ACCESS_KEY"),
    secret_key=CredentialSource(variable="KLINGAI_SECRET_KEY"),
    webhook_secret=CredentialSource(variable="KLINGAI_WEBHOOK_SECRET"),
)
