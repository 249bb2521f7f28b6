"""Who asks: headers of a request, or variables of the executable's environment; picsart.md sections 2 and 4."""

from __future__ import annotations

from kling_pipe.values.credential import Credential
from kling_pipe.values.wire import Request

# Said to every run of the executable: nothing is reported to anybody, and nothing is coloured.
environment = (("PULSE_OPT_OUT", "1"), ("NO_COLOR", "1"))
_of_keys = (("platform", "api"), ("X-Touchpoint", "sdk"))
# A user's own token goes with the user's id, and then with the headers that the service's tool sends in place of those
# of a key.
_of_users = (
    ("country-code", "US"),
    ("platform", "web"),
    ("touchpoint", "editor"),
    ("x-pa-platform", "web"),
    ("x-pa-touchpoint", "ai-studio"),
    ("X-Platform", "web"),
    ("X-Touchpoint", "ai-sdk.cli"),
)


def signed(request: Request, credential: Credential) -> Request:
    """The request, authorized. An executable takes a token with the user's id, or what it was signed in by."""
    token = credential.primary.reveal()
    user = credential.secondary.reveal() if credential.secondary is not None else ""
    if request.method == "RUN":
        if not user:
            return request
        return request.with_header("PICSART_ACCESS_TOKEN", token).with_header("PICSART_USER_ID", user)
    request = request.with_header("Authorization", f"Bearer {token}")
    for name, value in (("user-id", user), *_of_users) if user else _of_keys:
        request = request.with_header(name, value)
    return request
