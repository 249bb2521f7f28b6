"""Takes credentials out of a text before anybody sees it; the last net, under values that never show themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping

_secret_name = re.compile(r"KEY|SECRET|TOKEN|PASSWORD|CREDENTIAL", re.IGNORECASE)
_shortest = 6  # shorter values would blank out ordinary words
_bearer = re.compile(r"(?i)\b(bearer\s+)[A-Za-z0-9._~+/=-]+")
_web_token = re.compile(r"\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")


def scrubbed(text: str, environment: Mapping[str, str]) -> str:
    """The text with every secret of the environment, bearer value and JSON web token replaced by `****`."""
    secrets = (value for name, value in environment.items() if len(value) >= _shortest and _secret_name.search(name))
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "****")
    return _web_token.sub("****", _bearer.sub(r"\1****", text))
