"""A text that never shows itself; reading it takes a named call."""

from __future__ import annotations

import re

# What makes an address a credential: the signatures of S3, Google and Azure, and who signed; also within JSON.
_signed = re.compile(
    r"((?:x-(?:amz|goog)-(?:signature|credential|security-token)|(?:[?&;]|u0026)sig)(?:=|%3D))[^\s&\"'<>\\]+",
    re.IGNORECASE,
)


class Secret:
    """Holds a credential and prints as `****` everywhere."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The credential itself; called only where a request is signed."""
        return self._text

    def __repr__(self) -> str:
        return "****"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> str:
        raise TypeError("a secret cannot be pickled")


def unsigned(text: str) -> str:
    """What a service says, without the signatures of addresses it repeats: whoever has one can fetch the file."""
    return _signed.sub(r"\1****", text) if "sig" in text.lower() or "x-" in text.lower() else text
