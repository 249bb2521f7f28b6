"""Who calls: the static API key everywhere, the signed pair on body-model and account endpoints only.

Written from kling.md section 2 and the texts of section 8; the token is read by hand, so that the adapter's library
is checked by something else than itself.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

from kling_pipe.providers.kling.fake_fields import Rebuff
from kling_pipe.simulator.world import World

no_pair = "the current API does not support AK/SK"


def account_of(header: str | None, *, path_model: bool, world: World, now: float) -> str:
    """The account that an Authorization header opens; `now` is real Unix seconds. Raises Rebuff (401)."""
    if not header or not header.strip():
        raise Rebuff(401, 1001, "Authorization is empty")
    scheme, _, token = header.strip().partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise Rebuff(401, 1002, "Authorization is invalid: expected a Bearer token")
    account = world.account_of_key(token)
    if account is not None:
        return account
    if path_model:
        raise Rebuff(401, 1002, no_pair)
    parts = token.split(".")
    if len(parts) != 3:
        found = 0 if len(parts) == 1 else len(parts)
        raise Rebuff(401, 1002, f"The token was expected to have 3 parts, but got {found}")
    return _signed(parts, world.secret_of, now)


def _signed(parts: list[str], secret_of: Callable[[str], tuple[str, str] | None], now: float) -> str:
    head, claims = _part(parts[0]), _part(parts[1])
    if head.get("alg") != "HS256":
        raise Rebuff(401, 1002, "Authorization is invalid: the algorithm must be HS256")
    owner = secret_of(str(claims.get("iss", "")))
    if owner is None:
        raise Rebuff(401, 1002, "Authorization is invalid: access key not found")
    account, secret = owner
    if not hmac.compare_digest(_raw(parts[2]), _mac(secret, f"{parts[0]}.{parts[1]}")):
        raise Rebuff(401, 1000, "authentication failed: the signature does not match")
    _check_times(claims, now)
    return account


def _check_times(claims: dict[str, Any], now: float) -> None:
    expires, begins = claims.get("exp"), claims.get("nbf")
    if isinstance(expires, bool) or not isinstance(expires, int | float):
        raise Rebuff(401, 1002, "Authorization is invalid: exp is missing")
    if now >= expires:
        raise Rebuff(401, 1004, "token is expired")
    if isinstance(begins, int | float) and now < begins:
        raise Rebuff(401, 1003, "token is not valid yet")


def _mac(secret: str, text: str) -> bytes:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()


def _raw(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""


def _part(text: str) -> dict[str, Any]:
    try:
        value = json.loads(_raw(text))
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise Rebuff(401, 1002, "Authorization is invalid: the token cannot be decoded")
    return value
