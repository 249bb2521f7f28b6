"""The skill's token and header are those that Kling's adapter signs a request with."""

from __future__ import annotations

import base64
import json
from typing import Any

from kling_pipe.providers.table import table
from kling_pipe.values.credential import Credential, CredentialKind
from kling_pipe.values.secret import Secret
from kling_pipe.values.wire import Request

_pair = Credential(CredentialKind.KEY_PAIR, Secret("access"), Secret("a secret of more than thirty-two letters"))
_now = 1_795_000_000.0


def test_a_token_says_what_the_example_says() -> None:
    signed = table["kling"].adapter(None).sign(Request("GET", "/v1/tasks"), _pair, _now)
    scheme, _, token = dict(signed.headers)["Authorization"].partition(" ")
    header, claims, _signature = token.split(".")
    assert scheme == "Bearer"
    assert read(header) == {"alg": "HS256", "typ": "JWT"}
    assert read(claims) == {"iss": "access", "exp": int(_now) + 1800, "nbf": int(_now) - 5}


def read(part: str) -> Any:
    """A part of a token."""
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
