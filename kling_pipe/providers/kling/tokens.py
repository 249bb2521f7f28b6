"""JWTs from an access and a secret key, kept until shortly before they end. Claims: kling.md section 2, sure."""

from __future__ import annotations

import math
import warnings

from kling_pipe.values.secret import Secret

_lifetime = 1800  # seconds
_leeway = 5  # seconds a token begins before it is signed, against clocks that differ
_margin = 120  # seconds before its end at which a token is signed anew


class Tokens:
    """The cache of signed tokens, by key pair."""

    def __init__(self) -> None:
        self._tokens: dict[tuple[Secret, Secret], tuple[str, float]] = {}  # token, and when it was signed

    def token(self, access: Secret, secret: Secret, now: float) -> str:
        """A token that is good at `now`; one signed in the future of `now` is not, for the clock was set back."""
        kept = self._tokens.get((access, secret))
        if kept is None or not kept[1] <= now < kept[1] + _lifetime - _margin:
            kept = self._tokens[access, secret] = (_signed(access, secret, now), now)
        return kept[0]

    def forget(self) -> None:
        """Drops all tokens."""
        self._tokens.clear()


def _signed(access: Secret, secret: Secret, now: float) -> str:
    import jwt  # half of a bare start-up, and only a key pair needs it

    claims = {"iss": access.reveal(), "exp": math.floor(now) + _lifetime, "nbf": math.floor(now) - _leeway}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The HMAC key")  # the length of the secret is the vendor's choice
        return jwt.encode(claims, secret.reveal(), algorithm="HS256", headers={"typ": "JWT"})
