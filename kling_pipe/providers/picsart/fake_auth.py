"""Who calls: a bearer token, beside it the two headers of API-key use or the whole set of the command-line tool.

Written from picsart.md section 2. Its page names no other header that a caller must bring.
"""

from __future__ import annotations

from collections.abc import Mapping

from kling_pipe.providers.picsart.fake_fields import Rebuff
from kling_pipe.simulator.world import World

_of_keys = {"platform": "api", "x-touchpoint": "sdk"}
_of_the_tool = {
    "country-code": "US",
    "platform": "web",
    "touchpoint": "editor",
    "x-pa-platform": "web",
    "x-pa-touchpoint": "ai-studio",
    "x-platform": "web",
    "x-touchpoint": "ai-sdk.cli",
}


def account_of(headers: Mapping[str, str], world: World) -> str:
    """The account that a call's headers open (names in lower case); raises Rebuff."""
    scheme, _, token = headers.get("authorization", "").strip().partition(" ")
    if not scheme:
        raise Rebuff(401, "Unauthorized: the Authorization header is missing")
    account = world.account_of_key(token.strip(), "picsart") if scheme.lower() == "bearer" else None
    if account is None:
        raise Rebuff(401, "Unauthorized: the token is not valid")
    expected = _of_the_tool if "user-id" in headers else _of_keys
    for name, value in expected.items():
        if headers.get(name) != value:
            raise Rebuff(400, f"the {name} header must be {value}")
    if headers.get("user-id") == "":
        raise Rebuff(401, "Unauthorized: the user-id header is empty")
    return account
