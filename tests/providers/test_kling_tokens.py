"""Authorization with a key and with a pair: claims, caching, clocks, secrecy."""

from __future__ import annotations

import jwt

from kling_pipe.providers.kling.adapter import KlingProvider
from kling_pipe.values.credential import Credential, CredentialKind
from kling_pipe.values.secret import Secret
from kling_pipe.values.wire import Request

secret = "s" * 32
request = Request("GET", "/v1/videos/text2video")
pair = Credential(CredentialKind.KEY_PAIR, Secret("access"), Secret(secret))


def token(provider: KlingProvider, now: float, credential: Credential = pair) -> str:
    headers = dict(provider.sign(request, credential, now).headers)
    return headers["Authorization"].removeprefix("Bearer ")


def test_a_key_travels_as_it_is() -> None:
    key = Credential(CredentialKind.API_KEY, Secret("api-key-kling-1"))
    assert token(KlingProvider(), 0.0, key) == "api-key-kling-1"


def test_a_pair_becomes_a_token() -> None:
    made = token(KlingProvider(), 1_790_000_000.9)
    assert jwt.get_unverified_header(made) == {"alg": "HS256", "typ": "JWT"}
    assert jwt.decode(made, secret, ["HS256"], options={"verify_exp": False, "verify_nbf": False}) == {
        "iss": "access", "exp": 1_790_001_800, "nbf": 1_789_999_995,
    }  # fmt: skip


def test_a_token_is_kept_until_two_minutes_before_its_end() -> None:
    provider = KlingProvider()
    assert token(provider, 1000.0) == token(provider, 1000.0 + 1679)
    assert token(provider, 1000.0) != token(provider, 1000.0 + 1680)


def test_a_clock_set_back_signs_anew() -> None:
    provider = KlingProvider()
    assert token(provider, 1000.0) != token(provider, 900.0)


def test_a_forgotten_token_is_signed_anew() -> None:
    provider = KlingProvider()
    first = token(provider, 1000.0)
    provider.forget_tokens()
    assert token(provider, 1060.0) != first


def test_each_pair_has_its_own_token() -> None:
    provider = KlingProvider()
    other = Credential(CredentialKind.KEY_PAIR, Secret("access"), Secret("t" * 32))
    assert token(provider, 1000.0) != token(provider, 1000.0, other)


def test_a_short_secret_signs_without_a_word() -> None:
    short = Credential(CredentialKind.KEY_PAIR, Secret("a"), Secret("b"))
    assert token(KlingProvider(), 1000.0, short).count(".") == 2


def test_a_signed_request_does_not_show_its_credential() -> None:
    provider = KlingProvider()
    assert "Bearer" not in repr(provider.sign(request, pair, 0.0))
    assert secret not in repr(vars(provider))
